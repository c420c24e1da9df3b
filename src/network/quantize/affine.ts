/** A real number is scale * (stored - zeroPoint): affine quantization (Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", 2018). */
export interface Affine {
  readonly scale: number
  /** The stored number that means 0, in [0, 255]. */
  readonly zeroPoint: number
}

/** Parameters with which uint8 covers [low, high], widened to hold 0, which zero padding and ReLU need exactly. */
export function affineOf(low: number, high: number): Affine {
  const from = Math.min(0, low)
  const to = Math.max(0, high)
  // A tensor that is 0 everywhere still needs a scale that can be divided by.
  const scale = Math.fround(to > from ? (to - from) / 255 : 1)
  return { scale, zeroPoint: Math.round((0 - from) / scale) }
}

export interface QuantizedKernel {
  /** As the kernel, [out, …]. */
  readonly values: Int8Array
  /** One per output channel. */
  readonly scales: Float32Array
}

/** Symmetric int8 per output channel: the largest weight of each becomes 127 or -127. `kernel` is [out, …]. */
export function quantizeKernel(kernel: Float32Array, outChannels: number): QuantizedKernel {
  const each = kernel.length / outChannels
  const values = new Int8Array(kernel.length)
  const scales = new Float32Array(outChannels)
  for (let o = 0; o < outChannels; o++) {
    const row = kernel.subarray(o * each, (o + 1) * each)
    const largest = row.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
    const scale = Math.fround(largest > 0 ? largest / 127 : 1)
    scales[o] = scale
    row.forEach((w, k) => {
      values[o * each + k] = Math.max(-127, Math.min(127, Math.round(w / scale)))
    })
  }
  return { values, scales }
}

/** int32 with scale input scale * weight scale, so that it adds to the sums of products as they are. */
export function quantizeBias(bias: Float32Array, inputScale: number, kernelScales: Float32Array): { values: Int32Array; scales: Float32Array } {
  const scales = kernelScales.map((scale) => inputScale * scale)
  const limit = 2 ** 31 - 1
  return { values: Int32Array.from(bias, (b, o) => Math.max(-limit, Math.min(limit, Math.round(b / (scales[o] as number))))), scales }
}
