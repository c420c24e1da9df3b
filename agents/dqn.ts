import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, OptionSpec } from '../src/core/agent.ts'
import type { MaybePromise } from '../src/core/env.ts'
import { makeRng, rngFromState } from '../src/core/rng.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import type { Backend } from '../src/network/training/backend.ts'
import { checkDataVersion } from './data-version.ts'
import { makeActionFeatures } from './dqn/action-features.ts'
import { currentBackend, loadBackend } from './dqn/backend.ts'
import { floatsFromText, floatsToText } from './dqn/floats.ts'
import { makeInputs } from './dqn/observe.ts'
import { encodePolicy } from './dqn/policy-model.ts'
import { makeQNetwork, makeQParameters } from './dqn/q-network.ts'
import { makeReplay, type ReplayData } from './dqn/replay.ts'
import { openPolicy, type RuntimePolicy } from './dqn/runtime-policy.ts'
import { makeTrainer, type TrainerData } from './dqn/trainer.ts'
import { cappedCost, costCapOption } from './maths/capped-cost.ts'
import { type ClassPriorsData, makeClassPriors } from './maths/class-priors.ts'
import { decayedEpsilon, drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { argminAllowed } from './maths/masked.ts'
import type { PlainNumber } from './maths/plain.ts'
import { discountedPrior } from './maths/td.ts'
import { readOptions } from './options.ts'

const dataVersion = 1
const profileVisits = 5

const options = [
  {
    name: 'gamma',
    description: 'discount of the next decision: actions hardly move the state here (only through the queue), so little',
    default: 0.1,
    low: 0,
    high: 0.99,
  },
  { name: 'learningRate', description: 'step of Adam', default: 0.003, low: 0, high: 1 },
  { name: 'batch', description: 'transitions in a batch', default: 32, low: 1, high: 1024 },
  { name: 'trainEvery', description: 'decisions from one training to the next', unit: 'decisions', default: 4, low: 1, high: 1e6 },
  { name: 'batches', description: 'batches of one training', default: 4, low: 1, high: 100 },
  { name: 'targetEvery', description: 'batches from one copy into the target network to the next', default: 50, low: 1, high: 1e6 },
  { name: 'replay', description: 'transitions remembered, fewer where they would take more than 500 kB', default: 1000, low: 1, high: 100_000 },
  { name: 'hidden', description: 'units of the hidden layer of either tower', default: 64, low: 2, high: 256 },
  { name: 'width', description: 'entries of the embeddings of state and action', default: 32, low: 2, high: 128 },
  {
    name: 'warmup',
    description: 'uniformly random decisions at the start, where there is no profile',
    unit: 'decisions',
    default: 32,
    low: 0,
    high: 1e6,
  },
  {
    name: 'optimism',
    description:
      'what a point that was never taken is held to be better by, in units of the least prior cost; falls as 1 / visits, and a profile counts for four',
    default: 0.5,
    low: 0,
    high: 100,
  },
  { name: 'epsilon', description: 'share of uniformly random decisions after that', default: 0.02, low: 0, high: 1 },
  {
    name: 'epsilonFloor',
    description: 'share of uniformly random decisions later on, which keeps the log useful for replay',
    default: 0.01,
    low: 0,
    high: 1,
  },
  { name: 'epsilonDecay', description: 'decisions after which epsilon has halved', unit: 'decisions', default: 200, low: 1, high: 1e9 },
  costCapOption,
  { name: 'classes', description: 'requirement classes remembered at once', default: 4, low: 1, high: 64 },
  {
    name: 'native',
    description: 'trains with native TensorFlow where @tensorflow/tfjs-node is installed, else with WebAssembly, which is the same on every machine',
    default: false,
  },
  {
    name: 'onnx',
    description: 'decides through ONNX Runtime once frozen; plain arrays give the same actions faster',
    default: false,
  },
] as const satisfies readonly OptionSpec[]

interface DqnData extends CheckpointData {
  readonly decisions: number
  /** The last transition makes a training due. */
  readonly due: boolean
  /** Cost that counts as 1; null until the first training of an agent without a profile. */
  readonly scale: number | null
  readonly first: readonly PlainNumber[]
  readonly priors: ClassPriorsData
  /** Times that each action was learned from. */
  readonly visits: string
  readonly replay: ReplayData
  readonly trainer: TrainerData
}

/**
 * Double DQN (van Hasselt, Guez, Silver, AAAI 2016) on costs, with a replay and a target network, over the network of dqn/q-network.ts, which adds to the prior cost of each
 * point under the present requirements. TensorFlow.js trains it; plain arrays decide, so that a frozen agent never loads TensorFlow.
 *
 * Loading TensorFlow takes a while and training some milliseconds, so both are kept out of the way, without a decision depending on when they are done: a training that the transition
 * of decision t - 1 makes due is *armed* by `act` t, which waits for the backend by returning a promise; it runs after that decision was made, in `idle` or else when t is learned.
 */
export const dqn: AgentKind = {
  name: 'dqn',
  description: 'double DQN over features of monitors and points, trained online with TensorFlow.js',
  options,
  takesProfile: true,
  make: makeDqn,
}

function makeDqn(input: AgentInput): Agent {
  const settings = wholeSizes(readOptions('dqn', options, input.options))
  checkDataVersion('dqn', input.data, dataVersion)
  const data = input.data as DqnData | undefined
  const { spaces } = input
  const actions = spaces.points.length
  const frozen = input.frozen === true
  const rng = data === undefined ? makeRng(input.seed).fork('agent') : rngFromState(data.rng)
  const { gamma } = settings
  const wish = settings.native ? 'auto' : 'wasm'

  const inputs = makeInputs(spaces)
  const features = makeActionFeatures(spaces)
  const shape = { inputs: inputs.size, features: features.size, actions, hidden: settings.hidden, width: settings.width }
  const network = makeQNetwork(shape, features, makeQParameters(shape, makeRng(input.seed).fork('weights')))
  const replay = makeReplay(settings.replay, inputs.size, actions)

  let ready = false
  const costs = makeClassPriors(input, settings.classes, (slot) => ready && open(slot), data?.priors)
  const informed = Number.isFinite(costs.capUnit)
  // Without a profile nobody knows what a high cost is: a good one of those met until the first training counts as 1, and that is where every point begins.
  let scale = informed ? costs.scale : (data?.scale ?? Number.NaN)
  const priors = new Float64Array(costs.slots * actions).fill(1 / (1 - gamma))
  ready = true
  for (let slot = 0; slot < costs.used(); slot++) open(slot)

  function open(slot: number): void {
    replay.forget(slot)
    if (!informed) return
    const from = slot * actions
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < actions; a++) least = Math.min(least, costs.costs[from + a] as number)
    for (let a = 0; a < actions; a++) priors[from + a] = discountedPrior(costs.costs[from + a] as number, least, gamma) / scale
  }

  const { learningRate, batch, targetEvery } = settings
  const scaled = (cost: number): number => cappedCost(cost, informed ? costs.capUnit : scale, settings.costCap) / scale
  const trainer = makeTrainer({ online: network, actions: features, replay, rng, gamma, learningRate, batch, targetEvery, priors, scaled })
  let decisions = data?.decisions ?? 0
  let due = data?.due ?? false
  // A profiled point counts as one that was taken some times.
  const known = informed ? profileVisits : 1
  const visits = new Float32Array(actions)
  if (data === undefined) network.fold()
  else {
    floatsFromText(data.visits, visits, actions, 'visits')
    inputs.restore(data.first)
    replay.restore(data.replay)
    trainer.restore(data.trainer)
  }
  const enough = Math.min(replay.capacity, Math.max(1, informed ? batch : settings.warmup))

  let armed: Backend | undefined
  const train = (): void => {
    if (armed === undefined) return
    if (Number.isNaN(scale)) scale = replay.goodCost()
    for (let i = 0; i < settings.batches; i++) trainer.step(armed)
    armed = undefined
  }
  const arm = (backend: Backend): void => {
    train()
    armed = backend
    due = false
  }

  const x = new Float32Array(inputs.size)
  const values = new Float64Array(actions)
  const epsilonNow = (): number => {
    if (frozen) return 0
    const before = informed ? 0 : settings.warmup
    return decisions < before ? 1 : decayedEpsilon(settings.epsilon, settings.epsilonFloor, settings.epsilonDecay, decisions - before)
  }
  const addPriors = (slot: number): void => {
    for (let a = 0; a < actions; a++) values[a] = (values[a] as number) + (priors[slot * actions + a] as number)
  }
  const greedyIn = (slot: number, observation: Observation, mask: Mask): number => {
    inputs.fill(observation, x, 0)
    network.values(x, 0, values)
    addPriors(slot)
    if (!frozen) for (let a = 0; a < actions; a++) values[a] = (values[a] as number) - settings.optimism / (known + (visits[a] as number))
    return argminAllowed(values, mask)
  }

  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  const decide = (observation: Observation, mask: Mask): Choice => {
    if (!frozen) inputs.note(observation)
    const slot = frozen ? costs.look(observation) : costs.enter(observation)
    drawEpsilonGreedy(choice, rng, greedyIn(slot, observation, mask), epsilonNow(), mask)
    if (!frozen) decisions++
    return choice
  }
  const model = (): Uint8Array => encodePolicy(network)
  let runtime: Promise<RuntimePolicy> | undefined
  const decideByRuntime = async (observation: Observation, mask: Mask): Promise<Choice> => {
    runtime ??= openPolicy(model(), network.shape)
    const policy = await runtime
    const slot = costs.look(observation)
    inputs.fill(observation, policy.state, 0)
    policy.prior.set(priors.subarray(slot * actions, (slot + 1) * actions))
    values.set(await policy.run())
    return drawEpsilonGreedy(choice, rng, argminAllowed(values, mask), 0, mask)
  }
  let loading: Promise<Backend> | undefined

  return {
    act(observation, mask): MaybePromise<Choice> {
      if (frozen) return settings.onnx ? decideByRuntime(observation, mask) : decide(observation, mask)
      if (armed !== undefined) train()
      if (due) {
        const backend = currentBackend(wish)
        if (backend === undefined)
          return loadBackend(wish).then((loaded) => {
            arm(loaded)
            return decide(observation, mask)
          })
        arm(backend)
      } else if (loading === undefined) {
        // It will be needed soon; should it fail, the first training says so.
        loading = loadBackend(wish)
        loading.catch(() => {})
      }
      return decide(observation, mask)
    },
    distribution(observation, mask, out) {
      fillEpsilonGreedy(out, greedyIn(costs.look(observation), observation, mask), epsilonNow(), mask)
    },
    idle: train,
    learn(transition) {
      if (frozen || !Number.isFinite(transition.cost)) return
      const slot = costs.find(transition.observation)
      if (slot < 0) return
      train()
      visits[transition.action] = (visits[transition.action] as number) + 1
      const at = replay.next() * inputs.size
      inputs.fill(transition.observation, replay.states, at)
      inputs.fill(transition.nextObservation, replay.nextStates, at)
      const nextSlot = costs.find(transition.nextObservation)
      // What follows a change of requirements that were never met before is judged by the old ones.
      replay.add(transition.action, transition.cost, slot, nextSlot < 0 ? slot : nextSlot, transition.nextMask)
      if (decisions % settings.trainEvery === 0 && replay.size() >= enough) due = true
    },
    onnx: model,
    save: (): DqnData => ({
      version: dataVersion,
      rng: rng.state(),
      decisions,
      due,
      scale: Number.isNaN(scale) ? null : scale,
      first: inputs.save(),
      priors: costs.save(),
      visits: floatsToText(visits),
      replay: replay.save(),
      trainer: trainer.save(),
    }),
  }
}

/** Sizes and counts are whole numbers. */
function wholeSizes<T extends Readonly<Record<(typeof whole)[number], number>>>(settings: T): T {
  return { ...settings, ...Object.fromEntries(whole.map((name) => [name, Math.round(settings[name])])) }
}

const whole = ['batch', 'trainEvery', 'batches', 'targetEvery', 'replay', 'hidden', 'width', 'warmup', 'classes'] as const
