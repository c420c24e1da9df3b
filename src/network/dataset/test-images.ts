import { join } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { endsOf, shareInput } from '../ends.ts'
import type { NetworkManifest } from '../manifest-schema.ts'
import { makePreprocessor, type RgbImage } from '../preprocess.ts'
import { openDecoder } from './decode-image.ts'
import { listImageFolder, partsOf } from './folder-listing.ts'
import { fillInput, type ImageSet, imageSize, type Normalisation, normalisationTable } from './image-set.ts'

/** Labelled images one after the other, prepared as each unit of a network takes them. */
export interface TestImages {
  readonly name: string
  /** Class of each image, an index into the network's labels. */
  readonly labels: ArrayLike<number>
  /** The network was trained or calibrated on a folder, and nothing says that these images were not part of it. */
  readonly mayBeLearned: boolean
  /** Makes image `index` the present one. */
  load(index: number): Promise<void> | undefined
  /** Writes the present image as the input of a unit, from the start of `out`. */
  fill(unit: number, out: Float32Array): void
}

/** Test images in memory. Those of another size or order than the network takes are prepared as in service. Throws ERR_DATASET for classes that are not the network's. */
export function imagesInMemory(manifest: NetworkManifest, set: ImageSet): TestImages {
  const { name } = set
  const numbers = numbersOf(manifest, set)
  const known = { name, labels: Uint8Array.from(set.labels, (label) => numbers[label] as number), mayBeLearned: false }
  const ends = endsOf(manifest)
  const { dtype, layout, shape } = (ends[0] as (typeof ends)[number]).input
  const { channels = 'rgb', scale, normalisation } = manifest.input
  const asStored = shareInput(ends) && dtype === 'float32' && layout === 'NCHW' && channels === 'rgb' && scale === undefined
  let present = 0
  if (asStored && shape.slice(1).join() === set.shape.join()) {
    const table = normalisationTable(normalisation ?? plain(set.shape[0]))
    return {
      ...known,
      load(index) {
        present = index
        return undefined
      },
      fill: (_unit, out) => fillInput(set, present, table, out),
    }
  }
  const preprocessor = makePreprocessor(manifest)
  const [planes, height, width] = set.shape
  const data = new Uint8Array(imageSize(set.shape))
  const image: RgbImage = { data, width, height, channels: planes as 1 | 3 }
  preprocessor.check(image)
  return {
    ...known,
    load(index) {
      const area = width * height
      const from = index * data.length
      for (let k = 0; k < area; k++) for (let c = 0; c < planes; c++) data[k * planes + c] = set.pixels[from + c * area + k] as number
      return undefined
    },
    fill: (unit, out) => preprocessor.prepare(image, unit, out),
  }
}

/** Number of each class of a set in the network: by name, or by place where the network's labels are mere numbers, as of files that were added without names. */
function numbersOf({ name, output: { labels } }: NetworkManifest, set: ImageSet): number[] {
  if (set.classes.length > labels.length)
    throw new FlyballError('ERR_DATASET', `${set.name} has ${set.classes.length} classes, ${name} tells ${labels.length} apart`)
  const unnamed = labels.every((label, k) => label === String(k))
  return set.classes.map((known, k) => (unnamed ? k : numberOf(known, set.name, name, labels)))
}

/** Of networks of added files, which say of no training, the temperatures were. */
const learnedFromFolder = ({ training, subnets }: NetworkManifest): boolean =>
  training === undefined ? subnets.some(({ calibration }) => calibration !== undefined) : training.dataset === 'folder'

function numberOf(known: string, where: string, network: string, labels: readonly string[]): number {
  const number = labels.indexOf(known)
  if (number < 0) throw new FlyballError('ERR_DATASET', `${where}: ${network} knows no class ${known}, expected ${labels.join(', ')}`)
  return number
}

/**
 * The images of DIR/class/*.png|jpg|jpeg, `limit` of them at even distances, decoded when they are needed and prepared as in service; of a folder with the parts
 * `train` and `test` the latter, as `network train` takes it.
 * Throws ERR_DATASET for a class that the network does not know, or a file that is no image.
 */
export async function imagesInFolder(manifest: NetworkManifest, dir: string, limit = Number.POSITIVE_INFINITY): Promise<TestImages> {
  const parts = partsOf(dir)
  const shown = parts?.test ?? dir
  const listing = listImageFolder(shown)
  const numbers = listing.classes.map((name) => numberOf(name, join(shown, name), manifest.name, manifest.output.labels))
  const count = Math.min(limit, listing.files.length)
  const files = Array.from(
    { length: count },
    (_, i) => listing.files[Math.floor((i * listing.files.length) / count)] as (typeof listing.files)[number],
  )
  const decode = await openDecoder()
  const preprocessor = makePreprocessor(manifest)
  let present: RgbImage
  return {
    name: shown,
    labels: files.map(({ label }) => numbers[label] as number),
    mayBeLearned: parts === undefined && learnedFromFolder(manifest),
    async load(index) {
      present = await decode((files[index] as (typeof files)[number]).path)
      preprocessor.check(present)
    },
    fill: (unit, out) => preprocessor.prepare(present, unit, out),
  }
}

const plain = (channels: number): Normalisation => ({ mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) })
