import type * as tfjs from '@tensorflow/tfjs-core'
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core'

/**
 * Gradients of the operations that the model is made of. TensorFlow.js registers its own when its union package is loaded, which comes with the
 * native backend; its core alone has none. Those that exist are left alone.
 */
export function registerGradients(tf: typeof tfjs): void {
  for (const config of makeGradients(tf)) if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config)
}

function makeGradients(tf: typeof tfjs): GradConfig[] {
  return [
    {
      kernelName: tf.Add,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({ a: () => sumTo(tf, only(dy), shapeOf(a)), b: () => sumTo(tf, only(dy), shapeOf(b)) }),
    },
    {
      kernelName: tf.Multiply,
      inputsToSave: ['a', 'b'],
      // Of equal shapes alone.
      gradFunc: (dy, [a, b]) => ({ a: () => tf.mul(only(dy), b as Tensor), b: () => tf.mul(only(dy), a as Tensor) }),
    },
    {
      kernelName: tf.Relu,
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(only(dy), tf.step(x as Tensor)) }),
    },
    {
      kernelName: tf.BatchMatMul,
      inputsToSave: ['a', 'b'],
      // tf.matMul hands two-dimensional matrices on as they are, so no transposition is asked here.
      gradFunc: (dy, [a, b]) => ({
        a: () => tf.matMul(only(dy), b as Tensor, false, true),
        b: () => tf.matMul(a as Tensor, only(dy), true, false),
      }),
    },
    {
      kernelName: tf.Mean,
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attributes) => ({ x: () => spreadMean(tf, only(dy), shapeOf(x), attributes['axis'] as number | number[]) }),
    },
  ]
}

const only = (dy: Tensor | Tensor[]): Tensor => (Array.isArray(dy) ? (dy[0] as Tensor) : dy)

const shapeOf = (tensor: Tensor | undefined): number[] => (tensor as Tensor).shape

/** Undoes a broadcast: sums over the leading dimensions that `shape` lacks. */
function sumTo(tf: typeof tfjs, dy: Tensor, shape: number[]): Tensor {
  const extra = dy.shape.length - shape.length
  return extra === 0 ? tf.clone(dy) : tf.sum(tf.reshape(dy, [-1, ...shape]), 0)
}

function spreadMean(tf: typeof tfjs, dy: Tensor, shape: number[], axis: number | number[]): Tensor {
  const axes = Array.isArray(axis) ? axis : [axis]
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size))
  const count = axes.reduce((product, i) => product * (shape[i] as number), 1)
  return tf.mul(tf.reshape(dy, kept), tf.fill(shape, 1 / count))
}
