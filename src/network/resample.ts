/** How one axis of an image becomes shorter or longer: result i is the weighted sum of `count[i]` samples from `first[i]` on. */
export interface Resampling {
  readonly first: Int32Array
  readonly count: Int32Array
  /** Of result i from i * most on; they sum to 1. */
  readonly weights: Float32Array
  /** Most samples of one result. */
  readonly most: number
}

/**
 * The samples `from` to `from + length` of `size` (both may be fractions) as `results` samples, by linear interpolation; when it shrinks, the triangle grows with the step, so
 * that every sample counts. The same as Pillow's BILINEAR, which most networks were trained with.
 */
export function makeResampling(size: number, from: number, length: number, results: number): Resampling {
  const step = length / results
  const reach = Math.max(1, step)
  const most = Math.ceil(reach) * 2 + 1
  const first = new Int32Array(results)
  const count = new Int32Array(results)
  const weights = new Float32Array(results * most)
  for (let i = 0; i < results; i++) {
    const centre = from + (i + 0.5) * step
    const begin = Math.max(0, Math.floor(centre - reach + 0.5))
    const end = Math.min(size, Math.floor(centre + reach + 0.5))
    let sum = 0
    for (let k = begin; k < end; k++) {
      const weight = Math.max(0, 1 - Math.abs((k + 0.5 - centre) / reach))
      weights[i * most + k - begin] = weight
      sum += weight
    }
    for (let j = 0; j < end - begin; j++) weights[i * most + j] = (weights[i * most + j] as number) / sum
    first[i] = begin
    count[i] = end - begin
  }
  return { first, count, weights, most }
}
