import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { type GroupWeights, groupArchitecture } from '../../../src/network/architecture.ts'
import { normalisationTable } from '../../../src/network/dataset/image-set.ts'
import { makeGroupModel, makeWholeModel, readGroupWeights } from '../../../src/network/onnx/group-model.ts'
import { encodeModel } from '../../../src/network/onnx/model.ts'
import { type Backend, openBackend } from '../../../src/network/training/backend.ts'
import { batchGradients } from '../../../src/network/training/batch-gradients.ts'
import { fillBatch, makeBatch } from '../../../src/network/training/batches.ts'
import { frozenLogits, trainingLogits } from '../../../src/network/training/model.ts'
import { type ChannelMoments, foldParameters, makeParameters, type Parameter } from '../../../src/network/training/parameters.ts'
import { darkAndLight } from '../support.ts'

const architecture = groupArchitecture(3, [3, 8, 8], 2)
const data = darkAndLight(16, 5)
const table = normalisationTable({ mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] })
const batch = makeBatch(data, 16)
fillBatch(
  batch,
  data,
  Uint32Array.from({ length: 16 }, (_, i) => i),
  0,
  table,
)

const settings = { architecture, labelSmoothing: 0.1 }

/** Fresh parameters with shifts and biases that are not 0, so that none is tested by accident. */
function someParameters(seed: number): Parameter[] {
  const rng = makeRng(seed)
  const parameters = makeParameters(architecture, rng)
  for (const { values } of parameters) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + 0.1 * rng.normal()
  return parameters
}

/** Logits in training, and the weights folded with the moments of that same batch. */
function foldOnBatch(backend: Backend, parameters: readonly Parameter[]): { logits: Float32Array; weights: GroupWeights } {
  const { tf } = backend
  const moments: ChannelMoments[] = []
  const logits = tf.tidy(() => {
    const tensors = parameters.map(({ values, shape }) => tf.tensor(values, [...shape]))
    return trainingLogits(backend, architecture, tensors, tf.tensor4d(batch.images, [16, 8, 8, 3]), (_, activations) => {
      const { mean, variance } = tf.moments(activations, [0, 1, 2])
      moments.push({ mean: Float64Array.from(mean.dataSync()), variance: Float64Array.from(variance.dataSync()) })
    }).dataSync()
  })
  return { logits: Float32Array.from(logits), weights: foldParameters(parameters, moments) }
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] as number))))
}

describe('on the WebAssembly backend', () => {
  test('gradients are the slopes of the loss', async () => {
    const backend = await openBackend('wasm')
    const parameters = someParameters(1)
    const { loss, gradients } = batchGradients({ ...settings, backend }, parameters, batch)
    expect(loss).toBeGreaterThan(0)
    const rng = makeRng(9)
    parameters.forEach(({ name, values }, p) => {
      const gaps = Array.from({ length: 5 }, () => {
        const i = rng.int(values.length)
        const before = values[i] as number
        const step = 5e-4
        values[i] = before + step
        const above = batchGradients({ ...settings, backend }, parameters, batch).loss
        values[i] = before - step
        const under = batchGradients({ ...settings, backend }, parameters, batch).loss
        values[i] = before
        return Math.abs((above - under) / (2 * step) - (gradients[p]?.[i] as number))
      })
      // Rounding of a float32 loss leaves about 1e-4; the step is short, because a difference over a kink of ReLU or pooling is no slope.
      expect(Math.max(...gaps), name).toBeLessThan(2e-3)
    })
  })

  test('folding the normalisations changes no logit', async () => {
    const backend = await openBackend('wasm')
    const { logits, weights } = foldOnBatch(backend, someParameters(3))
    const folded = backend.tf.tidy(() => frozenLogits(backend, architecture, weights, backend.tf.tensor4d(batch.images, [16, 8, 8, 3])).dataSync())
    expect(largestGap(folded, logits)).toBeLessThan(1e-4)
  })

  test('an exported increment and the whole network give the logits of TensorFlow.js within 1e-4', async () => {
    const backend = await openBackend('wasm')
    const groups = [4, 5].map((seed) => foldOnBatch(backend, someParameters(seed)).weights)
    const wanted = groups.map((weights) =>
      backend.tf.tidy(() => frozenLogits(backend, architecture, weights, backend.tf.tensor4d(batch.images, [16, 8, 8, 3])).dataSync()),
    )
    const models = [...groups.map((weights) => makeGroupModel('one', architecture, weights)), makeWholeModel('both', architecture, groups)]
    const sessions = await Promise.all(models.map((model) => InferenceSession.create(encodeModel(model))))
    for (let n = 0; n < 16; n++) {
      // Height, width, channels to channels, height, width.
      const image = Float32Array.from({ length: 192 }, (_, k) => batch.images[n * 192 + (k % 64) * 3 + Math.floor(k / 64)] as number)
      const answers = await Promise.all(
        sessions.map(async (session) => (await session.run({ image: new Tensor('float32', image, [1, 3, 8, 8]) }))['logits']?.data),
      )
      const rows = wanted.map((logits) => logits.subarray(n * 2, n * 2 + 2))
      const sum = Array.from(rows[0] as Float32Array, (x, k) => x + (rows[1]?.[k] as number))
      expect(largestGap(answers[0] as Float32Array, rows[0] as Float32Array)).toBeLessThan(1e-4)
      expect(largestGap(answers[1] as Float32Array, rows[1] as Float32Array)).toBeLessThan(1e-4)
      expect(largestGap(answers[2] as Float32Array, sum)).toBeLessThan(1e-4)
    }
    for (const session of sessions) await session.release()
  })

  test('weights read back from a file are the weights', async () => {
    const { weights } = foldOnBatch(await openBackend('wasm'), someParameters(6))
    const bytes = encodeModel(makeGroupModel('one', architecture, weights))
    expect(readGroupWeights(bytes, architecture, 'memory')).toEqual(weights)
    expect(() => readGroupWeights(bytes, groupArchitecture(4, [3, 8, 8], 2), 'a.onnx')).toThrow(
      expect.objectContaining({ code: 'ERR_NETWORK_SHAPE', message: expect.stringMatching('a.onnx: conv1.kernel is 3x3x3x3, expected 4x3x3x3') }),
    )
  })
})

test.for(['native', 'javascript'] as const)('the %s backend gives the loss and gradients of WebAssembly within 1e-4', async (name, { skip }) => {
  const parameters = someParameters(1)
  const wasm = batchGradients({ ...settings, backend: await openBackend('wasm') }, parameters, batch)
  const backend = await openBackend(name).catch((error: Error) => error)
  if (backend instanceof Error) return skip(`the ${name} backend is not installed: ${backend.message}`)
  const other = batchGradients({ ...settings, backend }, parameters, batch)
  expect(Math.abs(other.loss - wasm.loss)).toBeLessThan(1e-4)
  other.gradients.forEach((gradient, p) => {
    expect(largestGap(gradient, wasm.gradients[p] as ArrayLike<number>), parameters[p]?.name).toBeLessThan(1e-4)
  })
})

test('no backend is chosen silently: auto is native or WebAssembly, and says which', async () => {
  expect(['native', 'wasm']).toContain((await openBackend('auto')).name)
})
