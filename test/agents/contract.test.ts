import { alert } from '../../agents/baselines/alert.ts'
import { ladder } from '../../agents/baselines/ladder.ts'
import { ondemandGovernor } from '../../agents/baselines/ondemand.ts'
import { schedutilGovernor } from '../../agents/baselines/schedutil.ts'
import { staticPoint } from '../../agents/baselines/static.ts'
import { bayes } from '../../agents/bayes.ts'
import { agentKinds } from '../../agents/index.ts'
import { linUcb } from '../../agents/linucb.ts'
import { qLearning } from '../../agents/q-learning.ts'
import { thompson } from '../../agents/thompson.ts'
import type { AgentInput, AgentKind } from '../../src/core/agent.ts'
import { testAgentContract } from '../contract/agent-contract.ts'

for (const kind of agentKinds) testAgentContract(kind)

/** The same agent with other settings: more state to lose. */
const withOptions = (kind: AgentKind, title: string, options: AgentInput['options']): AgentKind => ({
  ...kind,
  name: `${kind.name} (${title})`,
  make: (input) => kind.make({ ...input, options: { ...options, ...input.options } }),
})

testAgentContract(withOptions(qLearning, 'two tables, one class', { doubleQ: true, classes: 1, epsilon: 0.4, epsilonFloor: 0.2, gamma: 0.5 }))
testAgentContract(withOptions(linUcb, 'forgetting, few features', { forgetting: 0.9, features: 3, epsilon: 0.3 }))
testAgentContract(withOptions(thompson, 'wide, many draws', { spread: 3, draws: 16, epsilon: 0.3 }))
testAgentContract(withOptions(bayes, 'restless, no heat', { epsilon: 0.2, drift: 1e-3, rank: 3, plansHeat: false }))
testAgentContract(withOptions(alert, 'from a prior', { prior: true }))
testAgentContract(withOptions(ladder, 'points of the profile', { pareto: true, window: 3, retryAfter: 2 }))
testAgentContract(withOptions(staticPoint, 'a point that is named', { point: 0 }))
testAgentContract(withOptions(ondemandGovernor, 'of a kernel without NO_HZ', { upThreshold: 0.8, samplingS: 0.05, subnet: 0 }))
testAgentContract(withOptions(schedutilGovernor, 'with the average of PELT', { halfLifeS: 0.032, rateLimitS: 0.05 }))
