import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeModel, type OnnxNode } from '../../src/network/onnx/model.ts'
import { modelType } from '../../src/network/onnx/schema.ts'

/** Class scores: the mean level of the red, green and blue channel, times `gain`, after `work` convolutions that change nothing. */
export interface ColourModel {
  readonly size: number
  readonly work?: number
  readonly gain?: number
  readonly softmax?: boolean
  /** Class scores in the order of these channels; [2, 1, 0] answers blue for red. */
  readonly order?: readonly [number, number, number]
  readonly inputName?: string
  readonly outputName?: string
}

/**
 * A classifier that is right by construction: the class is the channel with the highest mean. `work` adds 3x3 convolutions with the identity as kernel, so that a
 * bigger model is slower and not worse.
 */
export function colourModel({
  size,
  work = 0,
  gain = 1,
  softmax = false,
  order = [0, 1, 2],
  inputName = 'image',
  outputName = 'scores',
}: ColourModel): Uint8Array {
  const identity = new Float32Array(81)
  for (let c = 0; c < 3; c++) identity[(c * 3 + c) * 9 + 4] = 1
  const kernel = new Float32Array(9)
  order.forEach((channel, k) => {
    kernel[channel * 3 + k] = gain
  })
  const nodes: OnnxNode[] = []
  let x = inputName
  for (let i = 0; i < work; i++) {
    nodes.push({ op: 'Conv', inputs: [x, 'identity'], output: `same${i}`, attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } })
    x = `same${i}`
  }
  nodes.push({ op: 'GlobalAveragePool', inputs: [x], output: 'average' })
  nodes.push({ op: 'Flatten', inputs: ['average'], output: 'flat', attributes: { axis: 1 } })
  nodes.push({ op: 'Gemm', inputs: ['flat', 'kernel'], output: softmax ? 'logits' : outputName })
  if (softmax) nodes.push({ op: 'Softmax', inputs: ['logits'], output: outputName, attributes: { axis: 1 } })
  return encodeModel({
    name: 'colour',
    inputs: [{ name: inputName, shape: [1, 3, size, size] }],
    outputs: [{ name: outputName, shape: [1, 3] }],
    initializers: [
      { name: 'kernel', shape: [3, 3], values: kernel },
      ...(work > 0 ? [{ name: 'identity', shape: [3, 3, 3, 3], values: identity }] : []),
    ],
    nodes,
  })
}

/** Two outputs that are no class scores, as a detector has: the image times two, and the mean of each channel [1, 3, 1, 1]. */
export function detectorModel(size: number): Uint8Array {
  return encodeModel({
    name: 'detector',
    inputs: [{ name: 'image', shape: [1, 3, size, size] }],
    outputs: [
      { name: 'double', shape: [1, 3, size, size] },
      { name: 'mean', shape: [1, 3, 1, 1] },
    ],
    initializers: [],
    nodes: [
      { op: 'Add', inputs: ['image', 'image'], output: 'double' },
      { op: 'GlobalAveragePool', inputs: ['image'], output: 'mean' },
    ],
  })
}

export function writeModels(dir: string, models: Readonly<Record<string, Uint8Array>>): string[] {
  return Object.entries(models).map(([name, bytes]) => {
    const path = join(dir, `${name}.onnx`)
    writeFileSync(path, bytes)
    return path
  })
}

interface Value {
  readonly type: { readonly tensorType: { elemType: number; readonly shape: { dim: { dimValue?: number }[] } } }
}

/** Changes the ends of an encoded model: TensorProto types, and sizes that are left open. */
function withEnds(bytes: Uint8Array, change: (input: Value, output: Value) => void): Uint8Array {
  const model = modelType.decode(bytes)
  const { input, output } = (model as unknown as { graph: { input: Value[]; output: Value[] } }).graph
  change(input[0] as Value, output[0] as Value)
  return modelType.encode(model).finish()
}

const [uint8Type, int64Type] = [2, 7]

/** Takes bytes [n, height, width, 3], of open batch, height and width, and gives the means of the channels as class scores. */
export function byteModel(): Uint8Array {
  const bytes = encodeModel({
    name: 'bytes',
    inputs: [{ name: 'photo', shape: [1, 1, 1, 3] }],
    outputs: [{ name: 'scores', shape: [1, 3] }],
    initializers: [],
    nodes: [
      { op: 'Cast', inputs: ['photo'], output: 'levels', attributes: { to: 1 } },
      { op: 'Transpose', inputs: ['levels'], output: 'planes', attributes: { perm: [0, 3, 1, 2] } },
      { op: 'GlobalAveragePool', inputs: ['planes'], output: 'average' },
      { op: 'Flatten', inputs: ['average'], output: 'scores', attributes: { axis: 1 } },
    ],
  })
  return withEnds(bytes, ({ type }) => {
    type.tensorType.elemType = uint8Type
    for (const dim of type.tensorType.shape.dim.slice(0, 3)) delete dim.dimValue
  })
}

/** Gives the shape of its input, int64. */
export function shapeModel(): Uint8Array {
  const [inputs, outputs] = [[{ name: 'image', shape: [1, 3, 8, 8] }], [{ name: 'shape', shape: [4] }]]
  const bytes = encodeModel({ name: 'shape', inputs, outputs, initializers: [], nodes: [{ op: 'Shape', inputs: ['image'], output: 'shape' }] })
  return withEnds(bytes, (_, { type }) => {
    type.tensorType.elemType = int64Type
  })
}

/** Gives the places of the pixels above 0, as many as there are: an output without a size of its own, as of NMS. */
export function placesModel(): Uint8Array {
  const bytes = encodeModel({
    name: 'places',
    inputs: [{ name: 'image', shape: [1, 3, 8, 8] }],
    outputs: [{ name: 'places', shape: [4, 1] }],
    initializers: [],
    nodes: [
      { op: 'Relu', inputs: ['image'], output: 'bright' },
      { op: 'NonZero', inputs: ['bright'], output: 'indices' },
      { op: 'Cast', inputs: ['indices'], output: 'places', attributes: { to: 1 } },
    ],
  })
  return withEnds(bytes, (_, { type }) => {
    delete type.tensorType.shape.dim[1]?.dimValue
  })
}

/** Says that its first weights lie in another file. */
export function withWeightsOutside(bytes: Uint8Array): Uint8Array {
  const model = modelType.decode(bytes) as unknown as { graph: { initializer: { dataLocation: number }[] } }
  ;(model.graph.initializer[0] as { dataLocation: number }).dataLocation = 1
  return modelType.encode(model as unknown as ReturnType<typeof modelType.decode>).finish()
}
