import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, IncumbentSpec, OptionSpec } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'
import { makeRng, rngFromState } from '../src/core/rng.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { checkDataVersion } from './data-version.ts'
import { makeExploration } from './explorer/exploration.ts'
import { type ClassPriorsData, makeClassPriors } from './maths/class-priors.ts'
import { readOptions } from './options.ts'

const dataVersion = 1

const options = [
  { name: 'epsilon', description: 'share of decisions that explore; the rest is the incumbent', default: 0.2, low: 0, high: 1 },
  {
    name: 'within',
    description: 'explores only points that cost at most this share more than the cheapest, by the profile; 0: all that are allowed',
    default: 0,
    low: 0,
    high: 1e6,
  },
  {
    name: 'temperature',
    description: 'explores a point in proportion to exp(-(cost - least cost) / (temperature * least cost)), by the profile; 0: all alike',
    default: 0,
    low: 0,
    high: 1e6,
  },
] as const satisfies readonly OptionSpec[]

interface ExplorerData extends CheckpointData {
  readonly incumbent: IncumbentSpec
  readonly priors: ClassPriorsData
}

/** Requirement classes whose costs are kept at hand. */
const classes = 4

/**
 * Another agent, the incumbent, with controlled exploration on top, for logs that answer questions:
 *
 *     p(a) = (1 - epsilon) * incumbent(a) + epsilon * q(a)
 *
 * q is uniform over what is allowed, or over points that the profile holds to be nearly as cheap as the cheapest, or falls with their cost. Deterministic incumbents become policies that replay
 * can vary around. `find` makes the incumbent out of its name, so that agents need not know of each other.
 */
export function makeExplorerKind(find: (name: string) => AgentKind): AgentKind {
  return {
    name: 'explorer',
    description: 'another agent with controlled exploration on top, for logs that answer questions about other policies',
    options,
    needs: 'profile',
    make: (input) => makeExplorer(input, find),
  }
}

function makeExplorer(input: AgentInput, find: (name: string) => AgentKind): Agent {
  if (input.priorCost === undefined)
    throw new FlyballError('ERR_USAGE', 'agent explorer explores by the costs of a profile, and none was handed over')
  const settings = readOptions('explorer', options, input.options)
  checkDataVersion('explorer', input.data, dataVersion)
  const data = input.data as ExplorerData | undefined
  const actions = input.spaces.points.length
  const spec: IncumbentSpec = data?.incumbent ?? input.incumbent ?? { agent: 'static', options: {}, frozen: true }
  const { data: _own, incumbent: _spec, ...shared } = input
  const incumbent = find(spec.agent).make({
    ...shared,
    options: spec.options,
    frozen: input.frozen === true || spec.frozen,
    ...(spec.data === undefined ? {} : { data: spec.data }),
  })
  const rng = data === undefined ? makeRng(input.seed).fork('explorer') : rngFromState(data.rng)
  const priors = makeClassPriors(input, classes, () => {}, data?.priors)
  const exploration = makeExploration(actions, settings)
  const epsilon = input.frozen === true ? 0 : settings.epsilon
  const mixed = new Float64Array(actions)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: Number.NaN }

  const mix = (slot: number, observation: Observation, mask: Mask, out: Float64Array): void => {
    incumbent.distribution(observation, mask, out)
    if (epsilon === 0) return
    exploration.fill(priors.costs, slot * actions, mask)
    for (let a = 0; a < actions; a++) out[a] = (1 - epsilon) * (out[a] as number) + epsilon * (exploration.share[a] as number)
  }

  const drawn = (own: Choice, mask: Mask): Choice => {
    const explores = rng.next() < epsilon
    choice.action = explores ? exploration.draw(rng.next(), mask) : own.action
    choice.propensity = mixed[choice.action] as number
    choice.greedy = likeliest(mixed)
    choice.relaxed = own.relaxed ?? 0
    return choice
  }

  return {
    ...incumbent,
    act(observation, mask) {
      if (epsilon === 0) return incumbent.act(observation, mask)
      // Before the incumbent acts: acting may change what it is.
      mix(priors.enter(observation), observation, mask, mixed)
      const own = incumbent.act(observation, mask)
      return own instanceof Promise ? own.then((decided) => drawn(decided, mask)) : drawn(own as Choice, mask)
    },
    distribution: (observation, mask, out) => mix(priors.look(observation), observation, mask, out),
    learn: (transition) => incumbent.learn(transition),
    save: (): ExplorerData => ({
      version: dataVersion,
      rng: rng.state(),
      incumbent: { ...spec, data: incumbent.save() },
      priors: priors.save(),
    }),
  }
}

function likeliest(probabilities: Float64Array): number {
  let best = 0
  for (let a = 1; a < probabilities.length; a++) if ((probabilities[a] as number) > (probabilities[best] as number)) best = a
  return best
}
