import type { Rng } from '../../src/core/rng.ts'
import type { Backend } from '../../src/network/training/backend.ts'
import { adamStep } from '../../src/network/training/optimiser.ts'
import { argminAllowed } from '../maths/masked.ts'
import { qLearningError } from '../maths/td.ts'
import type { ActionFeatures } from './action-features.ts'
import { floatsFromText, floatsToText } from './floats.ts'
import { towerGradients } from './gradients.ts'
import { makeQNetwork, type QNetwork } from './q-network.ts'
import type { Replay } from './replay.ts'

export interface TrainerInput {
  readonly online: QNetwork
  readonly actions: ActionFeatures
  readonly replay: Replay
  readonly rng: Rng
  readonly gamma: number
  readonly learningRate: number
  readonly batch: number
  /** Batches between two copies of the network into the one that judges. */
  readonly targetEvery: number
  /** Value that an action of a class of requirements begins with, in the unit of the network: `priors[slot * actions + a]`. */
  readonly priors: Float64Array
  /** Cost in the unit of the network. */
  scaled(cost: number): number
}

/** The trainer as it stands in a checkpoint. */
export interface TrainerData {
  readonly steps: number
  readonly online: readonly string[]
  readonly target: readonly string[]
  /** Moments of Adam: the first of every parameter, then the second. */
  readonly moments: readonly string[]
}

export interface Trainer {
  /** Takes one step down the gradient of one batch from the replay. Synchronous; milliseconds. */
  step(backend: Backend): void
  save(): TrainerData
  restore(data: TrainerData): void
}

/**
 * Double DQN (van Hasselt, Guez, Silver, "Deep reinforcement learning with double Q-learning", AAAI 2016) on costs, over a replay (Mnih et al., "Human-level control through
 * deep reinforcement learning", Nature 2015): towards `cost + gamma * target(s', argmin_a online(s', a))`, masked actions left out of the minimum. The loss is half the
 * mean squared error; costs are capped, so that errors need not be clipped. TensorFlow.js works out the gradients of the towers; Adam (Kingma and Ba, 2015) takes the step.
 */
export function makeTrainer({ online, actions, replay, rng, gamma, learningRate, batch, targetEvery, priors, scaled }: TrainerInput): Trainer {
  const { shape, parameters } = online
  const target = makeQNetwork(
    shape,
    actions,
    parameters.map((parameter) => ({ ...parameter, values: parameter.values.slice() })),
  )
  target.fold()
  const first = parameters.map(({ values }) => new Float32Array(values.length))
  const second = parameters.map(({ values }) => new Float32Array(values.length))
  const own = new Float32Array(shape.actions)
  const states = new Float32Array(batch * shape.inputs)
  const features = new Float32Array(batch * shape.features)
  const slopes = new Float32Array(batch)
  const values = new Float64Array(shape.actions)
  let steps = 0

  const leastNext = (r: number): number => {
    const at = r * shape.inputs
    const slot = replay.nextSlot(r) * shape.actions
    online.values(replay.nextStates, at, values)
    for (let a = 0; a < shape.actions; a++) values[a] = (values[a] as number) + (priors[slot + a] as number)
    const next = argminAllowed(values, replay.nextMask(r))
    return (priors[slot + next] as number) + target.valueOf(replay.nextStates, at, next)
  }

  /** Puts transition r at place i of the batch. */
  const take = (r: number, i: number): void => {
    const action = replay.action(r)
    states.set(replay.states.subarray(r * shape.inputs, (r + 1) * shape.inputs), i * shape.inputs)
    features.set(actions.rows.subarray(action * shape.features, (action + 1) * shape.features), i * shape.features)
    const cost = replay.cost(r)
    slopes[i] = 0
    if (Number.isNaN(cost)) return
    const value = (priors[replay.slot(r) * shape.actions + action] as number) + online.valueOf(replay.states, r * shape.inputs, action)
    slopes[i] = -qLearningError(value, scaled(cost), gamma, gamma === 0 ? 0 : leastNext(r)) / batch
    own[action] = (own[action] as number) + (slopes[i] as number)
  }

  const arrays = (texts: readonly string[], into: readonly Float32Array[], what: string): void =>
    into.forEach((out, i) => {
      floatsFromText(texts[i] ?? '', out, out.length, what)
    })
  const valuesOf = (network: QNetwork): Float32Array[] => network.parameters.map((parameter) => parameter.values)

  return {
    step(backend) {
      own.fill(0)
      for (let i = 0; i < batch; i++) take(rng.int(replay.size()), i)
      const gradients = [...towerGradients(backend, online, { states, features, slopes }), own]
      parameters.forEach((parameter, p) => {
        adamStep(parameter.values, gradients[p] as ArrayLike<number>, first[p] as Float32Array, second[p] as Float32Array, learningRate, steps)
      })
      online.fold()
      steps++
      if (steps % targetEvery !== 0) return
      valuesOf(target).forEach((copy, p) => {
        copy.set((parameters[p] as { values: Float32Array }).values)
      })
      target.last.set(online.last)
    },
    save: () => ({
      steps,
      online: valuesOf(online).map(floatsToText),
      target: valuesOf(target).map(floatsToText),
      moments: [...first, ...second].map(floatsToText),
    }),
    restore(data) {
      steps = data.steps
      arrays(data.online, valuesOf(online), 'trainer.online')
      arrays(data.target, valuesOf(target), 'trainer.target')
      arrays(data.moments, [...first, ...second], 'trainer.moments')
      online.fold()
      target.fold()
    },
  }
}
