/**
 * One convolution of a group: 3x3, stride 1, zero padding of 1, normalised; a residual layer adds its input; ReLU; a layer with `pool` then keeps
 * the maximum of every 2x2.
 */
export interface ConvLayer {
  readonly inChannels: number
  readonly outChannels: number
  /** Height and width of its input, px. */
  readonly height: number
  readonly width: number
  readonly residual: boolean
  readonly pool: boolean
}

/**
 * A group: a small residual network over the whole image with a classifier of its own (global average, then a dense layer).
 * The channels of every convolution are split into groups that never read each other and the groups' logits add up, so the network of
 * the first g groups is computed exactly the same whatever comes after it (incremental training with group convolution as in
 * Xun, Tran-Thanh, Al-Hashimi and Merrett, "Optimising resource management for embedded machine learning", DATE 2020).
 */
export interface GroupArchitecture {
  /** Channels, height, width. */
  readonly image: readonly [number, number, number]
  readonly convs: readonly ConvLayer[]
  /** Channels that the global average hands to the classifier. */
  readonly features: number
  readonly classes: number
}

/**
 * The layers: output channels as multiples of the group's width, residual, pool. After the stem, three stages of one widening and one residual
 * convolution (He et al., "Deep residual learning for image recognition", 2016), at a half, a quarter and an eighth of the image: twice the
 * channels on a quarter of the pixels cost the same, so the work is even.
 */
const plan: readonly (readonly [factor: number, residual: boolean, pool: boolean])[] = [
  [1, false, true],
  [2, false, false],
  [2, true, true],
  [4, false, false],
  [4, true, true],
  [8, false, false],
  [8, true, false],
]

/** `width`: channels of the first convolution of one group. Height and width of the image must be multiples of 8. */
export function groupArchitecture(width: number, image: readonly [number, number, number], classes: number): GroupArchitecture {
  let [inChannels, height, columns] = image
  const convs = plan.map(([factor, residual, pool]): ConvLayer => {
    const layer = { inChannels, outChannels: width * factor, height, width: columns, residual, pool }
    inChannels = layer.outChannels
    if (pool) {
      height /= 2
      columns /= 2
    }
    return layer
  })
  return { image, convs, features: inChannels, classes }
}

/** Multiply-accumulates of one inference of one group; additions of biases, residuals and pooling are not counted. */
export function groupMacs({ convs, features, classes }: GroupArchitecture): number {
  return convs.reduce((sum, conv) => sum + 9 * conv.inChannels * conv.outChannels * conv.height * conv.width, features * classes)
}

/** Weights and biases of one exported group. */
export function groupParameters({ convs, features, classes }: GroupArchitecture): number {
  return convs.reduce((sum, conv) => sum + (9 * conv.inChannels + 1) * conv.outChannels, (features + 1) * classes)
}

/** Weights of an exported group: normalisation is folded into the convolutions. */
export interface GroupWeights {
  /** Kernels of shape [3, 3, in, out] and biases of shape [out]. */
  readonly convs: readonly { readonly kernel: Float32Array; readonly bias: Float32Array }[]
  /** Kernel of shape [features, classes], bias of shape [classes]. */
  readonly dense: { readonly kernel: Float32Array; readonly bias: Float32Array }
}
