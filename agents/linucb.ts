import type { Agent, AgentInput, AgentKind, Choice, OptionSpec } from '../src/core/agent.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { beginLinear, type LinearData } from './linear/begin.ts'
import { linearOptions } from './linear/model.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { readOptions } from './options.ts'

const dataVersion = 2

const options = [
  { name: 'alpha', description: 'width of the confidence bound, in standard deviations', default: 1.5, low: 0, high: 100 },
  ...linearOptions,
] as const satisfies readonly OptionSpec[]

/**
 * Hybrid LinUCB (Li, Chu, Langford, Schapire, "A contextual-bandit approach to personalized news article recommendation", WWW 2010, algorithm 2): features of all points share coefficients, and every point has
 * an intercept of its own. A missed deadline is a step in cost, which no linear model follows; so the logarithms of latency and energy are modelled (linear/belief.ts), and the greedy action has the least cost
 * that their lower confidence bounds give,
 *
 *     cost(exp(x^T theta - alpha sqrt(x^T A^-1 x)))
 *
 * with noise in the probability of a miss. Requirements are read from the observation: a changed one is answered by the next decision.
 */
export const linUcb: AgentKind = {
  name: 'linucb',
  description: 'a linear model of latency and energy that all points share, optimistic by its confidence bound',
  options,
  takesProfile: true,
  make: makeLinUcb,
}

function makeLinUcb(input: AgentInput): Agent {
  const settings = readOptions('linucb', options, input.options)
  const { rng, model, frozen, epsilon, common } = beginLinear('linucb', input, settings, dataVersion)
  const { belief, costs } = model
  const { variance } = belief.regression
  const alpha = frozen ? 0 : settings.alpha
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }

  const greedyIn = (observation: Observation, mask: Mask): number => {
    if (!model.read(observation)) return costs.fastest(mask)
    const { cluster, doubt } = belief
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < mask.length; a++) {
      if (mask[a] !== 1) continue
      const v = (variance[a] as number) + (doubt[cluster[a] as number] as number)
      const by = -alpha * Math.sqrt(v)
      if (best >= 0 && costs.least(a, by) >= least) continue
      const cost = costs.at(a, by, v)
      if (cost < least || best < 0) {
        best = a
        least = cost
      }
    }
    return best
  }

  return {
    act: (observation, mask) => drawEpsilonGreedy(choice, rng, greedyIn(observation, mask), epsilon, mask),
    distribution: (observation, mask, out) => fillEpsilonGreedy(out, greedyIn(observation, mask), epsilon, mask),
    ...common,
    explain: (observation, mask, action) => model.explain(greedyIn, observation, mask, action),
    save: (): LinearData => ({ version: dataVersion, rng: rng.state(), model: model.save() }),
  }
}
