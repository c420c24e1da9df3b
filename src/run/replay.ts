import { findAgent } from '../../agents/index.ts'
import { checkSpacesFit } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Agent } from '../core/agent.ts'
import { openTrace, type TornLine, type TraceReader } from '../trace/reader.ts'
import { checkpointPath, traceFile } from './folder.ts'
import { judgePolicy, type PolicyValue } from './judge-policy.ts'
import { agentInputOf, type Reexecution, reexecute } from './reexecute.ts'

export interface ReplayResult {
  readonly trace: string
  readonly agent: string
  readonly execution: Reexecution & { readonly exact: boolean }
  readonly torn: TornLine | null
  readonly policies: readonly PolicyValue[]
}

/** Runs a trace's agent again and compares every decision; then values frozen policies on the log. */
export async function replay(trace: string, policies: readonly string[]): Promise<ReplayResult> {
  const path = traceFile(trace)
  const reader = openTrace(path)
  const { header } = reader
  const kind = findAgent(header.agent.name)
  const execution = await reexecute(header, reader.entries(), kind.make)
  return {
    trace: path,
    agent: header.agent.name,
    execution: { ...execution, exact: execution.firstMismatch === undefined },
    torn: reader.torn() ?? null,
    policies: policies.map((policy) => judgePolicy(policy, frozenPolicy(policy, reader), reader)),
  }
}

/** The greedy policy of a checkpoint. Throws ERR_SPACE_MISMATCH where it was made for other points than the log's. */
function frozenPolicy(policy: string, { header }: TraceReader): Agent {
  const checkpoint = readCheckpoint(checkpointPath(policy))
  checkSpacesFit(checkpoint.spaces, header.spaces)
  return findAgent(checkpoint.agent.name).make({
    ...agentInputOf(header),
    options: checkpoint.agent.options,
    seed: checkpoint.seed,
    data: checkpoint.agent.data,
    frozen: true,
  })
}
