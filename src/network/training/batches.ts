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

/** Largest shift in each direction, px. */
const maxShift = 4

/**
 * Fills a batch with the images `order[from]` onwards. With a generator each is flipped left to right with probability 1/2 and shifted by up to
 * 4 px in each direction; what comes in from outside is 0, the mean of the data.
 */
export function fillBatch(batch: Batch, set: ImageSet, order: Uint32Array, from: number, table: Float32Array, augment?: Rng): void {
  const [channels, height, width] = set.shape
  const area = height * width
  const classes = set.classes.length
  batch.images.fill(0)
  batch.targets.fill(0)
  for (let n = 0; n < batch.size; n++) {
    const index = order[from + n] as number
    const label = set.labels[index] as number
    batch.labels[n] = label
    batch.targets[n * classes + label] = 1
    const flip = augment !== undefined && augment.next() < 0.5
    const dx = augment === undefined ? 0 : augment.int(2 * maxShift + 1) - maxShift
    const dy = augment === undefined ? 0 : augment.int(2 * maxShift + 1) - maxShift
    const source = index * channels * area
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++)
      for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
        const from = source + (y + dy) * width + (flip ? width - 1 - (x + dx) : x + dx)
        const to = ((n * height + y) * width + x) * channels
        for (let c = 0; c < channels; c++) batch.images[to + c] = table[c * 256 + (set.pixels[from + c * area] as number)] as number
      }
  }
}
