import type { Rng } from '../../core/rng.ts'
import type { ImageSet } from '../dataset/image-set.ts'

/** Images of a batch as [n, h, w, c] and their labels as [n, classes]. Reused. */
export interface Batch {
  readonly size: number
  readonly images: Float32Array
  readonly targets: Float32Array
  readonly labels: Uint8Array
}

export function makeBatch(set: ImageSet, size: number): Batch {
  const [channels, height, width] = set.shape
  return {
    size,
    images: new Float32Array(size * height * width * channels),
    targets: new Float32Array(size * set.classes.length),
    labels: new Uint8Array(size),
  }
}

/** A random order of 0 to n - 1 (Fisher and Yates). */
export function shuffledOrder(n: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = rng.int(i + 1)
    const swapped = order[i] as number
    order[i] = order[j] as number
    order[j] = swapped
  }
  return order
}

/** How training images are varied. */
export interface Augmentation {
  /** Largest shift in each direction, px. */
  readonly shiftPx: number
  /** Mirror left to right with probability 1/2. */
  readonly flip: boolean
  /** Side of the square that is blanked at a random place (DeVries and Taylor, "Cutout", 2017), px; 0 is none. */
  readonly cutoutPx: number
}

export interface Varied extends Augmentation {
  readonly rng: Rng
}

/** Fills a batch with the images `order[from]` onwards, varied where `varied` is given. What comes in from outside or is cut out is 0, the mean of the data. */
export function fillBatch(batch: Batch, set: ImageSet, order: Uint32Array, from: number, table: Float32Array, varied?: Varied): void {
  const classes = set.classes.length
  batch.images.fill(0)
  batch.targets.fill(0)
  for (let n = 0; n < batch.size; n++) {
    const index = order[from + n] as number
    const label = set.labels[index] as number
    batch.labels[n] = label
    batch.targets[n * classes + label] = 1
    if (varied === undefined) {
      copyImage(batch.images, n, set, index, table, 0, 0, false)
      continue
    }
    const { rng, shiftPx, flip, cutoutPx } = varied
    const shift = (): number => rng.int(2 * shiftPx + 1) - shiftPx
    copyImage(batch.images, n, set, index, table, shift(), shift(), flip && rng.next() < 0.5)
    if (cutoutPx > 0) cutOut(batch.images, n, set.shape, cutoutPx, rng)
  }
}

/** Image `index` into place `n` as [h, w, c], seen from (dx, dy) and perhaps mirrored. */
function copyImage(out: Float32Array, n: number, set: ImageSet, index: number, table: Float32Array, dx: number, dy: number, mirrored: boolean): void {
  const [channels, height, width] = set.shape
  const area = height * width
  const source = index * channels * area
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++)
    for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
      const from = source + (y + dy) * width + (mirrored ? width - 1 - (x + dx) : x + dx)
      const to = ((n * height + y) * width + x) * channels
      for (let c = 0; c < channels; c++) out[to + c] = table[c * 256 + (set.pixels[from + c * area] as number)] as number
    }
}

/** Blanks a square around a random pixel; at the border only the part inside. */
function cutOut(images: Float32Array, n: number, [channels, height, width]: ImageSet['shape'], side: number, rng: Rng): void {
  const left = rng.int(width) - (side >> 1)
  const top = rng.int(height) - (side >> 1)
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    const row = (n * height + y) * width
    images.fill(0, (row + Math.max(0, left)) * channels, (row + Math.max(0, Math.min(width, left + side))) * channels)
  }
}
