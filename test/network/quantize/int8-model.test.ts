import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { type GroupWeights, groupArchitecture } from '../../../src/network/architecture.ts'
import { readGroupWeights } from '../../../src/network/onnx/group-model.ts'
import { encodeModel, readInitializers } from '../../../src/network/onnx/model.ts'
import { activationsOf, makeInt8Model } from '../../../src/network/quantize/int8-model.ts'
import { sessionDefaults } from '../../../src/network/session.ts'

const architecture = groupArchitecture(1, [1, 8, 8], 2)

/** Every convolution hands on channel o % in as it is; the three residual layers double it: the features are 8 times the image. */
const identity: GroupWeights = {
  convs: architecture.convs.map(({ inChannels, outChannels }) => {
    const kernel = new Float32Array(9 * inChannels * outChannels)
    for (let o = 0; o < outChannels; o++) kernel[(4 * inChannels + (o % inChannels)) * outChannels + o] = 1
    return { kernel, bias: new Float32Array(outChannels) }
  }),
  dense: { kernel: Float32Array.from({ length: 16 }, (_, k) => (k === 0 ? 1 : 0)), bias: Float32Array.of(0, 0.5) },
}

/** Steps in which every value of such a network is a whole number from 0 to 255. */
const steps = { image: 1, 'conv1.relu': 1, 'conv2.relu': 1, conv3: 1, 'conv3.relu': 2, 'conv4.relu': 2, conv5: 2, 'conv5.relu': 4 }
const lastSteps = { 'conv6.relu': 4, conv7: 4, 'conv7.relu': 8 }
const affines = new Map(Object.entries({ ...steps, ...lastSteps }).map(([name, scale]) => [name, { scale, zeroPoint: 0 }]))
const bytes = encodeModel(makeInt8Model('identity', architecture, identity, affines))

async function logitsOf(level: number): Promise<number[]> {
  const session = await InferenceSession.create(bytes, sessionDefaults)
  const { logits } = await session.run({ image: new Tensor('float32', new Float32Array(64).fill(level), [1, 1, 8, 8]) })
  await session.release()
  return [...((logits as Tensor).data as Float32Array)]
}

test.each([
  ['a whole number is kept', 10, 80],
  ['what lies between is rounded', 10.4, 80],
  ['what bytes cannot hold is cut off', 300, 8 * 255],
  ['below the range is its end', -5, 0],
])('integers are what is computed with: %s', async (_, level, logit) => {
  const [first, second] = await logitsOf(level)
  expect(first).toBeCloseTo(logit, 3)
  expect(second).toBe(0.5)
})

test('the activations are those of the parameters, in order', () => {
  expect(activationsOf(architecture).map(({ name }) => name)).toEqual([...affines.keys()])
  expect(activationsOf(architecture).find(({ name }) => name === 'conv4.relu')?.shape).toEqual([1, 4, 2, 2])
})

test('kernels are stored as int8 with a scale and a zero point of 0 per output channel, biases as int32', () => {
  const tensors = readInitializers(bytes, 'memory')
  expect(tensors.get('conv2.kernel')?.values).toEqual(Int8Array.from({ length: 18 }, (_, k) => (k % 9 === 4 ? 127 : 0)))
  expect(tensors.get('conv2.kernel.scale')).toMatchObject({ shape: [2], values: new Float32Array(2).fill(1 / 127) })
  expect(tensors.get('conv2.kernel.zero')?.values).toEqual(new Int8Array(2))
  expect(tensors.get('conv2.bias')?.values).toEqual(new Int32Array(2))
  expect(tensors.get('conv3.relu.zero')?.values).toEqual(new Uint8Array(1))
  expect(tensors.get('dense.kernel')?.values).toEqual(identity.dense.kernel)
})

test('quantized weights are not taken for float ones', () => {
  expect(() => readGroupWeights(bytes, architecture, 'x.onnx')).toThrow(
    expect.objectContaining({
      code: 'ERR_NETWORK_FILE',
      message: 'x.onnx: conv1.kernel is quantized, expected float32: take the network that this one was made from',
    }),
  )
})
