import { expect, test } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import type { ImageSet } from '../../../src/network/dataset/image-set.ts'
import { fillBatch, makeBatch, shuffledOrder } from '../../../src/network/training/batches.ts'

/** One image of two channels, 8x8: channel 0 counts 1 to 64, channel 1 is 100 more. */
const set: ImageSet = {
  name: 'counting',
  count: 1,
  shape: [2, 8, 8],
  pixels: Uint8Array.from({ length: 128 }, (_, i) => (i < 64 ? i + 1 : i - 64 + 101)),
  labels: Uint8Array.of(1),
  classes: ['a', 'b'],
}
// Bytes stay what they are.
const table = Float32Array.from({ length: 512 }, (_, i) => i % 256)

test('a batch is height, width, channels with one-hot targets', () => {
  const batch = makeBatch(set, 1)
  fillBatch(batch, set, Uint32Array.of(0), 0, table)
  expect([...batch.images.subarray(0, 6)]).toEqual([1, 101, 2, 102, 3, 103])
  expect([...batch.images.subarray(16, 18)]).toEqual([9, 109])
  expect([...batch.targets]).toEqual([0, 1])
})

test('an augmented image is the image shifted by up to 4 px and perhaps mirrored, 0 outside', () => {
  const batch = makeBatch(set, 1)
  const rng = makeRng(3)
  const seen = new Set<string>()
  for (let trial = 0; trial < 400; trial++) {
    fillBatch(batch, set, Uint32Array.of(0), 0, table, { shiftPx: 4, flip: true, cutoutPx: 0, rng })
    const at = (x: number, y: number): number => batch.images[(y * 8 + x) * 2] as number
    // Some pixel that is inside tells the shift; then every pixel must agree.
    const k = Array.from({ length: 64 }, (_, i) => i).find((i) => at(i % 8, Math.floor(i / 8)) !== 0) as number
    const value = at(k % 8, Math.floor(k / 8)) - 1
    const mirrored = at((k % 8) + 1, Math.floor(k / 8)) - 1 < value
    const dx = (mirrored ? 7 - (value % 8) : value % 8) - (k % 8)
    const dy = Math.floor(value / 8) - Math.floor(k / 8)
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++) {
        const inside = x + dx >= 0 && x + dx < 8 && y + dy >= 0 && y + dy < 8
        const column = mirrored ? 7 - (x + dx) : x + dx
        expect(at(x, y)).toBe(inside ? (y + dy) * 8 + column + 1 : 0)
      }
    seen.add(`${dx},${dy},${mirrored}`)
    expect(Math.max(Math.abs(dx), Math.abs(dy))).toBeLessThanOrEqual(4)
  }
  // 9 * 9 * 2 ways: 400 draws meet most of them.
  expect(seen.size).toBeGreaterThan(130)
})

test('a shuffled order holds every image once and follows its seed', () => {
  const order = shuffledOrder(1000, makeRng(1))
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect(shuffledOrder(1000, makeRng(1))).toEqual(order)
  expect(shuffledOrder(1000, makeRng(2))).not.toEqual(order)
})

test('a cut-out blanks a square around a random pixel, cut off at the border', () => {
  const batch = makeBatch(set, 1)
  const rng = makeRng(5)
  const centres = new Set<string>()
  for (let trial = 0; trial < 300; trial++) {
    fillBatch(batch, set, Uint32Array.of(0), 0, table, { shiftPx: 0, flip: false, cutoutPx: 4, rng })
    const blank = Array.from({ length: 64 }, (_, i) => i).filter((i) => batch.images[2 * i] === 0)
    // Both channels, or neither; what is not blank is the picture.
    for (let i = 0; i < 64; i++) expect([batch.images[2 * i], batch.images[2 * i + 1]]).toEqual(blank.includes(i) ? [0, 0] : [i + 1, i + 101])
    const [columns, rows] = [blank.map((i) => i % 8), blank.map((i) => Math.floor(i / 8))]
    const [left, right, top, bottom] = [Math.min(...columns), Math.max(...columns), Math.min(...rows), Math.max(...rows)]
    expect(blank.length).toBe((right - left + 1) * (bottom - top + 1))
    // Two pixels before the centre and one behind it, so a corner keeps 2x2 at least.
    expect(Math.min(right - left, bottom - top)).toBeGreaterThanOrEqual(1)
    expect(Math.max(right - left, bottom - top)).toBeLessThanOrEqual(3)
    centres.add(`${left},${top}`)
  }
  expect(centres.size).toBeGreaterThan(30)
})
