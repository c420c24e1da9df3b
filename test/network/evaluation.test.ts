import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ImageSet } from '../../src/network/dataset/image-set.ts'
import { imagesInMemory } from '../../src/network/dataset/test-images.ts'
import { evaluateNetwork } from '../../src/network/evaluation.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeFakeClock } from '../support/fake-clock.ts'
import { makeTempDir, twoIncrements, writeNetwork } from './support.ts'

// Images of one channel, 2 x 2, whose pixels are 0 or 1 once normalised. The first unit gives [p0 + p2 + 0.5, p1 + p3 - 0.5], the second adds [3 p3, 2 p0]:
// [1,0,1,0] -> [2.5, -0.5], then [2.5, 1.5]: left both times
// [0,1,0,1] -> [0.5, 1.5], then [3.5, 1.5]: right, then left
// [1,1,0,1] -> [1.5, 1.5], then [4.5, 3.5]: left (the first of equals), then left
const pixels = [
  [1, 0, 1, 0],
  [0, 1, 0, 1],
  [1, 1, 0, 1],
].flat()
const set: ImageSet = {
  name: 'by-hand',
  count: 3,
  shape: [1, 2, 2],
  pixels: Uint8Array.from(pixels, (x) => 255 * x),
  labels: Uint8Array.of(0, 1, 1),
  classes: ['left', 'right'],
}

async function evaluate(processes: number) {
  const dir = makeTempDir()
  writeNetwork(dir, twoIncrements())
  const network = openNetwork(dir)
  const progress: string[] = []
  const evaluation = await evaluateNetwork({
    network,
    test: imagesInMemory(network.manifest, set),
    rounds: 3,
    processes,
    now: makeFakeClock().now,
    onProgress: (what, done, of) => progress.push(`${what} ${done}/${of}`),
  })
  return { network, evaluation, progress }
}

describe('an evaluation', () => {
  it('judges every size on the images', async () => {
    const { network, evaluation, progress } = await evaluate(0)
    const { units } = network.manifest
    expect(evaluation).toMatchObject({ signature: network.signature, dataset: 'by-hand', labels: ['left', 'right'] })
    const [half, whole] = evaluation.sizes
    expect(half).toMatchObject({ subnet: '50', images: 3, macs: 8, parameters: 10, sizeB: units[0]?.sizeB })
    expect(half?.top1).toBeCloseTo(2 / 3, 12)
    expect(half?.confusion).toEqual([
      [1, 0],
      [1, 1],
    ])
    // A clock that stands still.
    expect(half?.latencyS).toEqual({ p50: 0, p95: null, p99: null, n: 3 })
    expect(whole).toMatchObject({ subnet: '100', macs: 16, sizeB: (units[0]?.sizeB as number) + (units[1]?.sizeB as number) })
    expect(whole?.top1).toBeCloseTo(1 / 3, 12)
    expect(whole?.confusion).toEqual([
      [1, 0],
      [2, 0],
    ])
    // Confidences of the first: e^3 / (e^3 + 1), e / (e + 1), 1/2, in three bins; right, right, wrong.
    const sure = [1 / (1 + Math.exp(-3)), 1 / (1 + Math.exp(-1)), 0.5] as const
    expect(half?.ece).toBeCloseTo((1 - sure[0] + (1 - sure[1]) + sure[2]) / 3, 6)
    expect(evaluation.anytime[0]).toMatchObject({ threshold: 0, meanMacs: 8, shares: [1, 0] })
    // At 0.6 the third image goes on, and is wrong again.
    expect(evaluation.anytime.find(({ threshold }) => threshold === 0.6)?.shares[1]).toBeCloseTo(1 / 3, 12)
    expect(evaluation.sizes.map(({ residentB }) => residentB)).toEqual([null, null])
    expect(progress).toEqual(['test images 1/3', 'test images 2/3', 'test images 3/3', 'latency 1/3', 'latency 2/3', 'latency 3/3'])
  })

  it('measures resident memory in processes of their own, where there is /proc', async () => {
    const { evaluation, progress } = await evaluate(1)
    for (const { residentB } of evaluation.sizes) {
      if (!existsSync('/proc/self/status')) expect(residentB).toBeNull()
      // A few bytes of weights: what differs is the scatter of two processes, far below the 60 MB or more of either.
      else expect(Math.abs(residentB as number)).toBeLessThan(20e6)
    }
    expect(progress.at(-1)).toBe('memory 3/3')
  })
})
