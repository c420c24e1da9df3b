import type { AgentKind } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'
import { performanceGovernor } from './baselines/performance.ts'
import { powersaveGovernor } from './baselines/powersave.ts'
import { randomPoint } from './baselines/random.ts'
import { staticPoint } from './baselines/static.ts'
import { linUcb } from './linucb.ts'
import { qLearning } from './q-learning.ts'

/** Every agent there is: learners first, then baselines. */
export const agentKinds: readonly AgentKind[] = [qLearning, linUcb, staticPoint, performanceGovernor, powersaveGovernor, randomPoint]

/** Throws ERR_UNKNOWN_AGENT naming the agents there are. */
export function findAgent(name: string): AgentKind {
  const kind = agentKinds.find((candidate) => candidate.name === name)
  if (kind === undefined)
    throw new FlyballError('ERR_UNKNOWN_AGENT', `no agent is called ${name}, expected one of ${agentKinds.map((known) => known.name).join(', ')}`)
  return kind
}
