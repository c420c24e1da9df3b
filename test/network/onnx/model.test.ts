import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { encodeModel, type OnnxModel, readInitializers } from '../../../src/network/onnx/model.ts'

// Ones over the 4x4 image 1 … 16 give, after bias -50, ReLU and pooling, 4, 13, 40, 49: their mean is 26.5, and 26.5 * (2, -1) + (0.5, 1) the answer.
const byHand: OnnxModel = {
  name: 'by-hand',
  inputs: [{ name: 'image', shape: [1, 1, 4, 4] }],
  outputs: [{ name: 'logits', shape: [1, 2] }],
  initializers: [
    { name: 'conv.kernel', shape: [1, 1, 3, 3], values: new Float32Array(9).fill(1) },
    { name: 'conv.bias', shape: [1], values: Float32Array.of(-50) },
    { name: 'dense.kernel', shape: [1, 2], values: Float32Array.of(2, -1) },
    { name: 'dense.bias', shape: [2], values: Float32Array.of(0.5, 1) },
  ],
  nodes: [
    {
      op: 'Conv',
      inputs: ['image', 'conv.kernel', 'conv.bias'],
      output: 'conv',
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] },
    },
    { op: 'Relu', inputs: ['conv'], output: 'relu' },
    { op: 'MaxPool', inputs: ['relu'], output: 'pool', attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'GlobalAveragePool', inputs: ['pool'], output: 'average' },
    { op: 'Flatten', inputs: ['average'], output: 'features', attributes: { axis: 1 } },
    { op: 'Gemm', inputs: ['features', 'dense.kernel', 'dense.bias'], output: 'logits', attributes: { alpha: { float: 1 }, beta: { float: 1 } } },
  ],
}

async function run(model: OnnxModel): Promise<number[]> {
  const session = await InferenceSession.create(encodeModel(model))
  const image = new Tensor(
    'float32',
    Float32Array.from({ length: 16 }, (_, i) => i + 1),
    [1, 1, 4, 4],
  )
  const results = await session.run({ image })
  await session.release()
  return [...((results['logits'] as Tensor).data as Float32Array)]
}

describe('the ONNX writer', () => {
  test('writes a network that gives the answer worked out by hand', async () => expect(await run(byHand)).toEqual([53.5, -25.5]))

  test('states float attributes as floats', async () => {
    const nodes = byHand.nodes.map((node) => (node.op === 'Gemm' ? { ...node, attributes: { alpha: { float: 0.5 }, beta: { float: 2 } } } : node))
    expect(await run({ ...byHand, nodes })).toEqual([27.5, -11.25])
  })

  test('gives the same bytes for the same model', () => expect(encodeModel(byHand)).toEqual(encodeModel(byHand)))

  test('initializers read back as they were written', () => {
    const tensors = readInitializers(encodeModel(byHand), 'memory')
    expect([...tensors.values()].map(({ name, shape, values }) => ({ name, shape, values }))).toEqual(byHand.initializers)
  })

  test('bytes that are no model are an error that names their place', () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(255, 255, 255), encodeModel(byHand).subarray(0, 100)])
      expect(() => readInitializers(bytes, 'x.onnx')).toThrow(
        expect.objectContaining({ code: 'ERR_NETWORK_FILE', message: expect.stringContaining('x.onnx') }),
      )
  })
})
