/**
 * Training speed, images per second: a step of flyball's trainer (variation, gradients, optimiser, read-out) beside the bare step in TensorFlow.js
 * (its own operations and Adam, one batch used over and over). The two take turns. WebAssembly has no gradient of a convolution and knows
 * few of the others, so the bare step there borrows flyball's convolution, pooling and normalisation.
 *
 * Run: node dist/bench/training-speed.js [--batch 256] [--steps 12] [--width 16] [--json]
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core'
import { systemClock } from '../src/core/clock.ts'
import { makeRng } from '../src/core/rng.ts'
import { groupArchitecture } from '../src/network/architecture.ts'
import { type ImageSet, normalisationTable } from '../src/network/dataset/image-set.ts'
import { type Backend, type BackendName, openBackend } from '../src/network/training/backend.ts'
import { batchGradients } from '../src/network/training/batch-gradients.ts'
import { fillBatch, makeBatch, shuffledOrder } from '../src/network/training/batches.ts'
import { crossEntropy } from '../src/network/training/model.ts'
import { makeOptimiser } from '../src/network/training/optimiser.ts'
import { makeParameters, normEpsilon } from '../src/network/training/parameters.ts'
import { flag, print, quantile, time } from './support.ts'

const size = Number(flag('batch', '256'))
const steps = Number(flag('steps', '12'))
const architecture = groupArchitecture(Number(flag('width', '16')), [3, 32, 32], 10)
const rng = makeRng(1)
const set: ImageSet = {
  name: 'noise',
  count: size,
  shape: [3, 32, 32],
  pixels: Uint8Array.from({ length: size * 3072 }, () => rng.int(256)),
  labels: Uint8Array.from({ length: size }, () => rng.int(10)),
  classes: Array.from({ length: 10 }, (_, k) => `${k}`),
}
const table = normalisationTable({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] })
const batch = makeBatch(set, size)

function ourStep(backend: Backend): () => void {
  const parameters = makeParameters(architecture, makeRng(1))
  const optimiser = makeOptimiser(backend, parameters)
  const varied = { shiftPx: 4, flip: true, cutoutPx: 8, rng: makeRng(2) }
  let step = 0
  return () => {
    fillBatch(batch, set, shuffledOrder(size, makeRng(step)), 0, table, varied)
    const { gradients } = batchGradients({ backend, architecture, labelSmoothing: 0.1 }, parameters, batch)
    optimiser.step(gradients, 0.01, step++)
  }
}

function bareStep(backend: Backend): () => void {
  const { tf, name } = backend
  fillBatch(batch, set, shuffledOrder(size, makeRng(0)), 0, table)
  const images = tf.tensor4d(batch.images.slice(), [size, 32, 32, 3])
  const targets = tf.tensor2d(batch.targets.slice(), [size, 10])
  const variables = makeParameters(architecture, makeRng(1)).map(({ values, shape }) => tf.variable(tf.tensor(values, [...shape])))
  const adam = tf.train.adam(0.001)
  const normalise = (x: Tensor4D, shift: Tensor1D): Tensor4D => {
    if (name === 'wasm') return backend.normalise(x, shift)
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, shift, tf.onesLike(shift), normEpsilon)
  }
  const loss = (): Scalar => {
    let x: Tensor4D = images
    architecture.convs.forEach(({ residual, pool }, i) => {
      let y = backend.conv(x, variables[2 * i] as Variable as Tensor4D, i === 0)
      if (pool && !residual) y = backend.pool(y)
      y = normalise(y, variables[2 * i + 1] as Tensor as Tensor1D)
      y = tf.relu(residual ? tf.add(y, x) : y)
      x = pool && residual ? backend.pool(y) : y
    })
    const [kernel, bias] = variables.slice(-2) as Tensor[] as [Tensor, Tensor]
    const logits = tf.add(tf.matMul(tf.mean(x, [1, 2]) as Tensor2D, kernel as Tensor2D), bias)
    return name === 'wasm' ? crossEntropy(backend, logits, targets) : (tf.losses.softmaxCrossEntropy(targets, logits) as Scalar)
  }
  return () => {
    tf.tidy(() => {
      adam.minimize(loss, true, variables)?.dataSync()
    })
  }
}

const rows = [['backend', 'flyball', 'images/s', 'bare TensorFlow.js', 'images/s', 'flyball / bare']]
const document: unknown[] = []
for (const name of ['native', 'wasm'] satisfies BackendName[]) {
  const backend = await openBackend(name).catch((error: Error) => error)
  if (backend instanceof Error) {
    rows.push([name, backend.message, '', '', '', ''])
    document.push({ backend: name, absent: backend.message })
    continue
  }
  const contenders = [ourStep(backend), bareStep(backend)]
  const samplesS: number[][] = contenders.map(() => [])
  for (let step = -2; step < steps; step++)
    for (const [which, run] of contenders.entries()) {
      const startS = systemClock.now()
      run()
      if (step >= 0) samplesS[which]?.push(systemClock.now() - startS)
    }
  const [oursS, bareS] = samplesS.map((samples) => quantile(samples, 0.5)) as [number, number]
  rows.push([name, time(oursS), (size / oursS).toFixed(0), time(bareS), (size / bareS).toFixed(0), (bareS / oursS).toFixed(2)])
  document.push({ backend: name, batch: size, stepS: oursS, imagesPerS: size / oursS, bareStepS: bareS, bareImagesPerS: size / bareS })
}
print(`one training step of one group, ${size} images, p50 of ${steps}`, rows, document)
