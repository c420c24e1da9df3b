import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type * as tfjs from '@tensorflow/tfjs-core'
import { FlyballError } from '../../core/errors.ts'
import { registerGradients } from './gradients.ts'
import { convByMatrixProduct, poolByComparison } from './layers-by-parts.ts'
import { makeFusedNormalise, normaliseByParts } from './normalise.ts'

export const backendNames = ['native', 'wasm', 'javascript'] as const
export type BackendName = (typeof backendNames)[number]
export type BackendChoice = BackendName | 'auto'

/** TensorFlow.js on one backend, with the operations that backends do not share. Everything above is the same code. */
export interface Backend {
  readonly name: BackendName
  readonly tf: typeof tfjs
  /** Convolution 3x3, stride 1, zero padding: [n, h, w, in] x [3, 3, in, out] -> [n, h, w, out]; differentiable in both, but in the kernel alone `ofImages`. */
  conv(x: tfjs.Tensor4D, kernel: tfjs.Tensor4D, ofImages: boolean): tfjs.Tensor4D
  /** Maximum of every 2x2: [n, h, w, c] -> [n, h/2, w/2, c], height and width even; differentiable, the first of equals takes the slope. */
  pool(x: tfjs.Tensor4D): tfjs.Tensor4D
  /** Batch normalisation of [n, h, w, c] with the statistics of the batch, plus a shift [c]; differentiable in both. */
  normalise(x: tfjs.Tensor4D, shift: tfjs.Tensor1D): tfjs.Tensor4D
}

/**
 * Loads a backend. `auto` is native where `@tensorflow/tfjs-node` loads, else WebAssembly; the result says which it is.
 * Plain JavaScript, many times slower again, is used only when it is asked for. TensorFlow.js has one current backend: opening one ends the use of the one before.
 * Throws ERR_BACKEND.
 */
export async function openBackend(choice: BackendChoice): Promise<Backend> {
  if (choice === 'wasm') return openWasm()
  if (choice === 'javascript') return openJavaScript()
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
  return {
    name: 'native',
    tf,
    conv: (x, kernel) => tf.conv2d(x, kernel, 1, 'same'),
    pool: (x) => tf.maxPool(x, 2, 2, 'valid'),
    normalise: makeFusedNormalise(tf),
  }
}

async function openWasm(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core')
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  await select(tf, 'wasm', 'wasm')
  return byParts(tf, 'wasm')
}

async function openJavaScript(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-backend-cpu')
  await select(tf, 'cpu', 'javascript')
  return byParts(tf, 'javascript')
}

/** For backends of few operations: everything from matrix products and what else they all have. */
function byParts(tf: typeof tfjs, name: BackendName): Backend {
  registerGradients(tf)
  return {
    name,
    tf,
    conv: (x, kernel, ofImages) => convByMatrixProduct(tf, x, kernel, ofImages),
    pool: (x) => poolByComparison(tf, x),
    normalise: (x, shift) => normaliseByParts(tf, x, shift),
  }
}

async function select(tf: typeof tfjs, backend: string, name: BackendName): Promise<void> {
  const ok = await tf.setBackend(backend).catch(() => false)
  if (!ok || tf.getBackend() !== backend) throw new FlyballError('ERR_BACKEND', `TensorFlow.js did not start its ${name} backend`)
}
