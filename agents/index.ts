import type { Agent, AgentInput, AgentKind } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'
import type { Spaces } from '../src/core/spaces.ts'
import { alert } from './baselines/alert.ts'
import { ladder } from './baselines/ladder.ts'
import { ondemandGovernor } from './baselines/ondemand.ts'
import { oracle } from './baselines/oracle.ts'
import { performanceGovernor } from './baselines/performance.ts'
import { planner } from './baselines/planner.ts'
import { powersaveGovernor } from './baselines/powersave.ts'
import { randomPoint } from './baselines/random.ts'
import { schedutilGovernor } from './baselines/schedutil.ts'
import { staticPoint } from './baselines/static.ts'
import { bayes } from './bayes.ts'
import { dqn } from './dqn.ts'
import { makeExplorerKind } from './explorer.ts'
import { linUcb } from './linucb.ts'
import { qLearning } from './q-learning.ts'
import { thompson } from './thompson.ts'

/** Every agent there is: learners first, then baselines, then the references that must know the truth. */
export const agentKinds: readonly AgentKind[] = [
  qLearning,
  linUcb,
  thompson,
  bayes,
  dqn,
  alert,
  ladder,
  staticPoint,
  performanceGovernor,
  powersaveGovernor,
  ondemandGovernor,
  schedutilGovernor,
  randomPoint,
  makeExplorerKind(findAgent),
  oracle,
  planner,
]

/** Throws ERR_USAGE for an agent that cannot begin from what it learned elsewhere; the message names those that can. */
export function checkTakesTransfer({ name, takesTransfer }: AgentKind, where: string): void {
  if (takesTransfer === true) return
  const takers = agentKinds.filter((kind) => kind.takesTransfer === true).map((kind) => kind.name)
  throw new FlyballError(
    'ERR_USAGE',
    `${where}: ${name} cannot take over what was learned on another board or network, expected a checkpoint of ${takers.join(', ')}`,
  )
}

/** The agent of this name, from its saved state. Throws what making it throws, and ERR_CHECKPOINT_CORRUPT, naming `where`, for a state that it cannot go on from. */
export function agentOf(name: string, input: AgentInput, where: string): Agent {
  const kind = findAgent(name)
  const saved = input.data ?? input.transfer
  try {
    const agent = kind.make(input)
    if (saved !== undefined) checkDecides(agent, input.spaces)
    return agent
  } catch (error) {
    // An agent knows its own layout by heart: what it trips over has another.
    if (error instanceof FlyballError || saved === undefined) throw error
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${where}: the saved state of ${name} is of another form: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Throws where a state gives no probabilities: numbers that became none go through everything without a sound. Asking for them changes nothing. */
function checkDecides(agent: Agent, { monitors, points }: Spaces): void {
  const observation = Float64Array.from(monitors, ({ low, high }) => (low + high) / 2)
  const shares = new Float64Array(points.length)
  agent.distribution(observation, new Uint8Array(points.length).fill(1), shares)
  const sum = shares.reduce((total, share) => total + (share >= 0 ? share : Number.NaN), 0)
  if (!(Math.abs(sum - 1) < 1e-6)) throw new Error('it gives no probabilities')
}

/** Those that can govern a real board. */
export const boardAgentKinds: readonly AgentKind[] = agentKinds.filter((kind) => kind.needs !== 'truth')

const namesOf = (kinds: readonly AgentKind[]): string => kinds.map((kind) => kind.name).join(', ')

/** Throws ERR_UNKNOWN_AGENT naming the agents there are. */
export function findAgent(name: string): AgentKind {
  const kind = agentKinds.find((candidate) => candidate.name === name)
  if (kind === undefined) throw new FlyballError('ERR_UNKNOWN_AGENT', `no agent is called ${name}, expected one of ${namesOf(agentKinds)}`)
  return kind
}

/** An agent for a real board. Throws ERR_UNKNOWN_AGENT, and ERR_USAGE for a reference that must know the truth; both name the agents that would do. */
export function findBoardAgent(name: string): AgentKind {
  const kind = agentKinds.find((candidate) => candidate.name === name)
  if (kind === undefined) throw new FlyballError('ERR_UNKNOWN_AGENT', `no agent is called ${name}, expected one of ${namesOf(boardAgentKinds)}`)
  if (kind.needs === 'truth')
    throw new FlyballError(
      'ERR_USAGE',
      `agent ${name} must know the truth, which a real board does not tell: it works in flyball compare only; expected one of ${namesOf(boardAgentKinds)}`,
    )
  return kind
}
