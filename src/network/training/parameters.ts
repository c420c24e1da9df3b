import type { Rng } from '../../core/rng.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'

/** A trainable array. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/**
 * Parameters of a group in training, in the order in which the model reads them: per convolution a kernel and the shift that follows its
 * normalisation, then the classifier. The normalisation has no scale of its own: ReLU and the next kernel would absorb it, and a scale that
 * is always positive lets pooling come before the normalisation, on a quarter of the values.
 * Kernels start normal with variance 2 / fan-in (He et al., "Delving deep into rectifiers", 2015), the classifier with 1 / fan-in.
 */
export function makeParameters({ convs, features, classes }: GroupArchitecture, rng: Rng): Parameter[] {
  const parameters: Parameter[] = []
  convs.forEach((conv, i) => {
    const fanIn = 9 * conv.inChannels
    parameters.push(normalParameter(`conv${i + 1}.kernel`, [3, 3, conv.inChannels, conv.outChannels], Math.sqrt(2 / fanIn), rng))
    parameters.push({ name: `conv${i + 1}.shift`, shape: [conv.outChannels], values: new Float32Array(conv.outChannels) })
  })
  parameters.push(normalParameter('dense.kernel', [features, classes], Math.sqrt(1 / features), rng))
  parameters.push({ name: 'dense.bias', shape: [classes], values: new Float32Array(classes) })
  return parameters
}

function normalParameter(name: string, shape: readonly number[], deviation: number, rng: Rng): Parameter {
  const values = new Float32Array(shape.reduce((a, b) => a * b))
  for (let i = 0; i < values.length; i++) values[i] = deviation * rng.normal()
  return { name, shape, values }
}

/** Mean and variance of every channel in front of one normalisation. */
export interface ChannelMoments {
  readonly mean: Float64Array
  readonly variance: Float64Array
}

/** Added to a variance before its root, as everywhere batch normalisation is used. */
export const normEpsilon = 1e-3

/** Folds every normalisation into its convolution: (x - mean) / std + shift of a linear map is a linear map. */
export function foldParameters(parameters: readonly Parameter[], moments: readonly ChannelMoments[]): GroupWeights {
  const at = (i: number): Float32Array => (parameters[i] as Parameter).values
  const convs = moments.map(({ mean, variance }, i) => {
    const kernel = at(2 * i).slice()
    const bias = at(2 * i + 1).slice()
    const channels = bias.length
    for (let k = 0; k < kernel.length; k++) kernel[k] = (kernel[k] as number) / Math.sqrt((variance[k % channels] as number) + normEpsilon)
    for (let c = 0; c < channels; c++) bias[c] = (bias[c] as number) - (mean[c] as number) / Math.sqrt((variance[c] as number) + normEpsilon)
    return { kernel, bias }
  })
  return { convs, dense: { kernel: at(2 * moments.length).slice(), bias: at(2 * moments.length + 1).slice() } }
}
