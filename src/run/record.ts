import { statSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import { tracePartsOf } from '../trace/parts.ts'
import { openTrace } from '../trace/reader.ts'
import { checkTraceBound } from '../trace/rotating.ts'
import type { RunEvents } from './events.ts'
import { parseExplore } from './explore.ts'
import type { GroundSpec } from './grounds/spec.ts'
import { type RunResult, type TrainRequest, train } from './train.ts'
import { trainOnGround } from './train-on-ground.ts'

export interface RecordRequest extends Omit<TrainRequest, 'agent' | 'agentOptions'> {
  /** A simulated board, a measured table or a trace's world; undefined: this machine. */
  readonly ground: GroundSpec | undefined
  /** `epsilon:0.2`, `softmax:0.3`, `safe:20%` (run/explore.ts). */
  readonly explore: string
  readonly incumbent: string
}

export interface RecordResult extends RunResult {
  readonly explore: string
  readonly incumbent: string
  /** Length of a decision in the trace, its share of the header included, B. */
  readonly decisionSizeB: number
  /** Decisions that went with the oldest parts of a bounded trace. */
  readonly removed: number
}

/** Logs decisions of `explorer`, with true propensities, for replay to answer questions from. Leaves a folder as `train` does; on other grounds than the board without run.json, as it governs nothing. */
export async function record(request: RecordRequest, events: RunEvents): Promise<RecordResult> {
  const { ground, explore, incumbent, maxSizeB } = request
  // Before an earlier run is given up for this one.
  if (maxSizeB !== undefined) checkTraceBound(maxSizeB)
  const asked = { ...request, agent: 'explorer', agentOptions: parseExplore(explore) }
  if (request.existing === 'resume') throw new FlyballError('ERR_USAGE', '--resume: a recording begins anew, expected another --out or --force')
  const result = ground === undefined ? await train(asked, events) : await trainOnGround({ ...asked, ground }, events)
  const sizeB = tracePartsOf(result.trace).reduce((sum, file) => sum + statSync(file).size, 0)
  const removed = openTrace(result.trace).header.startStep
  return { ...result, explore, incumbent, decisionSizeB: sizeB / (result.steps - removed), removed }
}
