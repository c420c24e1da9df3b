import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { Backend } from './backend.ts'

/** Called with the activations in front of the normalisation of layer `i`, before they are normalised. */
export type Watch = (layer: number, activations: Tensor4D) => void

/** Logits [n, classes] of a group in training: every normalisation uses the statistics of this batch [n, h, w, c]. */
export function trainingLogits(
  backend: Backend,
  architecture: GroupArchitecture,
  parameters: readonly Tensor[],
  images: Tensor4D,
  watch?: Watch,
): Tensor2D {
  const last = 2 * architecture.convs.length
  return logitsOf(backend, architecture, images, parameters[last] as Tensor2D, parameters[last + 1] as Tensor1D, {
    kernel: (i) => parameters[2 * i] as Tensor4D,
    finish(x, i) {
      watch?.(i, x)
      return backend.normalise(x, parameters[2 * i + 1] as Tensor1D)
    },
  })
}

/** Logits [n, classes] of a trained group: no statistics, the same numbers for an image whatever the batch. */
export function frozenLogits(backend: Backend, architecture: GroupArchitecture, { convs, dense }: GroupWeights, images: Tensor4D): Tensor2D {
  const { tf } = backend
  const { features, classes } = architecture
  return logitsOf(backend, architecture, images, tf.tensor2d(dense.kernel, [features, classes]), tf.tensor1d(dense.bias), {
    kernel(i) {
      const { inChannels, outChannels } = architecture.convs[i] as GroupArchitecture['convs'][number]
      return tf.tensor4d((convs[i] as GroupWeights['convs'][number]).kernel, [3, 3, inChannels, outChannels])
    },
    finish: (x, i) => tf.add(x, tf.tensor1d((convs[i] as GroupWeights['convs'][number]).bias)),
  })
}

/** What differs between a group in training and a trained one. */
interface Layers {
  kernel(layer: number): Tensor4D
  /** From the sums of a convolution to what ReLU gets: increasing in every value, so that pooling may come before it. */
  finish(sums: Tensor4D, layer: number): Tensor4D
}

function logitsOf(backend: Backend, { convs }: GroupArchitecture, images: Tensor4D, kernel: Tensor2D, bias: Tensor1D, layers: Layers): Tensor2D {
  const { tf } = backend
  let x = images
  convs.forEach(({ residual, pool }, i) => {
    let y = backend.conv(x, layers.kernel(i), i === 0)
    // Pooled first where it can be: a quarter of the values to normalise.
    if (pool && !residual) y = backend.pool(y)
    y = layers.finish(y, i)
    y = tf.relu(residual ? tf.add(y, x) : y)
    x = pool && residual ? backend.pool(y) : y
  })
  return tf.add(tf.matMul(tf.mean(x, [1, 2]) as Tensor2D, kernel), bias)
}

/** Mean cross-entropy, nats, of targets [n, classes] under softmax(logits). Its gradient in closed form is (softmax - targets) / n. */
export function crossEntropy({ tf }: Backend, logits: Tensor, targets: Tensor): Scalar {
  const n = logits.shape[0] as number
  const op = tf.customGrad((input, save) => {
    const x = input as Tensor
    ;(save as (tensors: Tensor[]) => void)([tf.softmax(x)])
    const value = tf.div(tf.sum(tf.mul(targets, tf.sub(tf.logSumExp(x, 1, true), x))), n)
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.div(tf.sub(saved[0] as Tensor, targets), n)) }
  })
  return op(logits) as Scalar
}
