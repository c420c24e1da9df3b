import { agentOf, findBoardAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective } from '../core/objective.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { findTable } from '../table/find.ts'
import { readTable } from '../table/read.ts'
import { createTrace } from '../trace/writer.ts'
import { resolvePhases } from './compare/phases.ts'
import type { RunEvents } from './events.ts'
import { checkExplains } from './explained.ts'
import { clearRun, prepareFolder } from './folder.ts'
import { openGround } from './grounds/open.ts'
import type { GroundSpec } from './grounds/spec.ts'
import { guardGround } from './guarded-ground.ts'
import { interruptible } from './interruptible.ts'
import { defaultGuard } from './open-board.ts'
import { agentInput, headerOf, type LearningSession } from './session.ts'
import { type RunSettings, settingsSchemaName } from './settings.ts'
import { originOf as tableOrigin } from './table-origin.ts'
import { learn, originOf, type RunResult, type TrainRequest } from './train.ts'
import { readTransfer } from './transfer.ts'
import { versions } from './versions.ts'

export interface TableTrainRequest extends Omit<TrainRequest, 'board' | 'network'> {
  /** A table that `flyball profile` wrote, whole. */
  readonly ground: GroundSpec
}

/**
 * Learns on a measured table of a board and leaves a run that `deploy` puts in charge of that board. Throws ERR_TABLE for a table of something else, and what opening
 * the table, its scenario and the folder throws.
 */
export async function trainOnTable(request: TableTrainRequest, events: RunEvents): Promise<RunResult> {
  const { ground: spec, wish, seed, agentOptions } = request
  if (request.existing === 'resume') throw new FlyballError('ERR_USAGE', '--resume: a run on a table is short, expected --force to start over')
  const asked = request.transfer === undefined ? undefined : readTransfer(request.transfer, request.agent)
  const kind = asked?.kind ?? findBoardAgent(request.agent ?? 'q-learning')
  const pair = findTable(spec.source, spec.options.tables)
  const { board, network, networkSource, env: boardSettings } = tableOrigin(readTable(pair))
  const ground = openGround(spec)
  const { nominal, energyScope, open } = ground
  asked?.checkElsewhere({ spaces: ground.spaces, board, network })
  const { requirements, objective } = resolvePhases(wish, ground)
  const settings: RunSettings = {
    schema: settingsSchemaName,
    createdAt: new Date().toISOString(),
    versions: versions(),
    seed,
    env: { ...boardSettings, guard: { ...(boardSettings.guard ?? defaultGuard), ...request.guard } },
    network: networkSource,
    agent: { name: kind.name, options: { ...agentOptions } },
    requirements: requirements[0] as RunSettings['requirements'],
    objective,
    nominal: [...nominal],
    learnedOn: { table: pair.json, ...(spec.scenario === undefined ? {} : { scenario: spec.scenario }), noiseRatio: spec.options.noiseRatio },
    ...originOf(asked, events),
  }
  const session: LearningSession = {
    settings,
    env: interruptible(guardGround(ground, open(requirements), request.guard)),
    objective: makeObjective(objective, nominal),
    open: { boardId: board, networkId: network, runtime: { meter: { scope: energyScope } } },
  }
  const transfer = asked === undefined ? {} : { transfer: asked.transfer }
  const agent = agentOf(kind.name, { ...agentInput(session, false), ...transfer }, `--transfer ${request.transfer}`)
  if (request.explain !== undefined) checkExplains(kind.name, agent)
  const folder = prepareFolder(request.out, request.existing)
  clearRun(folder)
  writeFileAtomic(folder.settings, `${JSON.stringify(settings, null, 2)}\n`)
  const header = headerOf(
    session,
    { name: 'table', options: { ...settings.learnedOn } },
    { frozen: false, initial: asked === undefined ? null : agent.save() },
    0,
  )
  const writer = createTrace(folder.trace, header)
  const start = await session.env.reset({ seed })
  const { result } = await learn({ session, agent, folder, writer, start, from: 0, to: request.steps, events, explain: request.explain })
  return result
}
