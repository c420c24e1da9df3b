import type { Rng } from '../../core/rng.ts'
import { shuffledOrder } from '../training/batches.ts'
import { type ImageSet, imageSize } from './image-set.ts'

/**
 * Parts indices 0 to n - 1 in two by class: of each class the nearest whole number to `share` goes to the second part, drawn by `rng`; of a class with
 * two members or more, at least one goes to each. Both parts are ascending. The same generator state gives the same parts.
 */
export function splitIndices(labels: ArrayLike<number>, share: number, rng: Rng): { first: number[]; second: number[] } {
  const members = new Map<number, number[]>()
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number
    const own = members.get(label)
    if (own === undefined) members.set(label, [i])
    else own.push(i)
  }
  const second = [...members.keys()]
    .sort((a, b) => a - b)
    .flatMap((label) => {
      const own = members.get(label) as number[]
      const wanted = Math.round(share * own.length)
      const taken = own.length < 2 ? wanted : Math.min(own.length - 1, Math.max(1, wanted))
      return Array.from(shuffledOrder(own.length, rng).subarray(0, taken), (at) => own[at] as number)
    })
    .sort((a, b) => a - b)
  const taken = new Set(second)
  return { first: Array.from(labels, (_, i) => i).filter((i) => !taken.has(i)), second }
}

/** A set as training and test images, stratified by class; `testShare` in (0, 1). See splitIndices. */
export function splitImages(set: ImageSet, testShare: number, rng: Rng): { train: ImageSet; test: ImageSet } {
  const { first, second } = splitIndices(set.labels, testShare, rng)
  return { train: pickImages(set, first), test: pickImages(set, second) }
}

/** The images in a random order: a set that is sorted by class can then be cut anywhere. */
export function shuffleImages(set: ImageSet, rng: Rng): ImageSet {
  return pickImages(set, shuffledOrder(set.count, rng))
}

/** Copies of the images with these indices, in this order. */
function pickImages(set: ImageSet, indices: readonly number[] | Uint32Array): ImageSet {
  const size = imageSize(set.shape)
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((index, i) => {
    pixels.set(set.pixels.subarray(index * size, (index + 1) * size), i * size)
  })
  return { ...set, count: indices.length, pixels, labels: Uint8Array.from(indices, (index) => set.labels[index] as number) }
}
