import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, OptionSpec } from '../src/core/agent.ts'
import { makeRng, rngFromState } from '../src/core/rng.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { checkDataVersion } from './data-version.ts'
import { cappedCost, costCapOption } from './maths/capped-cost.ts'
import { type ClassPriorsData, makeClassPriors } from './maths/class-priors.ts'
import { makeContext } from './maths/context.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { dotBlock, forget, quadraticForm, updateLeastSquares } from './maths/least-squares.ts'
import { argminAllowed } from './maths/masked.ts'
import { readOptions } from './options.ts'

const dataVersion = 1

const options = [
  { name: 'alpha', description: 'width of the confidence bound, in units of the least prior cost', default: 0.3, low: 0, high: 100 },
  { name: 'ridge', description: 'decisions that "no monitor matters" counts for', default: 1, low: 1e-6, high: 1e6 },
  { name: 'priorVisits', description: 'decisions that the prior cost of a point counts for', default: 4, low: 1e-6, high: 1e6 },
  {
    name: 'forgetting',
    description: 'what an older decision still counts for after each newer one of the same point: 1 keeps all, 0.99 the last hundred',
    default: 0.99,
    low: 0.5,
    high: 1,
  },
  { name: 'epsilon', description: 'share of uniformly random decisions, which keeps the log useful for replay', default: 0.01, low: 0, high: 1 },
  costCapOption,
  { name: 'classes', description: 'requirement classes remembered at once', default: 4, low: 1, high: 64 },
] as const satisfies readonly OptionSpec[]

interface LinUcbData extends CheckpointData {
  readonly priors: ClassPriorsData
  /** Points tried at least once: theta (d) and the inverse (d * d, rows). */
  readonly blocks: readonly {
    readonly slot: number
    readonly action: number
    readonly visits: number
    readonly theta: number[]
    readonly inverse: number[]
  }[]
}

/**
 * LinUCB with disjoint models: Li, Chu, Langford, Schapire, "A contextual-bandit approach to personalized news article recommendation"
 * (WWW 2010), algorithm 1, on costs: the greedy action is the least lower bound
 *
 *     theta_a^T x - alpha * scale * sqrt(x^T A_a^-1 x)
 *
 * over the context x of maths/context.ts (a constant 1, then the monitors). A point starts at its idle-board cost: theta_a = (prior, 0, …),
 * A_a = diag(priorVisits, ridge, …). One model per class of requirements.
 */
export const linUcb: AgentKind = {
  name: 'linucb',
  description: 'one linear model of cost per operating point, optimistic by its confidence bound',
  options,
  takesProfile: true,
  make: makeLinUcb,
}

function makeLinUcb(input: AgentInput): Agent {
  const settings = readOptions('linucb', options, input.options)
  checkDataVersion('linucb', input.data, dataVersion)
  const data = input.data as LinUcbData | undefined
  const actions = input.spaces.points.length
  const frozen = input.frozen === true
  const rng = data === undefined ? makeRng(input.seed).fork('agent') : rngFromState(data.rng)
  const context = makeContext(input.spaces)
  const { x } = context
  const d = x.length

  const variance = new Float64Array(d).fill(1 / settings.ridge)
  variance[0] = 1 / settings.priorVisits
  const slots = settings.classes + 1
  // Block slot * actions + action; untried blocks (visits 0) hold nothing and stand for the prior.
  const theta = new Float64Array(slots * actions * d)
  const inverse = new Float64Array(slots * actions * d * d)
  const visits = new Float64Array(slots * actions)

  const priors = makeClassPriors(input, settings.classes, (slot) => visits.fill(0, slot * actions, (slot + 1) * actions), data?.priors)
  const width = (frozen ? 0 : settings.alpha) * priors.scale
  const epsilon = frozen ? 0 : settings.epsilon
  for (const { slot, action, visits: count, theta: estimate, inverse: matrix } of data?.blocks ?? []) {
    const block = slot * actions + action
    visits[block] = count
    theta.set(estimate, block * d)
    inverse.set(matrix, block * d * d)
  }

  const begin = (block: number): void => {
    theta.fill(0, block * d, (block + 1) * d)
    theta[block * d] = priors.costs[block] as number
    inverse.fill(0, block * d * d, (block + 1) * d * d)
    for (let i = 0; i < d; i++) inverse[block * d * d + i * d + i] = variance[i] as number
  }

  const bounds = new Float64Array(actions)
  const greedyIn = (slot: number, observation: Observation, mask: Mask): number => {
    context.fill(observation)
    let priorSpread = 0
    for (let i = 0; i < d; i++) priorSpread += (variance[i] as number) * (x[i] as number) ** 2
    for (let a = 0; a < actions; a++) {
      if (mask[a] !== 1) continue
      const block = slot * actions + a
      const tried = visits[block] !== 0
      const expected = tried ? dotBlock(theta, block * d, x) : (priors.costs[block] as number)
      bounds[a] = width === 0 ? expected : expected - width * Math.sqrt(tried ? quadraticForm(inverse, block, x) : priorSpread)
    }
    return argminAllowed(bounds, mask)
  }

  const scratch = new Float64Array(d)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }

  return {
    act(observation, mask) {
      const slot = frozen ? priors.look(observation) : priors.enter(observation)
      return drawEpsilonGreedy(choice, rng, greedyIn(slot, observation, mask), epsilon, mask)
    },
    distribution(observation, mask, out) {
      fillEpsilonGreedy(out, greedyIn(priors.look(observation), observation, mask), epsilon, mask)
    },
    learn(transition) {
      if (frozen || !Number.isFinite(transition.cost)) return
      const slot = priors.find(transition.observation)
      if (slot < 0) return
      const block = slot * actions + transition.action
      if (visits[block] === 0) begin(block)
      visits[block] = (visits[block] as number) + 1
      context.fill(transition.observation)
      if (settings.forgetting < 1) forget(inverse, block, variance, settings.forgetting, scratch)
      updateLeastSquares(inverse, theta, block, x, cappedCost(transition.cost, priors.capUnit, settings.costCap), scratch)
    },
    save(): LinUcbData {
      const blocks: LinUcbData['blocks'][number][] = []
      for (let block = 0; block < priors.used() * actions; block++) {
        if (visits[block] === 0) continue
        blocks.push({
          slot: Math.floor(block / actions),
          action: block % actions,
          visits: visits[block] as number,
          theta: Array.from(theta.subarray(block * d, (block + 1) * d)),
          inverse: Array.from(inverse.subarray(block * d * d, (block + 1) * d * d)),
        })
      }
      return { version: dataVersion, rng: rng.state(), priors: priors.save(), blocks }
    },
  }
}
