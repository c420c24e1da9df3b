import { expect, test } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import type { ImageSet } from '../../../src/network/dataset/image-set.ts'
import { measureNetwork } from '../../../src/network/export/measure.ts'
import { openNetwork } from '../../../src/network/manifest.ts'
import { fitTemperature } from '../../../src/network/training/temperature.ts'
import { makeTempDir, twoIncrements, writeNetwork } from '../support.ts'

const imageSet = (pixels: readonly number[], labels: readonly number[]): ImageSet => ({
  ...{ name: 'four pixels', count: labels.length, shape: [1, 2, 2] as const, classes: ['left', 'right'] },
  ...{ pixels: Uint8Array.from(pixels), labels: Uint8Array.from(labels) },
})

/** Images of one lit pixel or two. */
const lights = [255, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 255]
const test3 = imageSet(lights, [0, 0, 0])

function linearNetwork() {
  const dir = makeTempDir()
  writeNetwork(dir, twoIncrements())
  return openNetwork(dir)
}

test('accuracies are measured on the test images, and the temperatures stay without held-out images', async () => {
  const network = linearNetwork()
  const { subnets } = await measureNetwork({ network, fittedOn: 7, test: test3 })
  // Logits of the first unit: (1.5, -0.5), (1.5, -0.5), (0.5, 1.5); of both: (1.5, 1.5), (1.5, -0.5), (3.5, 1.5), the first of equals being the answer.
  expect(subnets.map(({ accuracy }) => accuracy)).toEqual([
    { top1: 2 / 3, images: 3, quality: 'measured' },
    { top1: 1, images: 3, quality: 'measured' },
  ])
  expect(subnets.map(({ temperature, calibration }) => [temperature, calibration?.fittedOn])).toEqual([
    [1, 7],
    [1.5, 7],
  ])
})

test('temperatures are fitted on the held-out images and on no others', async () => {
  const rng = makeRng(3)
  const pixels = Array.from({ length: 4 * 40 }, () => rng.int(256))
  const labels = Array.from({ length: 40 }, () => rng.int(2))
  const { subnets } = await measureNetwork({ network: linearNetwork(), heldOut: imageSet(pixels, labels), fittedOn: 7, test: test3 })
  const logits = [new Float32Array(80), new Float32Array(80)] as const
  for (let i = 0; i < 40; i++) {
    const [a, b, c, d] = pixels.slice(4 * i, 4 * i + 4).map((byte) => byte / 255) as [number, number, number, number]
    logits[0].set([a + c + 0.5, b + d - 0.5], 2 * i)
    logits[1].set([a + c + 0.5 + 3 * d, b + d - 0.5 + 2 * a], 2 * i)
  }
  subnets.forEach(({ temperature, calibration }, s) => {
    expect(temperature).toBeCloseTo(fitTemperature(logits[s] as Float32Array, labels), 2)
    expect(calibration).toMatchObject({ images: 3, fittedOn: 40 })
  })
  expect(subnets[0]?.temperature).not.toBe(1)
})
