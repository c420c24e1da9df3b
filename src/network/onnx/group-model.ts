import { FlyballError } from '../../core/errors.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import { type OnnxModel, type OnnxNode, type OnnxTensor, readInitializers } from './model.ts'

export const inputName = 'image'
export const outputName = 'logits'

/** One increment: the logits [1, classes] of one group for an image [1, channels, height, width]. */
export function makeGroupModel(name: string, architecture: GroupArchitecture, weights: GroupWeights): OnnxModel {
  const branch = makeBranch('', architecture, weights, outputName)
  return { name, ...groupEnds(architecture), ...branch }
}

/** Several groups as one network with one output, the sum of their logits: what one would deploy without increments. */
export function makeWholeModel(name: string, architecture: GroupArchitecture, groups: readonly GroupWeights[]): OnnxModel {
  const branches = groups.map((weights, g) => makeBranch(`group${g + 1}.`, architecture, weights, `group${g + 1}.logits`))
  return {
    name,
    ...groupEnds(architecture),
    initializers: branches.flatMap(({ initializers }) => initializers),
    nodes: [...branches.flatMap(({ nodes }) => nodes), { op: 'Sum', inputs: groups.map((_, g) => `group${g + 1}.logits`), output: outputName }],
  }
}

export const groupEnds = ({ image, classes }: GroupArchitecture): Pick<OnnxModel, 'inputs' | 'outputs'> => ({
  inputs: [{ name: inputName, shape: [1, ...image] }],
  outputs: [{ name: outputName, shape: [1, classes] }],
})

function makeBranch(prefix: string, { convs, features, classes }: GroupArchitecture, weights: GroupWeights, output: string) {
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  let x = inputName
  const add = (op: string, name: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): void => {
    nodes.push({ op, inputs: [x, ...inputs], output: name, attributes })
    x = name
  }
  const constant = (name: string, shape: readonly number[], values: Float32Array): string => {
    initializers.push({ name, shape, values })
    return name
  }
  convs.forEach((conv, i) => {
    const { kernel, bias } = weights.convs[i] as GroupWeights['convs'][number]
    const layer = `${prefix}conv${i + 1}`
    const inputs = [
      constant(`${layer}.kernel`, [conv.outChannels, conv.inChannels, 3, 3], toOutInHw(kernel, conv.inChannels, conv.outChannels)),
      constant(`${layer}.bias`, [conv.outChannels], bias),
    ]
    const input = x
    add('Conv', layer, inputs, { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] })
    if (conv.residual) add('Add', `${layer}.sum`, [input])
    add('Relu', `${layer}.relu`, [])
    if (conv.pool) add('MaxPool', `${layer}.pool`, [], { kernel_shape: [2, 2], strides: [2, 2] })
  })
  add('GlobalAveragePool', `${prefix}average`, [])
  add('Flatten', `${prefix}features`, [], { axis: 1 })
  const dense = [
    constant(`${prefix}dense.kernel`, [features, classes], weights.dense.kernel),
    constant(`${prefix}dense.bias`, [classes], weights.dense.bias),
  ]
  add('Gemm', output, dense, { alpha: { float: 1 }, beta: { float: 1 } })
  return { nodes, initializers }
}

/** Weights of a file that makeGroupModel described. Throws ERR_NETWORK_FILE, or ERR_NETWORK_SHAPE for another architecture. */
export function readGroupWeights(bytes: Uint8Array, architecture: GroupArchitecture, where: string): GroupWeights {
  const tensors = readInitializers(bytes, where)
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(name)
    if (tensor?.shape.join('x') !== shape.join('x'))
      throw new FlyballError('ERR_NETWORK_SHAPE', `${where}: ${name} is ${tensor?.shape.join('x') ?? 'absent'}, expected ${shape.join('x')}`)
    if (!(tensor.values instanceof Float32Array))
      throw new FlyballError('ERR_NETWORK_FILE', `${where}: ${name} is quantized, expected float32: take the network that this one was made from`)
    return tensor.values
  }
  return {
    convs: architecture.convs.map(({ inChannels, outChannels }, i) => ({
      kernel: toHwInOut(take(`conv${i + 1}.kernel`, [outChannels, inChannels, 3, 3]), inChannels, outChannels),
      bias: take(`conv${i + 1}.bias`, [outChannels]),
    })),
    dense: {
      kernel: take('dense.kernel', [architecture.features, architecture.classes]),
      bias: take('dense.bias', [architecture.classes]),
    },
  }
}

/** Kernel [3, 3, in, out] of TensorFlow to [out, in, 3, 3] of ONNX. */
export function toOutInHw(kernel: Float32Array, inChannels: number, outChannels: number): Float32Array {
  const out = new Float32Array(kernel.length)
  for (let o = 0, k = 0; o < outChannels; o++)
    for (let i = 0; i < inChannels; i++) for (let s = 0; s < 9; s++, k++) out[k] = kernel[(s * inChannels + i) * outChannels + o] as number
  return out
}

function toHwInOut(kernel: Float32Array, inChannels: number, outChannels: number): Float32Array {
  const out = new Float32Array(kernel.length)
  for (let o = 0, k = 0; o < outChannels; o++)
    for (let i = 0; i < inChannels; i++) for (let s = 0; s < 9; s++, k++) out[(s * inChannels + i) * outChannels + o] = kernel[k] as number
  return out
}
