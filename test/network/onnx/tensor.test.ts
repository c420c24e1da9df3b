import { expect, test } from 'vitest'
import { rawTensor, tensorValues } from '../../../src/network/onnx/tensor.ts'

// Types of onnx.proto; bytes little-endian.
test.each([
  [1, Float32Array.of(1, -2), [0, 0, 128, 63, 0, 0, 0, 192]],
  [2, Uint8Array.of(0, 255), [0, 255]],
  [3, Int8Array.of(-1, 127, -128), [255, 127, 128]],
  [6, Int32Array.of(-2, 258), [254, 255, 255, 255, 2, 1, 0, 0]],
])('type %i is stored as ONNX says and reads back', (dataType, values, bytes) => {
  const raw = rawTensor(values)
  expect([raw.dataType, [...raw.rawData]]).toEqual([dataType, bytes])
  expect(tensorValues(dataType, raw.rawData)).toEqual(values)
})

test('other types and bytes of no whole number of values are nothing that flyball wrote', () => {
  // 7 is int64.
  expect(tensorValues(7, new Uint8Array(8))).toBeUndefined()
  expect(tensorValues(1, new Uint8Array(6))).toBeUndefined()
})
