import { findAgent } from '../../agents/index.ts'
import { checkSpacesFit } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Agent } from '../core/agent.ts'
import { openLog, type TraceLog } from '../trace/log.ts'
import type { TornLine } from '../trace/reader.ts'
import { checkpointPath, traceFile } from './folder.ts'
import { makeJudge, type PolicyValue } from './judge-policy.ts'
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
  const log = await openLog(path)
  try {
    const { header } = log
    const execution = await reexecute(header, log.entries(), findAgent(header.agent.name).make)
    return {
      trace: path,
      agent: header.agent.name,
      execution: { ...execution, exact: execution.firstMismatch === undefined },
      torn: log.torn() ?? null,
      policies: await judged(policies, log, execution.decisions),
    }
  } finally {
    log.close()
  }
}

async function judged(policies: readonly string[], log: TraceLog, decisions: number): Promise<PolicyValue[]> {
  if (policies.length === 0) return []
  // What cannot be read or does not fit is said before anything is learned.
  const agents = policies.map((policy) => ({ policy, agent: frozenPolicy(policy, log) }))
  const { judge } = await makeJudge(log, decisions)
  const values: PolicyValue[] = []
  for (const { policy, agent } of agents) values.push(await judge(policy, agent))
  return values
}

/** The greedy policy of a checkpoint. Throws ERR_SPACE_MISMATCH where it was made for other points than the log's. */
function frozenPolicy(policy: string, { header }: TraceLog): Agent {
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
