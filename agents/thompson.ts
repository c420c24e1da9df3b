import type { Agent, AgentInput, AgentKind, Choice, OptionSpec } from '../src/core/agent.ts'
import { type RngState, rngFromState } from '../src/core/rng.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { beginLinear, type LinearData } from './linear/begin.ts'
import { linearOptions } from './linear/model.ts'
import { drawWinner, fillWinners, mostFrequent } from './maths/winners.ts'
import { readOptions } from './options.ts'

const dataVersion = 1

const options = [
  {
    name: 'draws',
    description: 'draws from the posterior at every decision, whose winners share the probability: propensities are multiples of its inverse',
    default: 8,
    low: 1,
    high: 16,
  },
  { name: 'spread', description: 'width of the posterior that is drawn from, in its own standard deviations', default: 1, low: 0, high: 100 },
  ...linearOptions,
] as const satisfies readonly OptionSpec[]

interface ThompsonData extends LinearData {
  readonly draws: RngState
}

// Standard deviations beyond which no draw is believed to fall.
const farthest = 3.5

/**
 * Thompson sampling (Thompson, Biometrika 25, 1933) with the linear posterior of Agrawal and Goyal, "Thompson sampling for contextual bandits with linear payoffs" (ICML 2013), on the logarithms of latency and energy
 * (linear/belief.ts), as a step in cost at the deadline is nothing linear. Every decision draws coefficients, and each point's residual, several times; one draw moves latency and energy of a point alike, as most of
 * what is not known of an energy is a time. The least expected cost under a draw wins, and an action is sampled from the winners: so its propensity is known, which a single draw leaves open.
 */
export const thompson: AgentKind = {
  name: 'thompson',
  description: 'a linear model of latency and energy that all points share, drawn from its posterior',
  options,
  takesProfile: true,
  make: makeThompson,
}

function makeThompson(input: AgentInput): Agent {
  const settings = readOptions('thompson', options, input.options)
  const { data, rng, model, frozen, epsilon, common } = beginLinear<ThompsonData>('thompson', input, settings, dataVersion)
  // Apart from what samples the action, so that the distribution is a matter of the state.
  const drawing = data === undefined ? rng.fork('draws') : rngFromState(data.draws)
  const { belief, costs } = model
  const { regression, context, cluster, doubt } = belief
  const { variance } = regression
  const n = input.spaces.points.length
  const spread = frozen ? 0 : settings.spread
  const winners = new Int32Array(spread === 0 ? 1 : Math.floor(settings.draws))
  const candidates = new Int32Array(n)
  const ofClusters = new Float64Array(doubt.length)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }

  const total = (a: number): number => (variance[a] as number) + (doubt[cluster[a] as number] as number)

  const expectedBest = (mask: Mask): number => {
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < n; a++) {
      if (mask[a] !== 1 || (best >= 0 && costs.least(a, 0) >= least)) continue
      const cost = costs.at(a, 0, total(a))
      if (cost < least || best < 0) {
        best = a
        least = cost
      }
    }
    return best
  }

  /** Points that some draw may make the best: at their best they beat the point that is best at its worst. Answers how many. */
  const narrow = (mask: Mask): number => {
    let bound = Number.POSITIVE_INFINITY
    for (let a = 0; a < n; a++) {
      if (mask[a] !== 1) continue
      const far = farthest * spread * Math.sqrt(total(a))
      if (costs.least(a, far) < bound) bound = Math.min(bound, costs.at(a, far, 0))
    }
    let count = 0
    for (let a = 0; a < n; a++) {
      if (mask[a] !== 1) continue
      const far = farthest * spread * Math.sqrt(total(a))
      if (costs.least(a, -far) <= bound && costs.at(a, -far, 0) <= bound) candidates[count++] = a
    }
    return count
  }

  const fillWinnersOf = (observation: Observation, mask: Mask): void => {
    if (!model.read(observation)) {
      winners.fill(costs.fastest(mask))
      return
    }
    if (spread === 0) {
      winners.fill(expectedBest(mask))
      return
    }
    const count = narrow(mask)
    if (count <= 1) {
      // None where no cost is finite.
      winners.fill(count === 1 ? (candidates[0] as number) : expectedBest(mask))
      return
    }
    for (let draw = 0; draw < winners.length; draw++) {
      regression.draw(drawing.normal)
      for (let c = 0; c < ofClusters.length; c++) ofClusters[c] = Math.sqrt(doubt[c] as number) * drawing.normal()
      let best = candidates[0] as number
      let least = Number.POSITIVE_INFINITY
      for (let k = 0; k < count; k++) {
        const a = candidates[k] as number
        const by = regression.deviation(a, context) + regression.own(a) * drawing.normal() + (ofClusters[cluster[a] as number] as number)
        const cost = costs.at(a, spread * by, 0)
        if (cost < least) {
          best = a
          least = cost
        }
      }
      winners[draw] = best
    }
  }

  /** The winners of the next decision; it is left to draw them. */
  const foresee = (observation: Observation, mask: Mask): void => {
    const before = drawing.state()
    fillWinnersOf(observation, mask)
    drawing.restore(before)
  }

  const likeliest = (observation: Observation, mask: Mask): number => {
    foresee(observation, mask)
    return mostFrequent(winners)
  }

  return {
    act(observation, mask) {
      fillWinnersOf(observation, mask)
      return drawWinner(choice, rng, winners, epsilon, mask)
    },
    distribution(observation, mask, out) {
      foresee(observation, mask)
      fillWinners(out, winners, epsilon, mask)
    },
    ...common,
    explain: (observation, mask, action) => model.explain(likeliest, observation, mask, action),
    save: (): ThompsonData => ({ version: dataVersion, rng: rng.state(), draws: drawing.state(), model: model.save() }),
  }
}
