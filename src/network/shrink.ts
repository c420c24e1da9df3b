import type { RgbImage } from './preprocess.ts'
import type { Resampling } from './resample.ts'

/** Rec. 601: what a grey picture takes of red, green and blue. */
const luma = [0.299, 0.587, 0.114] as const

/** Result `y` of rows that lie one after the other. */
export function weighRows({ first, count, weights, most }: Resampling, y: number, rows: Float32Array, out: Float32Array): void {
  out.fill(0)
  for (let j = 0; j < (count[y] as number); j++) {
    const weight = weights[y * most + j] as number
    for (let k = 0, at = ((first[y] as number) + j) * out.length; k < out.length; k++, at++)
      out[k] = (out[k] as number) + weight * (rows[at] as number)
  }
}

/** Rows `from` to `to` of the image at the target's width, three channels. */
export function shrinkColour({ data, width, channels }: RgbImage, across: Resampling, columns: number, from: number, to: number, out: Float32Array) {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2]
  for (let y = from; y < to; y++)
    for (let x = 0; x < columns; x++) {
      let r = 0
      let g = 0
      let b = 0
      const count = across.count[x] as number
      let at = (y * width + (across.first[x] as number)) * channels
      for (let j = 0; j < count; j++, at += channels) {
        const weight = across.weights[x * across.most + j] as number
        r += weight * (data[at] as number)
        g += weight * (data[at + green] as number)
        b += weight * (data[at + blue] as number)
      }
      const start = (y * columns + x) * 3
      out[start] = r
      out[start + 1] = g
      out[start + 2] = b
    }
}

/** The same for one channel. */
export function shrinkGrey({ data, width, channels }: RgbImage, across: Resampling, columns: number, from: number, to: number, out: Float32Array) {
  for (let y = from; y < to; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0
      const count = across.count[x] as number
      let at = (y * width + (across.first[x] as number)) * channels
      for (let j = 0; j < count; j++, at += channels) {
        const light =
          channels === 1
            ? (data[at] as number)
            : luma[0] * (data[at] as number) + luma[1] * (data[at + 1] as number) + luma[2] * (data[at + 2] as number)
        sum += (across.weights[x * across.most + j] as number) * light
      }
      out[y * columns + x] = sum
    }
}
