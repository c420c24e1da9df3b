import { createHash } from 'node:crypto'

/** Labelled images in memory, one byte a value, each image channel after channel (CHW), as CIFAR-10 stores them. */
export interface ImageSet {
  readonly name: string
  readonly count: number
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number]
  /** `count` images of channels * height * width bytes. */
  readonly pixels: Uint8Array
  readonly labels: Uint8Array
  readonly classes: readonly string[]
}

/** Mean and standard deviation per channel, of values in [0, 1]. */
export interface Normalisation {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Images `from` to `to` (exclusive), sharing the memory. */
export function sliceImages(set: ImageSet, from: number, to: number): ImageSet {
  const size = imageSize(set.shape)
  return { ...set, count: to - from, pixels: set.pixels.subarray(from * size, to * size), labels: set.labels.subarray(from, to) }
}

/** `n` of the images at most, at even distances: a set that is sorted by class keeps its classes. */
export function spreadImages(set: ImageSet, n: number): ImageSet {
  if (n >= set.count) return set
  const size = imageSize(set.shape)
  const pixels = new Uint8Array(n * size)
  const labels = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    const from = Math.floor((i * set.count) / n)
    pixels.set(set.pixels.subarray(from * size, (from + 1) * size), i * size)
    labels[i] = set.labels[from] as number
  }
  return { ...set, count: n, pixels, labels }
}

/** SHA-256 of the images and their labels, in their order. */
export const imagesHash = ({ pixels, labels }: ImageSet): string => createHash('sha256').update(pixels).update(labels).digest('hex')

export function imageSize(shape: readonly [number, number, number]): number {
  return shape[0] * shape[1] * shape[2]
}

/** Statistics over all images; a constant channel gets a deviation of 1, so that it normalises to 0. */
export function channelStatistics(set: ImageSet): Normalisation {
  const [channels, height, width] = set.shape
  const area = height * width
  const mean: number[] = []
  const std: number[] = []
  for (let c = 0; c < channels; c++) {
    // Sums of bytes and of their squares stay exact below 2^53.
    let sum = 0
    let squares = 0
    for (let i = 0; i < set.count; i++) {
      const start = (i * channels + c) * area
      for (let k = start; k < start + area; k++) {
        const byte = set.pixels[k] as number
        sum += byte
        squares += byte * byte
      }
    }
    const n = set.count * area
    const average = sum / n
    const variance = squares / n - average * average
    mean.push(round4(average / 255))
    std.push(variance > 0 ? round4(Math.sqrt(variance) / 255) : 1)
  }
  return { mean, std }
}

// Four digits are what data-set cards quote; a manifest then reads the same as they do.
const round4 = (x: number): number => Math.max(1e-4, Math.round(x * 1e4) / 1e4)

/** What each byte of each channel becomes: 256 entries per channel. */
export function normalisationTable({ mean, std }: Normalisation): Float32Array {
  const table = new Float32Array(256 * mean.length)
  mean.forEach((m, c) => {
    for (let byte = 0; byte < 256; byte++) table[c * 256 + byte] = (byte / 255 - m) / (std[c] as number)
  })
  return table
}

/** Image `index` as a network's input (CHW, float32) into `out`. */
export function fillInput(set: ImageSet, index: number, table: Float32Array, out: Float32Array): void {
  const size = imageSize(set.shape)
  const area = set.shape[1] * set.shape[2]
  const start = index * size
  for (let c = 0, k = 0; c < set.shape[0]; c++)
    for (let end = k + area; k < end; k++) out[k] = table[c * 256 + (set.pixels[start + k] as number)] as number
}
