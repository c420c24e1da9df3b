import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCifar10 } from '../../../src/network/dataset/cifar10.ts'
import { makeTempDir } from '../support.ts'

const recordB = 3073
const batchB = 10_000 * recordB

/** A batch in which record i has label i % 10 and pixel k the value (i + k) % 256, for the first records; the rest is black aeroplanes. */
function writeBatch(dir: string, name: string): void {
  const bytes = new Uint8Array(batchB)
  for (let i = 0; i < 20; i++) {
    bytes[i * recordB] = i % 10
    for (let k = 0; k < 3072; k++) bytes[i * recordB + 1 + k] = (i + k) % 256
  }
  writeFileSync(join(dir, name), bytes)
}

describe('reading CIFAR-10', () => {
  test('gives labels and pixels of every record', () => {
    const dir = makeTempDir()
    writeBatch(dir, 'test_batch.bin')
    const set = readCifar10(dir, 'test', 20)
    expect([set.count, set.labels.length, set.pixels.length]).toEqual([20, 20, 20 * 3072])
    expect([...set.labels.subarray(8, 12)]).toEqual([8, 9, 0, 1])
    expect([...set.pixels.subarray(19 * 3072, 19 * 3072 + 3)]).toEqual([19, 20, 21])
    expect(set.classes[3]).toBe('cat')
    expect(readCifar10(dir, 'test').count).toBe(10_000)
  })

  test('a limit reads no more batches than it needs', () => {
    const dir = makeTempDir()
    writeBatch(dir, 'data_batch_1.bin')
    expect(readCifar10(dir, 'train', 10_000).count).toBe(10_000)
    expect(() => readCifar10(dir, 'train', 10_001)).toThrow(/data_batch_2\.bin is missing/)
  })

  test.each([
    ['a missing batch', (path: string) => rmSync(path), 'test_batch.bin is missing'],
    ['a truncated batch', (path: string) => truncateSync(path, 7 * recordB + 100), 'record 7 is incomplete'],
    ['a batch that is too long', (path: string) => writeFileSync(path, new Uint8Array(batchB + 1)), 'record 10000 is too many'],
    [
      'a label above 9',
      (path: string) => {
        const bytes = new Uint8Array(batchB)
        bytes[42 * recordB] = 10
        writeFileSync(path, bytes)
      },
      'record 42 has label 10',
    ],
  ])('%s is an error that names file and record', (_, damage, words) => {
    const dir = makeTempDir()
    const path = join(dir, 'test_batch.bin')
    writeBatch(dir, 'test_batch.bin')
    damage(path)
    expect(() => readCifar10(dir, 'test')).toThrow(expect.objectContaining({ code: 'ERR_DATASET', message: expect.stringContaining(path) }))
    expect(() => readCifar10(dir, 'test')).toThrow(words)
  })
})
