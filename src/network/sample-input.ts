import { makeRng } from '../core/rng.ts'
import { endsOf } from './ends.ts'
import type { NetworkManifest } from './manifest-schema.ts'

/**
 * A made-up image for networks whose data set is not at hand: coloured blobs on a slope of light, normalised to about mean 0 and deviation 1.
 * It shows nothing, so the answer means nothing; the cost of computing the answer is that of any other image. Pure: the same seed gives the same image.
 * `shape` is batch, channels, height, width; the result is in that order.
 */
export function makeSampleInput(shape: readonly number[], seed: number): Float32Array {
  const rng = makeRng(seed).fork('sample-input')
  const [batch, channels, height, width] = [1, 1, 1, 1, ...shape].slice(-4) as [number, number, number, number]
  const out = new Float32Array(batch * channels * height * width)
  for (let b = 0; b < batch; b++) {
    const blobs = Array.from({ length: 5 }, () => ({ x: rng.next(), y: rng.next(), radius: 0.1 + 0.25 * rng.next() }))
    for (let c = 0; c < channels; c++) {
      const heights = blobs.map(() => rng.normal())
      const [slopeX, slopeY] = [rng.normal(), rng.normal()]
      const start = (b * channels + c) * height * width
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let value = slopeX * (x / width - 0.5) + slopeY * (y / height - 0.5) + 0.2 * rng.normal()
          blobs.forEach((blob, i) => {
            const distance = ((x / width - blob.x) ** 2 + (y / height - blob.y) ** 2) / blob.radius ** 2
            value += (heights[i] as number) * Math.exp(-distance)
          })
          out[start + y * width + x] = value
        }
    }
  }
  return out
}

/** Such an image as long as the largest input of any unit; for uint8 inputs about 128. */
export function makeNetworkSample(manifest: NetworkManifest, seed: number): Float32Array {
  const ends = endsOf(manifest)
  const largest = ends.reduce((most, each) => (each.inputSize > most.inputSize ? each : most))
  const sample = makeSampleInput(largest.input.shape, seed)
  return ends.some(({ input }) => input.dtype === 'uint8') ? sample.map((x) => 128 + 50 * x) : sample
}
