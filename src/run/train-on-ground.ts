import { resolve } from 'node:path'
import { agentOf, findAgent, findBoardAgent } from '../../agents/index.ts'
import { checkFits } from '../checkpoint/fits.ts'
import type { BoardId, NetworkId } from '../checkpoint/parts.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { findTable } from '../table/find.ts'
import { readTable } from '../table/read.ts'
import { createTrace, rollBackTrace } from '../trace/writer.ts'
import { resolvePhases } from './compare/phases.ts'
import { type RunEvents, resumeText } from './events.ts'
import { checkExplains } from './explained.ts'
import { clearRun, prepareFolder, type RunFolder } from './folder.ts'
import { readGeneration } from './generation.ts'
import type { Ground } from './grounds/ground.ts'
import { openGround } from './grounds/open.ts'
import { isFile } from './grounds/own-file.ts'
import { defaultGroundOptions, type GroundSpec } from './grounds/spec.ts'
import { guardGround } from './guarded-ground.ts'
import { interruptible } from './interruptible.ts'
import { learn, type RunResult } from './learn.ts'
import { liveThrough } from './live-through.ts'
import { defaultGuard } from './open-board.ts'
import { agentInput, headerOf, type LearningSession } from './session.ts'
import { type GroundSettings, readGroundSettings, settingsSchemaName, settledOn } from './settings.ts'
import { networkNamed } from './shipped.ts'
import { originOf as tableOrigin } from './table-origin.ts'
import { tellInfeasible } from './tell-infeasible.ts'
import { originOf, type TrainRequest } from './train.ts'
import { readTransfer } from './transfer.ts'
import { versions } from './versions.ts'

export interface GroundTrainRequest extends Omit<TrainRequest, 'board' | 'network'> {
  /** A table that `flyball profile` wrote, whole, or a simulated board. */
  readonly ground: GroundSpec
}

/** Board and network of a ground. A table's are those it was measured with. */
interface Origin {
  readonly env?: GroundSettings['env']
  readonly network?: string
  readonly boardId: BoardId
  readonly networkId: NetworkId | null
  readonly table?: string
}

function originOfGround(spec: GroundSpec, ground: Ground): Origin {
  if (spec.kind === 'sim') return { boardId: { id: ground.id, fingerprint: '' }, networkId: null }
  const pair = findTable(spec.source, spec.options.tables)
  const { board, network, networkSource, env } = tableOrigin(readTable(pair))
  return { boardId: board, networkId: network, network: networkNamed(networkSource), env, table: resolve(pair.json) }
}

/**
 * Learns on a measured table of a board, and leaves a run that `deploy` puts in charge of that board, or on a simulated board. Throws ERR_TABLE for a table of
 * something else, and what opening the ground, its scenario and the folder throws.
 */
export async function trainOnGround(request: GroundTrainRequest, events: RunEvents): Promise<RunResult> {
  const { ground: spec, wish, seed, agentOptions } = request
  const asked = request.transfer === undefined ? undefined : readTransfer(request.transfer, request.agent)
  const kind = asked?.kind ?? findBoardAgent(request.agent ?? 'q-learning')
  const ground = openGround(spec)
  const origin = originOfGround(spec, ground)
  asked?.checkElsewhere({ spaces: ground.spaces, board: origin.boardId, network: origin.networkId })
  const { requirements, objective } = resolvePhases(wish, ground)
  tellInfeasible(requirements, ground.spaces, ground.nominal, events)
  const { source, scenario, options } = spec
  const settings = settledOn({
    schema: settingsSchemaName,
    createdAt: new Date().toISOString(),
    versions: versions(),
    seed,
    ...(origin.env === undefined ? {} : { env: { ...origin.env, guard: { ...(origin.env.guard ?? defaultGuard), ...request.guard } } }),
    ...(origin.network === undefined ? {} : { network: origin.network }),
    agent: { name: kind.name, options: { ...agentOptions } },
    requirements: requirements[0] as GroundSettings['requirements'],
    objective,
    nominal: [...ground.nominal],
    learnedOn: {
      ...(origin.table === undefined ? {} : { table: origin.table }),
      ...(scenario === undefined ? {} : { scenario }),
      noiseRatio: options.noiseRatio,
      ground: {
        kind: spec.kind as 'sim' | 'table',
        source: origin.table?.replace(/\.json$/, '') ?? (isFile(source) ? resolve(source) : source),
        ...(scenario === undefined ? {} : { scenario: isFile(scenario) ? resolve(scenario) : scenario }),
        network: options.network === defaultGroundOptions.network ? options.network : networkNamed(options.network),
        noiseRatio: options.noiseRatio,
        tables: options.tables.map((folder) => resolve(folder)),
        ...(request.guard === undefined ? {} : { guard: { marginC: null, ...request.guard } }),
      },
      phases: requirements as NonNullable<GroundSettings['learnedOn']['phases']>,
    },
    ...originOf(asked, events),
  })
  const session = sessionOn(settings, ground, origin, requirements)
  const transfer = asked === undefined ? {} : { transfer: asked.transfer }
  const agent = agentOf(kind.name, { ...agentInput(session, false), ...transfer }, `--transfer ${request.transfer}`)
  if (request.explain !== undefined) checkExplains(kind.name, agent)
  const folder = prepareFolder(request.out, request.existing)
  clearRun(folder)
  writeFileAtomic(folder.settings, `${JSON.stringify(settings, null, 2)}\n`)
  const writer = createTrace(folder.trace, headerOn(session, settings, asked === undefined ? null : agent.save()))
  const start = await session.env.reset({ seed })
  const { result } = await learn({ session, agent, folder, writer, start, from: 0, to: request.steps, events, explain: request.explain })
  return result
}

function sessionOn(settings: GroundSettings, ground: Ground, origin: Origin, requirements: readonly Requirements[]): LearningSession {
  return {
    settings,
    env: interruptible(guardGround(ground, ground.open(requirements), settings.learnedOn.ground?.guard)),
    objective: makeObjective(settings.objective, ground.nominal),
    open: { boardId: origin.boardId, networkId: origin.networkId, runtime: { meter: { scope: ground.energyScope } } },
  }
}

function headerOn(session: LearningSession, { createdAt, learnedOn }: GroundSettings, initial: Parameters<typeof headerOf>[2]['initial']) {
  const { ground: _ground, phases: _phases, ...named } = learnedOn
  const name = learnedOn.ground?.kind ?? 'table'
  const options = name === 'table' ? named : { ...named, board: learnedOn.ground?.source }
  return { ...headerOf(session, { name, options }, { frozen: false, initial }, 0), createdAt }
}

/** Settings of a run that `resumeOnGround` can go on with; undefined where the folder holds another. Throws ERR_RUN_MISSING. */
export function groundRun(folder: RunFolder): GroundSettings | undefined {
  const settings = readGroundSettings(folder)
  return settings?.learnedOn.ground === undefined ? undefined : settings
}

/**
 * Goes on with a run on a table or in a simulation: what follows is, to the last bit, what would have followed had it never stopped. The world is lived through again
 * up to the checkpoint, without deciding anything; the trace is rolled back to there. Throws ERR_TRACE_MISMATCH when that world is another one today.
 */
export async function resumeOnGround(request: Omit<GroundTrainRequest, 'ground'>, events: RunEvents): Promise<RunResult> {
  if (request.transfer !== undefined)
    throw new FlyballError('ERR_USAGE', '--transfer: a run that is resumed has its prior already, expected --transfer without --resume')
  const folder = prepareFolder(request.out, 'resume')
  const settings = groundRun(folder)
  const named = settings?.learnedOn.ground
  if (settings === undefined || named === undefined)
    throw new FlyballError('ERR_RUN_MISSING', `${folder.dir} holds no run on a table or in a simulation`)
  const kind = findAgent(settings.agent.name)
  if (request.agent !== undefined && request.agent !== kind.name)
    throw new FlyballError('ERR_USAGE', `${folder.dir} is a run of ${kind.name}, not of ${request.agent}; --resume goes on with the same agent`)
  const { network, noiseRatio, tables, source, scenario } = named
  const options = { ...defaultGroundOptions, network, noiseRatio, tables }
  const spec: GroundSpec = { kind: named.kind, source, scenario, on: undefined, inSuite: false, options }
  const ground = openGround(spec)
  const origin = originOfGround(spec, ground)
  const session = sessionOn(settings, ground, origin, settings.learnedOn.phases ?? [settings.requirements as Requirements])
  const { seed } = settings
  const start = await session.env.reset({ seed })
  const checkpoint = readGeneration(folder, request.previous)
  if (checkpoint?.trace === undefined) {
    if (settings.transfer !== undefined)
      throw new FlyballError('ERR_RUN_MISSING', `${folder.dir} was killed before its first checkpoint; begin again with --transfer and --force`)
    events.note('killed before its first checkpoint: begins again')
    const agent = kind.make(agentInput(session, false))
    const writer = createTrace(folder.trace, headerOn(session, settings, null))
    return (await learn({ session, agent, folder, writer, start, from: 0, to: request.steps, events, explain: request.explain })).result
  }
  checkFits(checkpoint, { spaces: session.env.spaces, board: origin.boardId, network: origin.networkId })
  const agent = agentOf(kind.name, { ...agentInput(session, false), data: checkpoint.agent.data }, folder.checkpoint)
  if (request.explain !== undefined) checkExplains(kind.name, agent)
  const { step, trace, observer } = checkpoint
  if (request.previous === true) events.note(`from the generation before the newest, of step ${step}: what came after is decided again, to the same`)
  const writer = rollBackTrace(folder.trace, trace, headerOn(session, settings, null))
  const now = await liveThrough(session.env, folder.trace, start, step)
  events.note(resumeText(kind.name, step, request.steps))
  const to = Math.max(step, request.steps)
  const { result } = await learn({ session, agent, folder, writer, start: now, from: step, to, events, explain: request.explain, state: observer })
  return result
}
