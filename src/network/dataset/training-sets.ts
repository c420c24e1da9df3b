import { FlyballError } from '../../core/errors.ts'
import { makeRng } from '../../core/rng.ts'
import { readCifar10 } from './cifar10.ts'
import { partsOf } from './folder-listing.ts'
import { readImageFolder } from './image-folder.ts'
import { type ImageSet, sliceImages } from './image-set.ts'
import { shuffleImages, splitImages } from './split-images.ts'

export interface DatasetRequest {
  readonly dataset: string
  readonly data: string
  /** Side of the images of a folder, px. */
  readonly size: number
  /** First so many training images alone. */
  readonly images?: number | undefined
  readonly seed: number
  onImage(done: number, of: number): void
}

/** Of a folder without a test part of its own. */
const testShare = 0.2

/**
 * Training and test images: of CIFAR-10 the official parts; of a folder the folders `train` and `test` in it, else a fifth of each class for the test.
 * A folder's images are sorted by class, so its training images come in an order of their own, which follows from the seed. Throws ERR_DATASET.
 */
export async function readTrainingSets(request: DatasetRequest): Promise<{ train: ImageSet; test: ImageSet }> {
  const { dataset, data, images = Number.POSITIVE_INFINITY } = request
  if (dataset === 'cifar10') return { train: readCifar10(data, 'train', images), test: readCifar10(data, 'test') }
  const { train, test } = await readFolders(request)
  return { train: sliceImages(train, 0, Math.min(images, train.count)), test }
}

async function readFolders({ data, size, seed, onImage }: DatasetRequest): Promise<{ train: ImageSet; test: ImageSet }> {
  const rng = makeRng(seed)
  const parts = partsOf(data)
  if (parts === undefined) {
    const { train, test } = splitImages(await readImageFolder(data, size, onImage), testShare, rng.fork('test-split'))
    if (test.count === 0) throw new FlyballError('ERR_DATASET', `${data} has one image a class, expected some more: a fifth is kept for the test`)
    return { train: shuffleImages(train, rng.fork('train-order')), test }
  }
  const train = await readImageFolder(parts.train, size, onImage)
  const test = await readImageFolder(parts.test, size, onImage)
  if (train.classes.join() !== test.classes.join())
    throw new FlyballError(
      'ERR_DATASET',
      `${parts.test} has the classes ${test.classes.join(', ')}, expected those of ${parts.train}: ${train.classes.join(', ')}`,
    )
  return { train: shuffleImages(train, rng.fork('train-order')), test }
}
