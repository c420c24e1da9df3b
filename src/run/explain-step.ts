import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { openLog, type TraceLog } from '../trace/log.ts'
import type { DecisionRecord } from '../trace/record.ts'
import { checkExplains, type ExplainedDecision, explainDecision, requirementsSeen } from './explained.ts'
import { traceFile } from './folder.ts'
import { whyNoAgent } from './offline/shape.ts'
import { type Mismatch, reliveTo } from './reexecute.ts'

/** One decision of a log, with what is needed to read it. */
export interface ReplayedDecision extends Pick<ExplainedDecision, 'spaces' | 'objective' | 'requirements'> {
  readonly trace: string
  readonly agent: string
  readonly record: DecisionRecord
  /** What the agent began the trace with: the state of a checkpoint at its first step, or nothing but the seed. */
  readonly began: { readonly from: 'checkpoint' | 'nothing'; readonly step: number; readonly seed: number; readonly frozen: boolean }
  /** Set where the agent decides otherwise than logged, there or before: then nothing is explained. */
  readonly mismatch: Mismatch | null
  /** Of agents that explain, where it was asked for. */
  readonly explained: ExplainedDecision | null
}

/** Runs a trace's agent again up to one decision, exactly, and asks it why. Throws ERR_RANGE where the trace does not hold that decision, ERR_USAGE for an agent that explains nothing. */
export async function explainStep(trace: string, step: number, explain: boolean): Promise<ReplayedDecision> {
  const path = traceFile(trace)
  const log = await openLog(path)
  return explainFrom(path, log, step, explain).finally(log.close)
}

async function explainFrom(path: string, log: TraceLog, step: number, explain: boolean): Promise<ReplayedDecision> {
  const { header } = log
  const { spaces, objective, seed, startStep } = header
  const { name, frozen, initial } = header.agent
  if (header.runs !== undefined)
    throw new FlyballError('ERR_USAGE', `--step: ${path} ${whyNoAgent(header)}, expected the trace of one run as flyball wrote it`)
  const relived = await reliveTo(header, log.entries(), findAgent(name).make, step)
  if (relived === undefined) throw new FlyballError('ERR_RANGE', `--step: ${path} does not hold decision ${step}, expected ${await rangeOf(log)}`)
  const { agent, record, requirements, mismatch } = relived
  const { observation, mask } = record
  if (explain) checkExplains(name, agent)
  const context = { spaces, objective, requirements }
  const explained = explain && mismatch === undefined ? explainDecision(agent, step, observation, mask, record, context) : undefined
  return {
    trace: path,
    agent: name,
    record,
    requirements: requirementsSeen(spaces, observation, requirements),
    spaces,
    objective,
    began: { from: initial === null ? 'nothing' : 'checkpoint', step: startStep, seed, frozen },
    mismatch: mismatch ?? null,
    explained: explained ?? null,
  }
}

async function rangeOf(log: TraceLog): Promise<string> {
  let [first, last] = [-1, -1]
  for await (const { kind, step } of log.entries()) {
    if (kind !== 'decision') continue
    if (first < 0) first = step
    last = step
  }
  return first < 0 ? 'a trace that holds decisions' : `${first} to ${last}`
}
