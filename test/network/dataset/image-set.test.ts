import { expect, test } from 'vitest'
import { channelStatistics, fillInput, type ImageSet, normalisationTable, sliceImages, spreadImages } from '../../../src/network/dataset/image-set.ts'

// Two images of two channels and two pixels: channel 0 holds 0, 255, 0, 255 and channel 1 holds 51 four times.
const set: ImageSet = {
  name: 'two',
  count: 2,
  shape: [2, 1, 2],
  pixels: Uint8Array.of(0, 255, 51, 51, 0, 255, 51, 51),
  labels: Uint8Array.of(0, 1),
  classes: ['a', 'b'],
}

test('statistics are per channel, and a constant channel has deviation 1', () => {
  expect(channelStatistics(set)).toEqual({ mean: [0.5, 0.2], std: [0.5, 1] })
})

test('an input is normalised with its own channel', () => {
  const out = new Float32Array(4)
  fillInput(set, 1, normalisationTable({ mean: [0.5, 0], std: [0.5, 2] }), out)
  expect([...out].map((x) => Number(x.toFixed(6)))).toEqual([-1, 1, 0.1, 0.1])
})

test('a slice is the images asked for', () => {
  const second = sliceImages(set, 1, 2)
  expect([second.count, [...second.labels], second.pixels.length]).toEqual([1, [1], 4])
})

test('some of the images lie at even distances, so that a sorted set keeps its classes', () => {
  const ten: ImageSet = { ...set, count: 10, shape: [1, 1, 1], pixels: Uint8Array.from(Array(10).keys()), labels: Uint8Array.from(Array(10).keys()) }
  const four = spreadImages(ten, 4)
  expect([four.count, [...four.labels], [...four.pixels]]).toEqual([4, [0, 2, 5, 7], [0, 2, 5, 7]])
  expect(spreadImages(ten, 99)).toBe(ten)
})
