import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readTrainingSets } from '../../../src/network/dataset/training-sets.ts'
import { makeTempDir } from '../support.ts'

/** So many 8x8 images, each of one grey that no other image of any class has. */
async function writeGreys(dir: string, classes: Readonly<Record<string, readonly [from: number, count: number]>>): Promise<void> {
  for (const [name, [from, count]] of Object.entries(classes)) {
    mkdirSync(join(dir, name), { recursive: true })
    for (let i = 0; i < count; i++)
      await sharp(Buffer.alloc(192, from + i), { raw: { width: 8, height: 8, channels: 3 } }).toFile(join(dir, name, `${i}.png`))
  }
}

const read = (data: string, over = {}) => readTrainingSets({ dataset: 'folder', data, size: 8, seed: 3, onImage: () => {}, ...over })
const greys = (set: { count: number; pixels: Uint8Array }): number[] => Array.from({ length: set.count }, (_, i) => set.pixels[192 * i] as number)

test('a folder gives a fifth of each class to the test, and its training images in no order of class', async () => {
  const dir = makeTempDir()
  await writeGreys(dir, { cat: [0, 20], dog: [100, 10] })
  const { train, test: kept } = await read(dir)
  expect([...kept.labels]).toEqual([0, 0, 0, 0, 1, 1])
  expect([...greys(train), ...greys(kept)].sort((a, b) => a - b)).toEqual([...Array(20).keys(), ...Array.from({ length: 10 }, (_, i) => 100 + i)])
  greys(train).forEach((grey, i) => {
    expect(train.labels[i]).toBe(grey >= 100 ? 1 : 0)
  })
  expect([...train.labels]).not.toEqual([...train.labels].sort())
  expect(greys((await read(dir)).train)).toEqual(greys(train))
  expect(greys((await read(dir, { seed: 4 })).train)).not.toEqual(greys(train))
  expect(greys((await read(dir, { images: 5 })).train)).toEqual(greys(train).slice(0, 5))
})

test('folders train and test are the two parts', async () => {
  const dir = makeTempDir()
  await writeGreys(join(dir, 'train'), { cat: [0, 3], dog: [100, 3] })
  await writeGreys(join(dir, 'test'), { cat: [50, 2], dog: [150, 1] })
  const { train, test: kept } = await read(dir)
  expect(greys(train).sort((a, b) => a - b)).toEqual([0, 1, 2, 100, 101, 102])
  expect(greys(kept)).toEqual([50, 51, 150])
})

test('both parts have the same classes', async () => {
  const dir = makeTempDir()
  await writeGreys(join(dir, 'train'), { cat: [0, 1], dog: [100, 1] })
  await writeGreys(join(dir, 'test'), { cat: [50, 1], dgo: [150, 1] })
  await expect(read(dir)).rejects.toMatchObject({ code: 'ERR_DATASET', message: expect.stringContaining('cat, dgo, expected those of') })
})

test('a folder that holds no classes is told', async () => {
  const dir = makeTempDir()
  writeFileSync(join(dir, 'image.png'), 'no class')
  await expect(read(dir)).rejects.toMatchObject({ code: 'ERR_DATASET' })
})

test('a folder of one image a class, which leaves none for the test, is told', async () => {
  const dir = makeTempDir()
  await writeGreys(dir, { cat: [0, 1], dog: [100, 1] })
  await expect(read(dir)).rejects.toThrow(/one image a class, expected some more/)
})
