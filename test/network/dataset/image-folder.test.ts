import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { readImageFolder } from '../../../src/network/dataset/image-folder.ts'
import { type ImageSet, sliceImages } from '../../../src/network/dataset/image-set.ts'
import { splitImages, splitIndices } from '../../../src/network/dataset/split-images.ts'
import { makeTempDir } from '../support.ts'

type Colour = { r: number; g: number; b: number }

/** One colour, or columns of colours with the same width. */
async function writeImage(path: string, width: number, height: number, ...columns: Colour[]): Promise<void> {
  mkdirSync(join(path, '..'), { recursive: true })
  const data = Buffer.alloc(width * height * 3)
  for (let k = 0; k < width * height; k++) {
    const { r, g, b } = columns[Math.floor(((k % width) * columns.length) / width)] as Colour
    data.set([r, g, b], 3 * k)
  }
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path)
}

const red = { r: 250, g: 20, b: 30 }
const blue = { r: 10, g: 40, b: 240 }

async function twoClasses(): Promise<string> {
  const dir = makeTempDir()
  await writeImage(join(dir, 'b-blue/2.png'), 8, 8, blue)
  await writeImage(join(dir, 'a-red/1.png'), 20, 10, red)
  await writeImage(join(dir, 'a-red/0.JPG.jpg'), 16, 16, red)
  await writeImage(join(dir, 'b-blue/.hidden.png'), 8, 8, red)
  writeFileSync(join(dir, 'b-blue/notes.txt'), 'not an image')
  writeFileSync(join(dir, 'readme.md'), 'not a class')
  return dir
}

const pixel = (set: ImageSet, image: number, k: number): number[] => [0, 1, 2].map((c) => set.pixels[(image * 3 + c) * 64 + k] as number)

describe('reading a folder of images', () => {
  test('gives sorted classes, files in order, channel after channel', async () => {
    const done: number[] = []
    const set = await readImageFolder(await twoClasses(), 8, (n, of) => done.push(n, of))
    expect(set.classes).toEqual(['a-red', 'b-blue'])
    expect([set.count, set.shape, [...set.labels]]).toEqual([3, [3, 8, 8], [0, 0, 1]])
    expect([pixel(set, 1, 0), pixel(set, 1, 63), pixel(set, 2, 30)]).toEqual([
      [250, 20, 30],
      [250, 20, 30],
      [10, 40, 240],
    ])
    // JPEG is not exact.
    for (const [c, level] of [250, 20, 30].entries()) expect(Math.abs((pixel(set, 0, 9)[c] as number) - level)).toBeLessThan(8)
    expect(done.slice(-2)).toEqual([3, 3])
  })

  test('the middle square counts, transparency does not, grey becomes RGB', async () => {
    const dir = makeTempDir()
    // Columns of 8: the middle 16 x 16 is red, and so far from the blue that the resizing filter does not reach it.
    await writeImage(join(dir, 'wide/a.png'), 48, 16, blue, red, red, red, red, blue)
    await sharp(Buffer.alloc(64, 77), { raw: { width: 8, height: 8, channels: 1 } }).toFile(join(dir, 'wide/b.png'))
    await sharp({ create: { width: 8, height: 8, channels: 4, background: { ...red, alpha: 0.5 } } })
      .png()
      .toFile(join(dir, 'wide/c.png'))
    const set = await readImageFolder(dir, 8)
    for (const k of [0, 7, 36, 63]) expect(pixel(set, 0, k)).toEqual([250, 20, 30])
    expect(pixel(set, 1, 5)).toEqual([77, 77, 77])
    expect(pixel(set, 2, 5)).toEqual([250, 20, 30])
  })

  test('class folders may be links', async () => {
    const [dir, elsewhere] = [makeTempDir(), await twoClasses()]
    symlinkSync(join(elsewhere, 'a-red'), join(dir, 'linked'))
    expect((await readImageFolder(dir, 8)).classes).toEqual(['linked'])
  })

  test.each<[string, (dir: string) => void, string]>([
    ['that is missing', (dir) => rmSync(dir, { recursive: true }), ''],
    ['without class folders', (dir) => ['a-red', 'b-blue'].forEach((name) => void rmSync(join(dir, name), { recursive: true })), 'no class folders'],
    ['with an empty class', (dir) => mkdirSync(join(dir, 'c-none')), 'c-none holds no image'],
    ['with a broken image', (dir) => writeFileSync(join(dir, 'b-blue/x.png'), 'no image'), 'b-blue/x.png cannot be decoded'],
  ])('%s is an error that names the place', async (_, spoil, words) => {
    const dir = await twoClasses()
    spoil(dir)
    const error = await readImageFolder(dir, 8).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'ERR_DATASET', message: expect.stringContaining(dir) })
    expect(error).toMatchObject({ message: expect.stringContaining(words) })
  })

  test('a truncated image is not taken for half an image', async () => {
    const dir = makeTempDir()
    await writeImage(join(dir, 'a/x.png'), 64, 64, red, blue)
    const bytes = await sharp(join(dir, 'a/x.png')).toBuffer()
    writeFileSync(join(dir, 'a/x.png'), bytes.subarray(0, bytes.length - 40))
    await expect(readImageFolder(dir, 8)).rejects.toMatchObject({ code: 'ERR_DATASET', message: expect.stringContaining('a/x.png') })
  })

  test('more classes than a byte can label are refused before anything is decoded', async () => {
    const dir = makeTempDir()
    for (let c = 0; c < 256; c++) {
      mkdirSync(join(dir, `class${c}`))
      writeFileSync(join(dir, `class${c}/x.png`), '')
    }
    await expect(readImageFolder(dir, 8)).rejects.toMatchObject({
      code: 'ERR_DATASET',
      message: expect.stringContaining('256 class folders, expected at most 255'),
    })
  })

  test.each([0, 12, 8.5, Number.NaN])('a size of %d px is refused', async (size) => {
    await expect(readImageFolder('nowhere', size)).rejects.toMatchObject({ code: 'ERR_RANGE', message: expect.stringContaining('multiple of 8') })
  })
})

describe('splitting images', () => {
  const labels = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3])

  test('takes a share of each class, at least one of two, and every image once', () => {
    const { first, second } = splitIndices(labels, 0.25, makeRng(1))
    const count = (part: number[], label: number) => part.filter((i) => labels[i] === label).length
    expect([0, 1, 2, 3].map((label) => [count(first, label), count(second, label)])).toEqual([
      [6, 2],
      [3, 1],
      [1, 1],
      [1, 0],
    ])
    expect([...first, ...second].sort((a, b) => a - b)).toEqual(Array.from(labels, (_, i) => i))
  })

  test('follows the seed', () => {
    expect(splitIndices(labels, 0.25, makeRng(1))).toEqual(splitIndices(labels, 0.25, makeRng(1)))
    const drawn = Array.from({ length: 20 }, (_, seed) => splitIndices(labels, 0.25, makeRng(seed)).second.join())
    expect(new Set(drawn).size).toBeGreaterThan(10)
  })

  test('copies pixels with their labels', () => {
    const set: ImageSet = {
      ...{ name: 's', count: 15, shape: [1, 1, 1], labels, classes: ['a', 'b', 'c', 'd'] },
      pixels: Uint8Array.from({ length: 15 }, (_, i) => 10 * i),
    }
    const { train, test: held } = splitImages(set, 0.25, makeRng(1))
    expect([train.count, held.count]).toEqual([11, 4])
    for (const part of [train, held]) for (let i = 0; i < part.count; i++) expect(part.labels[i]).toBe(labels[(part.pixels[i] as number) / 10])
    expect(sliceImages(held, 0, 1).pixels.length).toBe(1)
  })
})
