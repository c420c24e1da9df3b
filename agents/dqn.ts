import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, PredictedPoint } from '../src/core/agent.ts'
import type { MaybePromise } from '../src/core/env.ts'
import { makeRng } from '../src/core/rng.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import type { Backend } from '../src/network/training/backend.ts'
import { begin } from './data-version.ts'
import { makeActionFeatures } from './dqn/action-features.ts'
import { currentBackend, loadBackend } from './dqn/backend.ts'
import { floatsFromText, floatsToText } from './dqn/floats.ts'
import { makeInputs } from './dqn/observe.ts'
import { encodePolicy } from './dqn/policy-model.ts'
import { makeQNetwork, makeQParameters } from './dqn/q-network.ts'
import { makeReplay, type ReplayData } from './dqn/replay.ts'
import { openPolicy, type RuntimePolicy } from './dqn/runtime-policy.ts'
import { dqnOptions, readDqnOptions } from './dqn/settings.ts'
import { makeTrainer, type TrainerData } from './dqn/trainer.ts'
import { cappedCost } from './maths/capped-cost.ts'
import { type ClassPriorsData, makeClassPriors } from './maths/class-priors.ts'
import { decayedEpsilon, drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { explainPolicy } from './maths/explain-policy.ts'
import { argminAllowed } from './maths/masked.ts'
import type { PlainNumber } from './maths/plain.ts'
import { discountedPrior } from './maths/td.ts'

const dataVersion = 1
const profileVisits = 5

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
  options: dqnOptions,
  takesProfile: true,
  passes: 10,
  learnsCosts: true,
  make: makeDqn,
}

function makeDqn(input: AgentInput): Agent {
  const settings = readDqnOptions(input.options)
  const { data, rng } = begin<DqnData>('dqn', input, dataVersion)
  const { spaces } = input
  const actions = spaces.points.length
  const frozen = input.frozen === true
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
    explain(observation, mask, action) {
      const take = (seen: Observation, allowed: Mask): number => greedyIn(costs.look(seen), seen, allowed)
      inputs.fill(observation, x, 0)
      network.values(x, 0, values)
      addPriors(costs.look(observation))
      const valued = values.slice()
      // A value is that of this decision and of the best ones after it.
      const later = gamma * Math.min(...valued.filter((_, a) => mask[a] === 1))
      const predict = (a: number): Partial<PredictedPoint> => ({ cost: scale * ((valued[a] as number) - later), tried: visits[a] !== 0 })
      return explainPolicy({ spaces, take, predict, observation, mask, action })
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
