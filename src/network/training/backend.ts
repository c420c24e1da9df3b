import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type * as tfjs from '@tensorflow/tfjs-core'
import { FlyballError } from '../../core/errors.ts'
import { registerGradients } from './gradients.ts'

export type BackendName = 'native' | 'wasm'
export type BackendChoice = BackendName | 'auto'

/** TensorFlow.js on one backend, with the one operation that backends do not share. Everything above is the same code. */
export interface Backend {
  readonly name: BackendName
  readonly tf: typeof tfjs
  /** Convolution 3x3, stride 1, zero padding: [n, h, w, in] x [3, 3, in, out] -> [n, h, w, out]; differentiable in both arguments. */
  conv(x: tfjs.Tensor4D, kernel: tfjs.Tensor4D): tfjs.Tensor4D
}

/**
 * Loads a backend. `auto` is native where `@tensorflow/tfjs-node` loads, else WebAssembly; the result says which it is.
 * The plain JavaScript backend is never used. TensorFlow.js has one current backend: opening one ends the use of the one before.
 * Throws ERR_BACKEND.
 */
export async function openBackend(choice: BackendChoice): Promise<Backend> {
  if (choice === 'wasm') return openWasm()
  try {
    return await openNative()
  } catch (error) {
    if (choice === 'auto') return openWasm()
    throw error
  }
}

async function openNative(): Promise<Backend> {
  // The name is computed, so that the build does not need a package that may be absent.
  const name: string = '@tensorflow/tfjs-node'
  try {
    await import(name)
  } catch (error) {
    throw new FlyballError('ERR_BACKEND', `the native backend does not load (npm install ${name}, or --backend wasm): ${(error as Error).message}`, {
      cause: error,
    })
  }
  const tf = await import('@tensorflow/tfjs-core')
  await select(tf, 'tensorflow', 'native')
  return { name: 'native', tf, conv: (x, kernel) => tf.conv2d(x, kernel, 1, 'same') }
}

async function openWasm(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core')
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  await select(tf, 'wasm', 'wasm')
  registerGradients(tf)
  return { name: 'wasm', tf, conv: (x, kernel) => convByMatrixProduct(tf, x, kernel) }
}

async function select(tf: typeof tfjs, backend: string, name: BackendName): Promise<void> {
  const ok = await tf.setBackend(backend).catch(() => false)
  if (!ok || tf.getBackend() !== backend) throw new FlyballError('ERR_BACKEND', `TensorFlow.js did not start its ${name} backend`)
}

/**
 * Convolution as a matrix product, with its gradient: the WebAssembly backend has no gradient of a convolution.
 * The gradient of the input is a convolution again, by the kernel turned by 180 degrees with input and output channels swapped.
 */
function convByMatrixProduct(tf: typeof tfjs, x: tfjs.Tensor4D, kernel: tfjs.Tensor4D): tfjs.Tensor4D {
  const op = tf.customGrad((input, weights, save) => {
    const image = input as tfjs.Tensor4D
    const filter = weights as tfjs.Tensor4D
    ;(save as (tensors: tfjs.Tensor[]) => void)([image, filter])
    return {
      value: multiplyShifted(tf, image, filter),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [before, by] = saved as [tfjs.Tensor4D, tfjs.Tensor4D]
        const [, , inChannels, outChannels] = by.shape
        const turned = tf.transpose(tf.reverse(by, [0, 1]), [0, 1, 3, 2])
        const slopes = tf.reshape(dy, [-1, outChannels])
        return [
          multiplyShifted(tf, dy as tfjs.Tensor4D, turned),
          tf.reshape(tf.matMul(shiftedCopies(tf, before), slopes, true, false), [3, 3, inChannels, outChannels]),
        ]
      },
    }
  })
  return op(x, kernel) as tfjs.Tensor4D
}

function multiplyShifted(tf: typeof tfjs, x: tfjs.Tensor4D, kernel: tfjs.Tensor4D): tfjs.Tensor4D {
  const [n, h, w, c] = x.shape
  const out = kernel.shape[3]
  return tf.reshape(tf.matMul(shiftedCopies(tf, x), tf.reshape(kernel, [9 * c, out])), [n, h, w, out])
}

/** The nine shifted copies of the input side by side, as a matrix [n * h * w, 9 * c]. */
function shiftedCopies(tf: typeof tfjs, x: tfjs.Tensor4D): tfjs.Tensor2D {
  const [n, h, w, c] = x.shape
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ])
  const shifted: tfjs.Tensor4D[] = []
  for (let dy = 0; dy < 3; dy++) for (let dx = 0; dx < 3; dx++) shifted.push(tf.slice(padded, [0, dy, dx, 0], [n, h, w, c]))
  return tf.reshape(tf.concat(shifted, 3), [n * h * w, 9 * c])
}
