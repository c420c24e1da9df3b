import { FlyballError } from '../../core/errors.ts'
import { endsOf, shareInput } from '../ends.ts'
import type { NetworkManifest } from '../manifest-schema.ts'
import { makePreprocessor, type RgbImage } from '../preprocess.ts'
import { openDecoder } from './decode-image.ts'
import { listImageFolder } from './folder-listing.ts'
import { fillInput, type ImageSet, imageSize, type Normalisation, normalisationTable } from './image-set.ts'

/** Labelled images one after the other, prepared as each unit of a network takes them. */
export interface TestImages {
  readonly name: string
  /** Class of each image, an index into the network's labels. */
  readonly labels: ArrayLike<number>
  /** Makes image `index` the present one. */
  load(index: number): Promise<void> | undefined
  /** Writes the present image as the input of a unit, from the start of `out`. */
  fill(unit: number, out: Float32Array): void
}

/** Images in memory. Those of another size or order than the network takes are prepared as in service. Throws ERR_DATASET when there are more classes than the network tells apart. */
export function imagesInMemory(manifest: NetworkManifest, set: ImageSet): TestImages {
  if (set.classes.length > manifest.output.classes)
    throw new FlyballError('ERR_DATASET', `${set.name} has ${set.classes.length} classes, ${manifest.name} tells ${manifest.output.classes} apart`)
  const { name, labels } = set
  const ends = endsOf(manifest)
  const { dtype, layout, shape } = (ends[0] as (typeof ends)[number]).input
  const { channels = 'rgb', scale, normalisation } = manifest.input
  const asStored = shareInput(ends) && dtype === 'float32' && layout === 'NCHW' && channels === 'rgb' && scale === undefined
  let present = 0
  if (asStored && shape.slice(1).join() === set.shape.join()) {
    const table = normalisationTable(normalisation ?? plain(set.shape[0]))
    return {
      name,
      labels,
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
    name,
    labels,
    load(index) {
      const area = width * height
      const from = index * data.length
      for (let k = 0; k < area; k++) for (let c = 0; c < planes; c++) data[k * planes + c] = set.pixels[from + c * area + k] as number
      return undefined
    },
    fill: (unit, out) => preprocessor.prepare(image, unit, out),
  }
}

/**
 * The images of DIR/class/*.png|jpg|jpeg, `limit` of them at even distances, decoded when they are needed and prepared as in service.
 * Throws ERR_DATASET for a class that the network does not know, or a file that is no image.
 */
export async function imagesInFolder(manifest: NetworkManifest, dir: string, limit = Number.POSITIVE_INFINITY): Promise<TestImages> {
  const listing = listImageFolder(dir)
  const numbers = listing.classes.map((name) => {
    const number = manifest.output.labels.indexOf(name)
    if (number < 0)
      throw new FlyballError('ERR_DATASET', `${dir}/${name}: ${manifest.name} knows no class ${name}, expected ${manifest.output.labels.join(', ')}`)
    return number
  })
  const count = Math.min(limit, listing.files.length)
  const files = Array.from(
    { length: count },
    (_, i) => listing.files[Math.floor((i * listing.files.length) / count)] as (typeof listing.files)[number],
  )
  const decode = await openDecoder()
  const preprocessor = makePreprocessor(manifest)
  let present: RgbImage
  return {
    name: dir,
    labels: files.map(({ label }) => numbers[label] as number),
    async load(index) {
      present = await decode((files[index] as (typeof files)[number]).path)
      preprocessor.check(present)
    },
    fill: (unit, out) => preprocessor.prepare(present, unit, out),
  }
}

const plain = (channels: number): Normalisation => ({ mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) })
