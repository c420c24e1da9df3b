import type { BoardEnv } from '../../envs/board/board-env.ts'
import type { NetworkId } from '../checkpoint/parts.ts'
import type { AgentInput } from '../core/agent.ts'
import type { Env } from '../core/env.ts'
import { makeObjective, type Objective } from '../core/objective.ts'
import type { EnergyScope } from '../core/outcome.ts'
import type { TraceHeader } from '../trace/header.ts'
import { boardEnv, type OpenBoard, openBoard } from './open-board.ts'
import { priorCostOf } from './reexecute.ts'
import type { RunSettings } from './settings.ts'
import { versions } from './versions.ts'

/** What learning needs, on the board, on a measured table of it or in a simulation. */
export interface LearningSession {
  readonly settings: Pick<RunSettings, 'seed' | 'agent' | 'requirements' | 'objective' | 'nominal'>
  readonly open: Pick<OpenBoard, 'boardId'> & {
    readonly networkId: NetworkId | null
    readonly runtime: { readonly meter: { readonly scope: EnergyScope } }
  }
  readonly env: Env
  readonly objective: Objective
}

/** A run's settings, opened: board, environment and objective, ready for the loop. */
export interface Session extends LearningSession {
  readonly settings: RunSettings
  readonly open: OpenBoard
  readonly env: BoardEnv
}

export interface SessionExtras {
  readonly advise: boolean
  /** The process is an application's own, which no watchdog ends. */
  readonly guest?: boolean
  onProblem(message: string): void
}

export async function openSession(settings: RunSettings, extras: SessionExtras): Promise<Session> {
  const open = await openBoard(settings.env, settings.network, extras.onProblem, extras.guest)
  try {
    return sessionOf(settings, open, extras.advise)
  } catch (error) {
    // The inference threads would keep the process alive.
    await open.runtime.close()
    throw error
  }
}

export function sessionOf(settings: RunSettings, open: OpenBoard, advise: boolean): Session {
  const env = boardEnv(open, settings.env, { requirements: settings.requirements, advise })
  return { settings, open, env, objective: makeObjective(settings.objective, settings.nominal) }
}

/** What the run's agent is made from, before any learning. */
export function agentInput({ settings, env, objective }: LearningSession, frozen: boolean): AgentInput {
  const { nominal, requirements, seed, agent } = settings
  const priorCost = priorCostOf(objective, nominal, requirements)
  return { spaces: env.spaces, seed, options: agent.options, nominal, priorCost, objective, frozen }
}

/** Header of a trace that this session writes on the board. */
export function traceHeader(session: Session, agent: Pick<TraceHeader['agent'], 'frozen' | 'initial'>, startStep: number): TraceHeader {
  const { name } = session.settings.env
  return headerOf(session, { name, options: session.settings.env }, agent, startStep)
}

/** Header of a trace that this session writes, in an environment that is called so. */
export function headerOf(
  { settings, open, env }: LearningSession,
  where: TraceHeader['env'],
  agent: Pick<TraceHeader['agent'], 'frozen' | 'initial'>,
  startStep: number,
): TraceHeader {
  return {
    createdAt: new Date().toISOString(),
    versions: versions(),
    seed: settings.seed,
    env: where,
    board: open.boardId,
    network: open.networkId,
    spaces: env.spaces,
    requirements: settings.requirements,
    objective: settings.objective,
    nominal: settings.nominal,
    agent: { ...settings.agent, ...agent },
    energyScope: open.runtime.meter.scope,
    startStep,
  }
}
