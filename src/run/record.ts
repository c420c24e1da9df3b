import { statSync } from 'node:fs'
import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective } from '../core/objective.ts'
import { tracePartsOf } from '../trace/parts.ts'
import { openTrace } from '../trace/reader.ts'
import { beginTrace, checkTraceBound } from '../trace/rotating.ts'
import { resolvePhases } from './compare/phases.ts'
import type { RunEvents } from './events.ts'
import { parseExplore } from './explore.ts'
import { clearRun, prepareFolder } from './folder.ts'
import { openGround } from './grounds/open.ts'
import type { GroundSpec } from './grounds/spec.ts'
import { guardGround } from './guarded-ground.ts'
import { readIncumbent } from './incumbent.ts'
import { interruptible } from './interruptible.ts'
import { learn, type RunResult } from './learn.ts'
import { agentInput, headerOf, type LearningSession } from './session.ts'
import { tellInfeasible } from './tell-infeasible.ts'
import { type TrainRequest, train } from './train.ts'

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
  const result = ground === undefined ? await train(asked, events) : await recordOnGround({ ...asked, ground }, events)
  const sizeB = tracePartsOf(result.trace).reduce((sum, file) => sum + statSync(file).size, 0)
  const removed = openTrace(result.trace).header.startStep
  return { ...result, explore, incumbent, decisionSizeB: sizeB / (result.steps - removed), removed }
}

async function recordOnGround(
  request: RecordRequest & { readonly ground: GroundSpec; readonly agentOptions: Readonly<Record<string, number | boolean>> },
  events: RunEvents,
): Promise<RunResult> {
  const { seed, agentOptions } = request
  const ground = openGround(request.ground)
  const { nominal, energyScope, spaces } = ground
  const { requirements, objective } = resolvePhases(request.wish, ground)
  tellInfeasible(requirements, spaces, nominal, events)
  const settings: LearningSession['settings'] = {
    seed,
    agent: { name: 'explorer', options: { ...agentOptions } },
    requirements: requirements[0] as LearningSession['settings']['requirements'],
    objective,
    nominal: [...nominal],
  }
  const session: LearningSession = {
    settings,
    env: interruptible(guardGround(ground, ground.open(requirements), request.guard)),
    objective: makeObjective(objective, nominal),
    open: { boardId: { id: ground.id, fingerprint: '' }, networkId: null, runtime: { meter: { scope: energyScope } } },
  }
  const agent = findAgent('explorer').make({ ...agentInput(session, false), incumbent: readIncumbent(request.incumbent, spaces) })
  const folder = prepareFolder(request.out, request.existing)
  clearRun(folder)
  const header = headerOf(session, { name: ground.id, options: { labels: ground.labels } }, { frozen: false, initial: agent.save() }, 0)
  const writer = beginTrace(folder.trace, header, request.maxSizeB)
  const start = await session.env.reset({ seed })
  const { result } = await learn({ session, agent, folder, writer, header, start, from: 0, to: request.steps, events, explain: request.explain })
  return result
}
