import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { Backend } from './backend.ts'
import { normEpsilon } from './parameters.ts'

/** Called with the activations in front of the normalisation of layer `i`, before they are normalised. */
export type Watch = (layer: number, activations: Tensor4D) => void

/** Logits [n, classes] of a group in training: every normalisation uses the statistics of this batch [n, h, w, c]. */
export function trainingLogits(
  backend: Backend,
  { convs }: GroupArchitecture,
  parameters: readonly Tensor[],
  images: Tensor4D,
  watch?: Watch,
): Tensor2D {
  const { tf } = backend
  let x = images
  convs.forEach((conv, i) => {
    x = backend.conv(x, parameters[2 * i] as Tensor4D, i === 0)
    if (conv.pool) x = backend.pool(x)
    watch?.(i, x)
    x = tf.relu(tf.add(normalise(backend, x), parameters[2 * i + 1] as Tensor1D))
  })
  return classify(backend, x, parameters[2 * convs.length] as Tensor2D, parameters[2 * convs.length + 1] as Tensor1D)
}

/** Logits [n, classes] of a trained group: no statistics, the same numbers for an image whatever the batch. */
export function frozenLogits(backend: Backend, architecture: GroupArchitecture, weights: GroupWeights, images: Tensor4D): Tensor2D {
  const { tf } = backend
  let x = images
  architecture.convs.forEach((conv, i) => {
    const { kernel, bias } = weights.convs[i] as GroupWeights['convs'][number]
    x = backend.conv(x, tf.tensor4d(kernel, [3, 3, conv.inChannels, conv.outChannels]), i === 0)
    if (conv.pool) x = backend.pool(x)
    x = tf.relu(tf.add(x, tf.tensor1d(bias)))
  })
  const { features, classes } = architecture
  return classify(backend, x, tf.tensor2d(weights.dense.kernel, [features, classes]), tf.tensor1d(weights.dense.bias))
}

function classify({ tf }: Backend, x: Tensor4D, kernel: Tensor2D, bias: Tensor1D): Tensor2D {
  return tf.add(tf.matMul(tf.mean(x, [1, 2]) as Tensor2D, kernel), bias)
}

/**
 * Batch normalisation without scale and shift (Ioffe and Szegedy, 2015), with its gradient in closed form:
 * for y = (x - mean) / std, dx = (dy - mean(dy) - y * mean(dy * y)) / std. TensorFlow.js has the forward pass alone.
 */
function normalise({ tf }: Backend, x: Tensor4D): Tensor4D {
  const channels = x.shape[3]
  const op = tf.customGrad((input, save) => {
    const flat = tf.reshape(input as Tensor4D, [-1, channels])
    const centred = tf.sub(flat, tf.mean(flat, 0))
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 0), normEpsilon))
    const y = tf.mul(centred, inverse)
    ;(save as (tensors: Tensor[]) => void)([y, inverse])
    return {
      value: tf.reshape(y, x.shape),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [normal, scale] = saved as [Tensor, Tensor]
        const g = tf.reshape(dy, [-1, channels])
        const slope = tf.mul(normal, tf.mean(tf.mul(g, normal), 0))
        return tf.reshape(tf.mul(tf.sub(tf.sub(g, tf.mean(g, 0)), slope), scale), x.shape)
      },
    }
  })
  return op(x) as Tensor4D
}

/**
 * Mean cross-entropy, nats, of targets [n, classes] under softmax(logits / divisor). Its gradient in closed form is
 * (softmax - targets) / (n * divisor).
 */
export function crossEntropy({ tf }: Backend, logits: Tensor, targets: Tensor, divisor: number): Scalar {
  const n = logits.shape[0] as number
  const op = tf.customGrad((input, save) => {
    const scaled = tf.div(input as Tensor, divisor)
    ;(save as (tensors: Tensor[]) => void)([tf.softmax(scaled)])
    const value = tf.div(tf.sum(tf.mul(targets, tf.sub(tf.logSumExp(scaled, 1, true), scaled))), n)
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.div(tf.sub(saved[0] as Tensor, targets), n * divisor)) }
  })
  return op(logits) as Scalar
}
