import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageSet } from '../../../src/network/dataset/image-set.ts'
import { imagesInFolder, imagesInMemory, type TestImages } from '../../../src/network/dataset/test-images.ts'
import type { NetworkManifest } from '../../../src/network/manifest.ts'
import { makeTempDir, twoIncrements } from '../support.ts'

/** Two classes of images of 3 channels, 1 x 2 px; the mean of red is one half. */
function manifest(changes: Partial<NetworkManifest['input']> = {}): NetworkManifest {
  const { input, ...rest } = twoIncrements()
  return { ...rest, input: { ...input, shape: [1, 3, 1, 2], normalisation: { mean: [0.5, 0, 0], std: [0.5, 1, 1] }, ...changes } }
}

/** Two images: reds 0 and 255, greens 51 and 102, blues 0 and 0; then all 255. */
const set: ImageSet = {
  name: 'two',
  count: 2,
  shape: [3, 1, 2],
  pixels: Uint8Array.of(0, 255, 51, 102, 0, 0, 255, 255, 255, 255, 255, 255),
  labels: Uint8Array.of(0, 1),
  classes: ['left', 'right'],
}

async function inputOf(images: TestImages, index: number, unit = 0, size = 6): Promise<number[]> {
  const out = new Float32Array(size)
  await images.load(index)
  images.fill(unit, out)
  return Array.from(out, (x) => Number(x.toFixed(5)))
}

describe('images in memory', () => {
  it('enter normalised, channel after channel', async () => {
    const images = imagesInMemory(manifest(), set)
    expect(images.labels).toEqual(set.labels)
    expect(await inputOf(images, 0)).toEqual([-1, 1, 0.2, 0.4, 0, 0])
    expect(await inputOf(images, 1)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('enter as each unit takes them: pixel after pixel, as bytes, of another size', async () => {
    expect(await inputOf(imagesInMemory(manifest({ shape: [1, 1, 2, 3], layout: 'NHWC' }), set), 0)).toEqual([-1, 0.2, 0, 1, 0.4, 0])
    const { normalisation: _none, ...input } = manifest().input
    const bytes: NetworkManifest = { ...manifest(), kind: 'variants', input: { ...input, dtype: 'uint8' } }
    expect(await inputOf(imagesInMemory(bytes, set), 0)).toEqual([0, 255, 51, 102, 0, 0])
    const [first, second] = manifest().units as [NetworkManifest['units'][number], NetworkManifest['units'][number]]
    const smaller: NetworkManifest = { ...manifest(), kind: 'variants', units: [first, { ...second, input: { shape: [1, 3, 1, 1] } }] }
    const images = imagesInMemory(smaller, set)
    expect(await inputOf(images, 0, 0)).toEqual([-1, 1, 0.2, 0.4, 0, 0])
    // The mean of the two pixels.
    expect(await inputOf(images, 0, 1, 3)).toEqual([0, 0.3, 0])
  })

  it('are numbered as the network numbers their classes: by name, or by place where it has numbers alone', () => {
    const others = (labels: string[]): NetworkManifest => ({ ...manifest(), output: { name: 'logits', classes: labels.length, labels } })
    expect(imagesInMemory(others(['right', 'middle', 'left']), set).labels).toEqual(Uint8Array.of(2, 0))
    expect(imagesInMemory(others(['0', '1', '2']), set).labels).toEqual(Uint8Array.of(0, 1))
    expect(() => imagesInMemory(others(['cat', 'dog']), set)).toThrow(/two: two-linear knows no class left, expected cat, dog/)
  })

  it('may not have more classes than the network', () => {
    expect(() => imagesInMemory(manifest(), { ...set, classes: ['a', 'b', 'c'] })).toThrow(/two has 3 classes, two-linear tells 2 apart/)
  })
})

describe('images in a folder', () => {
  const paint = async (path: string, red: number): Promise<void> => {
    mkdirSync(join(path, '..'), { recursive: true })
    await sharp({ create: { width: 4, height: 2, channels: 3, background: { r: red, g: 51, b: 0 } } }).toFile(path)
  }

  it("have the network's own class numbers, and enter in its size", async () => {
    const dir = makeTempDir()
    for (const k of [0, 1, 2, 3]) await paint(join(dir, 'right', `${k}.png`), 255)
    await paint(join(dir, 'left', '0.png'), 0)
    await paint(join(dir, 'left', '1.png'), 0)
    const images = await imagesInFolder(manifest(), dir)
    expect(images.labels).toEqual([0, 0, 1, 1, 1, 1])
    expect(await inputOf(images, 1)).toEqual([-1, -1, 0.2, 0.2, 0, 0])
    expect(await inputOf(images, 5)).toEqual([1, 1, 0.2, 0.2, 0, 0])
    expect((await imagesInFolder(manifest(), dir, 3)).labels).toEqual([0, 1, 1])
  })

  it('are its test part where it has parts; else those of a network that was trained on a folder may be learned', async () => {
    const dir = makeTempDir()
    await paint(join(dir, 'train', 'left', '0.png'), 255)
    await paint(join(dir, 'test', 'right', '0.png'), 255)
    const training = { dataset: 'folder', command: 'c', seed: 1, backend: 'wasm', epochs: 1, date: 'd' }
    const trained = { ...manifest(), training }
    expect(await imagesInFolder(trained, dir)).toMatchObject({ name: join(dir, 'test'), labels: [1], mayBeLearned: false })
    expect(await imagesInFolder(trained, join(dir, 'train'))).toMatchObject({ labels: [0], mayBeLearned: true })
    const [small, ...others] = trained.subnets as [NetworkManifest['subnets'][number]]
    const calibrated = { ...manifest(), subnets: [{ ...small, calibration: { ece: 0.1, images: 9, fittedOn: 9 } }, ...others] }
    expect(await imagesInFolder(calibrated, join(dir, 'train'))).toMatchObject({ mayBeLearned: true })
    const elsewhere = { ...trained, training: { ...training, dataset: 'cifar10' } }
    expect(await imagesInFolder(elsewhere, join(dir, 'train'))).toMatchObject({ mayBeLearned: false })
  })

  it('may not show a class that the network does not know', async () => {
    const dir = makeTempDir()
    await paint(join(dir, 'up', '0.png'), 0)
    await expect(imagesInFolder(manifest(), dir)).rejects.toMatchObject({
      code: 'ERR_DATASET',
      message: expect.stringMatching(/up: two-linear knows no class up, expected left, right/),
    })
  })
})
