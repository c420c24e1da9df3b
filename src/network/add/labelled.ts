import { FlyballError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import { openDecoder } from '../dataset/decode-image.ts'
import { listImageFolder } from '../dataset/folder-listing.ts'
import { splitIndices } from '../dataset/split-images.ts'
import type { RgbImage } from '../preprocess.ts'
import { shuffledOrder } from '../training/batches.ts'

/** Labelled images on disk, decoded when they are needed; labels are class indices of the network. */
export interface Labelled {
  readonly labels: readonly string[]
  readonly files: readonly { readonly path: string; readonly label: number }[]
  /** Images to fit temperatures on, and the others, as indices into `files`; too few to fit anything: no fitting images. */
  readonly fit: readonly number[]
  readonly rest: readonly number[]
  decode(path: string): Promise<RgbImage>
}

/** Fewer images than this say little about a temperature. */
const leastToFit = 50
const mostToFit = 1000

/**
 * Opens DIR/class/*.png|jpg. Without `names` the class folders in sorted order are the classes; `names` gives the folder of each class, in the network's order.
 * At most `limit` images, drawn by `rng`. Throws ERR_DATASET when the folders are not the network's classes.
 */
export async function openLabelled(dir: string, classes: number, names: readonly string[] | undefined, limit: number, rng: Rng): Promise<Labelled> {
  const listing = listImageFolder(dir)
  const labels = names ?? listing.classes
  if (labels.length !== classes)
    throw new FlyballError(
      'ERR_DATASET',
      `${names === undefined ? `${dir} has ${labels.length} class folders` : `--labels names ${labels.length} classes`}, the networks tell ${classes} apart; --labels FILE names the folder of each class, one a line`,
    )
  const indexOf = new Map(labels.map((name, index) => [name, index]))
  const unknown = listing.classes.find((name) => !indexOf.has(name))
  if (unknown !== undefined) throw new FlyballError('ERR_DATASET', `${dir}: folder ${unknown} is none of the classes that --labels names`)
  const all = listing.files.map(({ path, label }) => ({ path, label: indexOf.get(listing.classes[label] as string) as number }))
  const files =
    limit < all.length
      ? Array.from(shuffledOrder(all.length, rng.fork('images')).subarray(0, limit).sort(), (i) => all[i] as (typeof all)[number])
      : all
  const share = Math.min(0.5, mostToFit / files.length)
  const { first, second } = splitIndices(
    files.map(({ label }) => label),
    share,
    rng.fork('fit'),
  )
  const enough = second.length >= leastToFit && first.length > 0
  return { labels, files, ...(enough ? { fit: second, rest: first } : { fit: [], rest: files.map((_, i) => i) }), decode: await openDecoder() }
}
