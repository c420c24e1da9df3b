import { findBoardAgent } from '../../agents/index.ts'
import type { AgentInput } from '../core/agent.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective } from '../core/objective.ts'
import { beginTrace } from '../trace/rotating.ts'
import { resolvePhases } from './compare/phases.ts'
import type { RunEvents } from './events.ts'
import { checkExplains } from './explained.ts'
import { clearRun, prepareFolder } from './folder.ts'
import { openGround } from './grounds/open.ts'
import type { GroundSpec } from './grounds/spec.ts'
import { guardGround } from './guarded-ground.ts'
import { readIncumbent } from './incumbent.ts'
import { interruptible } from './interruptible.ts'
import { agentInput, headerOf, type LearningSession } from './session.ts'
import { learn, type RunResult, type TrainRequest } from './train.ts'

export interface GroundTrainRequest extends Omit<TrainRequest, 'board' | 'network'> {
  readonly ground: GroundSpec
}

/**
 * Learns on a simulated board, a measured table or the world of a trace. Leaves a folder as `train` does, without run.json, as there is nothing that the policy could be put in charge of. Throws ERR_USAGE for what such
 * a run cannot do, and what opening the ground and the folder throws.
 */
export async function trainOnGround(request: GroundTrainRequest, events: RunEvents): Promise<RunResult> {
  const { seed, agentOptions, existing, explain } = request
  if (existing === 'resume') throw new FlyballError('ERR_USAGE', '--resume: a run off the board begins anew, expected another --out or --force')
  if (request.transfer !== undefined)
    throw new FlyballError(
      'ERR_USAGE',
      '--transfer: what was learned is carried over to a board or a table of it, expected --env board or table:NAME',
    )
  const kind = findBoardAgent(request.agent ?? 'q-learning')
  const ground = openGround(request.ground)
  const { nominal, energyScope, spaces } = ground
  const { requirements, objective } = resolvePhases(request.wish, ground)
  const settings: LearningSession['settings'] = {
    seed,
    agent: { name: kind.name, options: { ...agentOptions } },
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
  const incumbent: Pick<AgentInput, 'incumbent'> = request.incumbent === undefined ? {} : { incumbent: readIncumbent(request.incumbent, spaces) }
  const agent = kind.make({ ...agentInput(session, false), ...incumbent })
  if (explain !== undefined) checkExplains(kind.name, agent)
  const folder = prepareFolder(request.out, existing)
  clearRun(folder)
  // Without its incumbent an explorer's log could not be re-executed.
  const initial = request.incumbent === undefined ? null : agent.save()
  const header = headerOf(session, { name: ground.id, options: { labels: ground.labels, guard: request.guard ?? {} } }, { frozen: false, initial }, 0)
  const writer = beginTrace(folder.trace, header, request.maxSizeB)
  const start = await session.env.reset({ seed })
  const { result } = await learn({ session, agent, folder, writer, header, start, from: 0, to: request.steps, events, explain })
  return result
}
