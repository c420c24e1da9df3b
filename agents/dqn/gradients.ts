import type { Tensor } from '@tensorflow/tfjs-core'
import type { Backend } from '../../src/network/training/backend.ts'
import type { QNetwork } from './q-network.ts'

/** Some decisions: the inputs of their states [n, inputs], the features of their actions [n, features], and the slope of the loss by each one's value [n]. */
export interface QBatch {
  readonly states: Float32Array
  readonly features: Float32Array
  readonly slopes: Float32Array
}

/** The towers' part of the value of each decision, [n, 1]: all but the actions' own terms. */
function towers({ tf }: Backend, [s1, s2, a1, a2]: Tensor[], states: Tensor, features: Tensor): Tensor {
  const state = tf.relu(tf.matMul(tf.relu(tf.matMul(states, s1 as Tensor)), s2 as Tensor))
  const action = tf.matMul(tf.relu(tf.matMul(features, a1 as Tensor)), a2 as Tensor)
  return tf.matMul(tf.mul(state, action), tf.ones([state.shape[1] as number, 1]))
}

/** Gradients of the loss by the towers' matrices, in the order of the parameters. */
export function towerGradients(backend: Backend, { shape, parameters }: QNetwork, { states, features, slopes }: QBatch): ArrayLike<number>[] {
  const { tf } = backend
  const n = slopes.length
  let gradients: ArrayLike<number>[] = []
  tf.tidy(() => {
    const [x, f] = [tf.tensor2d(states, [n, shape.inputs]), tf.tensor2d(features, [n, shape.features])]
    const matrices = parameters.slice(0, 4).map(({ values, shape: sizes }) => tf.tensor(values, [...sizes]))
    const slope = tf.grads((...tensors: Tensor[]) => towers(backend, tensors, x, f))
    gradients = slope(matrices, tf.tensor2d(slopes, [n, 1])).map((gradient) => gradient.dataSync())
  })
  return gradients
}

/** Values of all actions in one state, worked out by TensorFlow.js. */
export function valuesByTensorFlow(backend: Backend, { shape, parameters }: QNetwork, state: Float32Array, features: Float32Array): Float32Array {
  const { tf } = backend
  let values: Float32Array = new Float32Array(0)
  tf.tidy(() => {
    const tensors = parameters.map(({ values, shape: sizes }) => tf.tensor(values, [...sizes]))
    const states = tf.tile(tf.tensor2d(state, [1, shape.inputs]), [shape.actions, 1])
    const sum = tf.add(towers(backend, tensors, states, tf.tensor2d(features, [shape.actions, shape.features])), tensors[4] as Tensor)
    values = sum.dataSync() as Float32Array
  })
  return values
}
