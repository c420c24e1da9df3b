import { makeActionFeatures } from '../../../agents/dqn/action-features.ts'
import type { BackendWish } from '../../../agents/dqn/backend.ts'
import { makeQNetwork, makeQParameters, type QNetwork } from '../../../agents/dqn/q-network.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { makeSpaces, type Spaces } from '../../../src/core/spaces.ts'

/** `actions` points without a meaning but their random features. */
export function featuredSpaces(actions: number, features: number, monitors: readonly string[] = ['queueLength'], seed = 1): Spaces {
  const rng = makeRng(seed)
  return makeSpaces({
    knobs: [{ name: 'arm', kind: 'other', values: Array.from({ length: actions }, (_, a) => a) }],
    points: Array.from({ length: actions }, (_, arm) => ({ arm })),
    featureNames: Array.from({ length: features }, (_, i) => `f${i}`),
    features: Array.from({ length: actions }, () => Array.from({ length: features }, () => rng.normal())),
    monitors: monitors.map((name) => ({ name, low: 0, high: 1 })),
  })
}

/** A network none of whose weights is 0, and the features of its actions. */
export function randomNetwork(seed: number, actions = 40, inputs = 7): { network: QNetwork; features: Float32Array } {
  const features = makeActionFeatures(featuredSpaces(actions, 5, [], seed))
  const shape = { inputs, features: features.size, actions, hidden: 12, width: 9 }
  const rng = makeRng(seed)
  const parameters = makeQParameters(shape, rng)
  for (const { values } of parameters) for (let i = 0; i < values.length; i++) values[i] = 0.4 * rng.normal()
  const network = makeQNetwork(shape, features, parameters)
  network.fold()
  return { network, features: features.rows }
}

export const randomState = (seed: number, inputs = 7): Float32Array => {
  const rng = makeRng(seed)
  return Float32Array.from({ length: inputs }, () => rng.next())
}

/** Why a backend cannot be tested here; undefined where it can. */
export async function backendMissing(wish: BackendWish): Promise<string | undefined> {
  if (wish === 'wasm') return undefined
  const name: string = '@tensorflow/tfjs-node'
  return import(name).then(
    () => undefined,
    (error: Error) => `${name} does not load: ${error.message.split('\n')[0]}`,
  )
}
