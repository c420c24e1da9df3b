import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import { groupEnds, inputName, outputName, toOutInHw } from '../onnx/group-model.ts'
import type { OnnxModel, OnnxNode, OnnxTensor } from '../onnx/model.ts'
import type { TensorValues } from '../onnx/tensor.ts'
import { type Affine, quantizeBias, quantizeKernel } from './affine.ts'

/** Shape of a tensor between two layers that int8 inference stores as bytes. */
export interface Activation {
  /** Its name in the float model. */
  readonly name: string
  readonly shape: readonly number[]
}

/** The tensors that are stored as bytes, in order: the image, the sums in front of a residual's addition, and what comes out of each ReLU. */
export function activationsOf({ image, convs }: GroupArchitecture): Activation[] {
  const layers = convs.flatMap(({ outChannels, height, width, residual }, i) => {
    const shape = [1, outChannels, height, width]
    const relu = { name: `conv${i + 1}.relu`, shape }
    return residual ? [{ name: `conv${i + 1}`, shape }, relu] : [relu]
  })
  return [{ name: inputName, shape: [1, ...image] }, ...layers]
}

/**
 * One increment in integers: the graph of makeGroupModel with QuantizeLinear and DequantizeLinear around every Conv, Add and MaxPool, from which
 * a runtime takes its integer kernels; the average and the classifier stay float32. Kernels are int8 per output channel, biases int32,
 * activations uint8 with the parameters in `affines` (by name of the activation): ONNX Runtime's x86 kernels multiply uint8 by int8, and are
 * slower than float32 with int8 activations. Its optimisation level 'all' (sessionDefaults) keeps channels last from kernel to kernel, which 'extended' does not.
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
 */
export function makeInt8Model(name: string, architecture: GroupArchitecture, weights: GroupWeights, affines: ReadonlyMap<string, Affine>): OnnxModel {
  const { convs, features, classes } = architecture
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const add = (op: string, output: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string => {
    nodes.push({ op, inputs, output, attributes })
    return output
  }
  const constant = (constantName: string, shape: readonly number[], values: TensorValues): string => {
    initializers.push({ name: constantName, shape, values })
    return constantName
  }
  const affineFor = (activation: string): Affine => affines.get(activation) as Affine
  /** To bytes and back: where a runtime cuts the graph into integer kernels. `tensor` is stored like `activation`. */
  const throughBytes = (tensor: string, activation = tensor): string => {
    const { scale, zeroPoint } = affineFor(activation)
    const parameters = [constant(`${tensor}.scale`, [], Float32Array.of(scale)), constant(`${tensor}.zero`, [], Uint8Array.of(zeroPoint))]
    const bytes = add('QuantizeLinear', `${tensor}.bytes`, [tensor, ...parameters])
    return add('DequantizeLinear', `${tensor}.float`, [bytes, ...parameters])
  }
  const perChannel = (tensor: string, shape: readonly number[], values: TensorValues, scales: Float32Array): string => {
    const channels = [scales.length]
    const zeros = values instanceof Int8Array ? new Int8Array(scales.length) : new Int32Array(scales.length)
    const inputs = [constant(tensor, shape, values), constant(`${tensor}.scale`, channels, scales), constant(`${tensor}.zero`, channels, zeros)]
    return add('DequantizeLinear', `${tensor}.float`, inputs, { axis: 0 })
  }

  let x = throughBytes(inputName)
  let inputScale = affineFor(inputName).scale
  convs.forEach(({ inChannels, outChannels, residual, pool }, i) => {
    const { kernel, bias } = weights.convs[i] as GroupWeights['convs'][number]
    const layer = `conv${i + 1}`
    const quantized = quantizeKernel(toOutInHw(kernel, inChannels, outChannels), outChannels)
    const shifts = quantizeBias(bias, inputScale, quantized.scales)
    const inputs = [
      x,
      perChannel(`${layer}.kernel`, [outChannels, inChannels, 3, 3], quantized.values, quantized.scales),
      perChannel(`${layer}.bias`, [outChannels], shifts.values, shifts.scales),
    ]
    let y = add('Conv', layer, inputs, { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] })
    if (residual) y = add('Add', `${layer}.sum`, [throughBytes(y), x])
    const relu = add('Relu', `${layer}.relu`, [y])
    x = throughBytes(relu)
    // The largest of some bytes is one of them: no new parameters.
    if (pool) x = throughBytes(add('MaxPool', `${layer}.pool`, [x], { kernel_shape: [2, 2], strides: [2, 2] }), relu)
    inputScale = affineFor(relu).scale
  })
  const average = add('GlobalAveragePool', 'average', [x])
  const flat = add('Flatten', 'features', [average], { axis: 1 })
  const dense = [constant('dense.kernel', [features, classes], weights.dense.kernel), constant('dense.bias', [classes], weights.dense.bias)]
  add('Gemm', outputName, [flat, ...dense], { alpha: { float: 1 }, beta: { float: 1 } })
  return { name, ...groupEnds(architecture), initializers, nodes }
}
