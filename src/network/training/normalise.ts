import type * as tfjs from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core'
import { normEpsilon } from './parameters.ts'

// Batch normalisation without a scale (Ioffe and Szegedy, 2015) of activations [n, h, w, c], plus a shift [c]. TensorFlow.js has the forward pass with given
// statistics alone.

/**
 * From the operations that every backend has, with the gradient in closed form: for y = (x - mean) / std,
 * dx = (dy - mean(dy) - y * mean(dy * y)) / std.
 */
export function normaliseByParts(tf: typeof tfjs, x: Tensor4D, shift: Tensor1D): Tensor4D {
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
  return tf.add(op(x) as Tensor4D, shift)
}

/** What of the native backend is used beyond TensorFlow.js: it runs any operation of TensorFlow by name. */
interface NativeOperations {
  readonly binding: {
    readonly TF_ATTR_TYPE: number
    readonly TF_ATTR_FLOAT: number
    readonly TF_ATTR_STRING: number
    readonly TF_ATTR_BOOL: number
    readonly TF_FLOAT: number
  }
  executeMultipleOutputs(name: string, attributes: readonly object[], inputs: readonly Tensor[], outputs: number): Tensor[]
}

/** TensorFlow's own fused operation: one pass over the activations where the parts make eight. */
export function makeFusedNormalise(tf: typeof tfjs): (x: Tensor4D, shift: Tensor1D) => Tensor4D {
  const native = tf.backend() as unknown as NativeOperations
  const { binding } = native
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: normEpsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ]
  return (x, shift) => {
    const op = tf.customGrad((input, moved, save) => {
      const scale = tf.onesLike(moved as unknown as Tensor)
      // Running statistics are an input that training does not read.
      const none = tf.tensor1d([])
      const [value, , , ...reserved] = native.executeMultipleOutputs(
        'FusedBatchNormV3',
        attributes,
        [input as Tensor, scale, moved as unknown as Tensor, none, none],
        6,
      )
      ;(save as unknown as (tensors: Tensor[]) => void)([input as Tensor, scale, ...reserved])
      return {
        value: value as Tensor,
        gradFunc: (dy: Tensor, [before, one, ...kept]: Tensor[]) => {
          const [dx, , dShift] = native.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, before as Tensor, one as Tensor, ...kept], 5)
          return [dx as Tensor, dShift as Tensor]
        },
      }
    })
    return op(x, shift) as Tensor4D
  }
}
