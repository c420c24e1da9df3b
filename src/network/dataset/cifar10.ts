import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError, isSystemError } from '../../core/errors.ts'
import type { ImageSet } from './image-set.ts'

/** Label names in the order of the labels (batches.meta.txt of the data set). */
export const cifar10Classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const

// The binary version of the data set (https://www.cs.toronto.edu/~kriz/cifar.html): a label byte, then 1024 red, 1024 green, 1024 blue bytes.
const recordB = 1 + 3 * 32 * 32
const recordsPerBatch = 10_000

const trainBatches = ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin'] as const
const testBatches = ['test_batch.bin'] as const

export type Cifar10Part = 'train' | 'test'

/**
 * Reads the official CIFAR-10 binary files of a folder: 50,000 training or 10,000 test images, `limit` of them at most.
 * Throws ERR_DATASET, naming the file and the record, when a batch is missing or malformed.
 */
export function readCifar10(dir: string, part: Cifar10Part, limit = Number.POSITIVE_INFINITY): ImageSet {
  const names = part === 'train' ? trainBatches : testBatches
  const batches: Uint8Array[] = []
  for (const name of names) {
    if (batches.length * recordsPerBatch >= limit) break
    batches.push(readBatch(join(dir, name)))
  }
  const count = Math.min(limit, batches.length * recordsPerBatch)
  const pixels = new Uint8Array(count * (recordB - 1))
  const labels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const batch = batches[Math.floor(i / recordsPerBatch)] as Uint8Array
    const start = (i % recordsPerBatch) * recordB
    labels[i] = batch[start] as number
    pixels.set(batch.subarray(start + 1, start + recordB), i * (recordB - 1))
  }
  return { name: 'cifar10', count, shape: [3, 32, 32], pixels, labels, classes: cifar10Classes }
}

function readBatch(path: string): Uint8Array {
  const expectedB = recordsPerBatch * recordB
  try {
    // Size first: a folder or a file of gigabytes should not be read to be refused.
    const sizeB = statSync(path).size
    if (sizeB !== expectedB)
      throw new FlyballError(
        'ERR_DATASET',
        `${path} has ${sizeB} bytes (record ${Math.floor(sizeB / recordB)} is ${sizeB < expectedB ? 'incomplete' : 'too many'}), expected ${expectedB}: ${recordsPerBatch} records of ${recordB}`,
      )
    const bytes = readFileSync(path)
    for (let i = 0; i < recordsPerBatch; i++) {
      const label = bytes[i * recordB] as number
      if (label > 9) throw new FlyballError('ERR_DATASET', `${path}: record ${i} has label ${label}, expected 0 to 9`)
    }
    return bytes
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR'))
      throw new FlyballError(
        'ERR_DATASET',
        `${path} is missing, expected the unpacked binary version of CIFAR-10 (https://www.cs.toronto.edu/~kriz/cifar.html)`,
        { cause: error },
      )
    if (isSystemError(error, 'EISDIR', 'EACCES', 'EPERM'))
      throw new FlyballError('ERR_DATASET', `${path} cannot be read: ${error.message}`, { cause: error })
    throw error
  }
}
