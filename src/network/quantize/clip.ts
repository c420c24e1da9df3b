import { type Affine, affineOf } from './affine.ts'

/** How often values of one tensor fell into bins of equal width over what was seen. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly counts: Float64Array
}

/** Shares of the range that are tried, from all of it down to a fifth. */
const shares = Array.from({ length: 81 }, (_, i) => 1 - i / 100)

/**
 * Parameters under which uint8 has the least mean squared error over a histogram: a few large values are worth cutting off when all others
 * then get finer steps (Banner, Nahshan and Soudry, "Post training 4-bit quantization of convolutional networks for rapid-deployment", 2019).
 * Both ends are cut by the same share.
 */
export function leastSquaresAffine(histogram: Histogram): Affine {
  const { low, high } = histogram
  let best = affineOf(low, high)
  let least = Number.POSITIVE_INFINITY
  for (const share of shares) {
    const affine = affineOf(share * low, share * high)
    const error = squaredError(histogram, affine)
    // The wider of equals.
    if (error < least) {
      best = affine
      least = error
    }
  }
  return best
}

/** Sum of squared errors of the centres of the bins. */
export function squaredError({ low, high, counts }: Histogram, { scale, zeroPoint }: Affine): number {
  const width = (high - low) / counts.length
  let sum = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (count === 0) continue
    const x = low + (bin + 0.5) * width
    const stored = Math.max(0, Math.min(255, Math.round(x / scale) + zeroPoint))
    sum += count * (x - scale * (stored - zeroPoint)) ** 2
  }
  return sum
}
