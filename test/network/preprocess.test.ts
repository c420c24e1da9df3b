import { describe, expect, test } from 'vitest'
import type { NetworkManifest } from '../../src/network/manifest.ts'
import { makePreprocessor, type RgbImage } from '../../src/network/preprocess.ts'
import { makeResampling } from '../../src/network/resample.ts'
import { twoIncrements } from './support.ts'

type Input = NetworkManifest['input']
type UnitInput = NetworkManifest['units'][number]['input']

/** The input of one unit for an image, under a manifest with these fields. */
function prepared(image: RgbImage, input: Partial<Input>, own?: UnitInput): number[] {
  const manifest = twoIncrements()
  const [unit] = manifest.units
  const changed: NetworkManifest = {
    ...manifest,
    kind: 'variants',
    input: { ...manifest.input, ...input },
    units: [{ ...(unit as NetworkManifest['units'][number]), ...(own === undefined ? {} : { input: own }) }],
  }
  const out = new Float32Array((own?.shape ?? changed.input.shape).reduce((a, b) => a * b, 1))
  const preprocessor = makePreprocessor(changed)
  preprocessor.check(image)
  preprocessor.prepare(image, 0, out)
  return Array.from(out, (x) => Number(x.toFixed(4)))
}

// Red, green; blue, white.
const four: RgbImage = { data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255), width: 2, height: 2, channels: 3 }
const grey = (width: number, height: number, data: number[]): RgbImage => ({ data: Uint8Array.from(data), width, height, channels: 1 })
const whole = { scale: 1, shape: [1, 1, 1, 1] }

describe('an image becomes an input', () => {
  test('channel after channel, from 0 to 1', () => {
    expect(prepared(four, { shape: [1, 3, 2, 2] })).toEqual([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1])
  })

  test('pixel after pixel in NHWC', () => {
    expect(prepared(four, { shape: [1, 2, 2, 3], layout: 'NHWC' })).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1])
  })

  test('scaled, less the mean, over the deviation of the channel', () => {
    const input = { shape: [1, 3, 1, 1], scale: 2, normalisation: { mean: [10, 20, 30], std: [1, 2, 4] } }
    const image: RgbImage = { data: Uint8Array.of(20, 20, 20), width: 1, height: 1, channels: 3 }
    expect(prepared(image, input)).toEqual([30, 10, 2.5])
  })

  test("in BGR with mean and deviation in the network's order", () => {
    const input = { shape: [1, 3, 1, 1], scale: 1, channels: 'bgr' as const, normalisation: { mean: [1, 2, 3], std: [1, 1, 1] } }
    const image: RgbImage = { data: Uint8Array.of(100, 50, 10), width: 1, height: 1, channels: 3 }
    expect(prepared(image, input)).toEqual([9, 48, 97])
  })

  test('as bytes where the unit takes uint8', () => {
    const input = { shape: [1, 3, 1, 1], normalisation: { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] } }
    const image: RgbImage = { data: Uint8Array.of(100, 50, 10), width: 1, height: 1, channels: 3 }
    expect(prepared(image, input, { dtype: 'uint8' })).toEqual([100, 50, 10])
  })

  test('without its alpha, and grey for all channels', () => {
    expect(prepared({ data: Uint8Array.of(1, 2, 3, 200), width: 1, height: 1, channels: 4 }, { shape: [1, 3, 1, 1], scale: 1 })).toEqual([1, 2, 3])
    expect(prepared(grey(1, 1, [7]), { shape: [1, 3, 1, 1], scale: 1 })).toEqual([7, 7, 7])
  })

  test('as luma where the network takes one channel', () => {
    const image: RgbImage = { data: Uint8Array.of(100, 50, 10), width: 1, height: 1, channels: 3 }
    expect(prepared(image, whole)).toEqual([0.299 * 100 + 0.587 * 50 + 0.114 * 10])
  })

  test('of a size of its own where the unit has one', () => {
    expect(prepared(four, { shape: [1, 3, 2, 2] }, { shape: [1, 3, 1, 1] })).toEqual([0.5, 0.5, 0.5])
  })
})

describe('resizing', () => {
  test('weighs every sample by its distance, by hand', () => {
    // Four samples to two: step 2. The first result's centre is 1; samples 0, 1, 2 lie 0.5, 0.5, 1.5 away of a reach of 2.
    const { first, count, weights, most } = makeResampling(4, 0, 4, 2)
    expect([[...first], [...count]]).toEqual([
      [0, 1],
      [3, 3],
    ])
    for (const [j, weight] of [3 / 7, 3 / 7, 1 / 7].entries()) {
      expect(weights[j]).toBeCloseTo(weight, 6)
      expect(weights[most + 2 - j]).toBeCloseTo(weight, 6)
    }
  })

  // What Pillow 13 gives for Image.resize(size, BILINEAR); it rounds between the two directions.
  const levels = Array.from({ length: 35 }, (_, k) => ((k % 7) * 37 + Math.floor(k / 7) * 91 + (k % 7) * Math.floor(k / 7) * 13) % 256)
  test.each([
    [3, 2, [110, 141, 141, 122, 145, 137]],
    [9, 8, [0, 25, 53, 82, 111, 140, 169, 197, 222, 40, 68, 101, 135, 168, 114, 123, 155, 184, 97, 130, 163, 194, 233, 86, 72, 107, 130]],
  ])('to %i x %i is within one level of Pillow', (width, height, expected) => {
    const out = prepared(grey(7, 5, levels), { shape: [1, 1, height, width], scale: 1 })
    expect(out).toHaveLength(width * height)
    expected.forEach((level, k) => {
      expect(Math.abs((out[k] as number) - level)).toBeLessThanOrEqual(1)
    })
  })

  test('stretch takes all of the image, cover its middle', () => {
    // Eight columns, 10 outside and 90 in the middle four.
    const image = grey(
      8,
      4,
      Array.from({ length: 32 }, (_, k) => (k % 8 >= 2 && k % 8 < 6 ? 90 : 10)),
    )
    expect(prepared(image, { shape: [1, 1, 4, 4], scale: 1, resize: 'cover' })).toEqual(new Array(16).fill(90))
    const stretched = prepared(image, { shape: [1, 1, 4, 4], scale: 1 })
    // Step 2, weights 1, 3, 3, 1 of 8 about each pair of columns; at the edge 3, 3, 1 of 7.
    expect(stretched.slice(0, 4)).toEqual([Number((10 + 80 / 7).toFixed(4)), 80, 80, Number((10 + 80 / 7).toFixed(4))])
    // A tall image is cut above and below.
    const tall = grey(1, 4, [0, 60, 60, 0])
    expect(prepared(tall, { shape: [1, 1, 2, 1], scale: 1, resize: 'cover' })).toEqual([60, 60])
  })

  test('contain keeps the proportions between bars of level 114', () => {
    const wide: RgbImage = { data: Uint8Array.from({ length: 24 }, (_, k) => [10, 20, 30][k % 3] as number), width: 4, height: 2, channels: 3 }
    // Two rows of the image in the middle of four.
    const plane = (level: number) => [...new Array(4).fill(114), ...new Array(8).fill(level), ...new Array(4).fill(114)]
    expect(prepared(wide, { shape: [1, 3, 4, 4], scale: 1, resize: 'contain' })).toEqual([...plane(10), ...plane(20), ...plane(30)])
    const tall = grey(1, 2, [50, 70])
    const input = {
      shape: [1, 2, 2, 3],
      layout: 'NHWC' as const,
      scale: 1,
      resize: 'contain' as const,
      normalisation: { mean: [4, 14, 24], std: [1, 1, 1] },
    }
    expect(prepared(tall, input)).toEqual([46, 36, 26, 110, 100, 90, 66, 56, 46, 110, 100, 90])
    expect(prepared(tall, { shape: [1, 1, 2, 2] }, { dtype: 'uint8' })).toEqual([50, 50, 70, 70])
  })

  test('images of another size in turn', () => {
    const manifest: NetworkManifest = { ...twoIncrements(), input: { name: 'x', dtype: 'float32', shape: [1, 1, 1, 1], scale: 1 } }
    const { prepare } = makePreprocessor(manifest)
    const out = new Float32Array(1)
    for (const [image, level] of [
      [grey(1, 1, [5]), 5],
      [grey(2, 2, [0, 10, 20, 30]), 15],
      [grey(1, 1, [6]), 6],
    ] as const) {
      prepare(image, 0, out)
      expect(out[0]).toBe(level)
    }
  })
})

describe('what is no image', () => {
  const { check } = makePreprocessor(twoIncrements())
  test.each<[string, RgbImage]>([
    ['too few bytes', { ...four, data: four.data.subarray(1) }],
    ['no size', { ...four, width: 0 }],
    ['two channels', { ...four, channels: 2 as 3 }],
    ['numbers that are no bytes', { ...four, data: Float32Array.from(four.data) as unknown as Uint8Array }],
    ['a list', [1, 2, 3] as unknown as RgbImage],
    ['nothing', undefined as unknown as RgbImage],
  ])('is refused: %s', (_, image) => {
    expect(() => check(image)).toThrow(expect.objectContaining({ code: 'ERR_NETWORK_SHAPE', message: expect.stringContaining('expected') }))
  })

  test('and a network that takes none says so', () => {
    const manifest: NetworkManifest = { ...twoIncrements(), input: { name: 'x', dtype: 'float32', shape: [1, 12] } }
    expect(() => makePreprocessor(manifest).check(four)).toThrow(/two-linear takes \[1, 12\]/)
  })
})
