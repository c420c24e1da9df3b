import { basename, resolve } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import type { RgbImage } from '../preprocess.ts'
import { openDecoder } from './decode-image.ts'
import { listImageFolder } from './folder-listing.ts'
import type { ImageSet } from './image-set.ts'

/** Labels are bytes. */
const mostClasses = 255

/** Files decoded at once: as many as the decoder has threads on a small board. */
const atOnce = 4

/**
 * Reads DIR/class/*.png|jpg|jpeg: the middle square of each image, resized to `size` x `size` RGB. `size` is a multiple of 8, because a trained
 * network halves its image three times. Classes are the sorted folder names; the same folder gives the same set.
 * `onImage` is told how many images are done. Throws ERR_DATASET naming the folder or file, ERR_RANGE for a wrong size.
 */
export async function readImageFolder(dir: string, size: number, onImage?: (done: number, of: number) => void): Promise<ImageSet> {
  if (!(Number.isInteger(size) && size > 0 && size % 8 === 0))
    throw new FlyballError('ERR_RANGE', `the image size is ${size} px, expected a multiple of 8, e.g. 32`)
  const { classes, files } = listImageFolder(dir)
  if (classes.length > mostClasses)
    throw new FlyballError('ERR_DATASET', `${dir} has ${classes.length} class folders, expected at most ${mostClasses}`)
  const decode = await openDecoder()
  const area = size * size
  const pixels = new Uint8Array(files.length * 3 * area)
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce)
    const decoded = await Promise.all(some.map(({ path }) => decode(path, size)))
    decoded.forEach(({ data }, i) => {
      planesOf(data, pixels.subarray((from + i) * 3 * area, (from + i + 1) * 3 * area))
    })
    onImage?.(from + some.length, files.length)
  }
  const labels = Uint8Array.from(files, ({ label }) => label)
  return { name: basename(resolve(dir)), count: files.length, shape: [3, size, size], pixels, labels, classes }
}

/** Pixel after pixel (RGBRGB) to channel after channel. */
function planesOf(data: RgbImage['data'], out: Uint8Array): void {
  const area = out.length / 3
  for (let k = 0; k < area; k++) for (let c = 0; c < 3; c++) out[c * area + k] = data[3 * k + c] as number
}
