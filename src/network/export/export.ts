import { join, resolve } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { type ImageSet, imagesHash, normalisationTable, sliceImages } from '../dataset/image-set.ts'
import { hashOf, makeNetwork, manifestFile, type Network } from '../manifest.ts'
import { makeGroupModel } from '../onnx/group-model.ts'
import { encodeModel } from '../onnx/model.ts'
import { checkOutFolder } from '../out-folder.ts'
import { calibrateGroup } from '../quantize/calibrate.ts'
import { makeInt8Model } from '../quantize/int8-model.ts'
import { removeNetwork } from '../remove-network.ts'
import type { Backend } from '../training/backend.ts'
import { incrementFile } from '../training/state.ts'
import { writeFileAtomic } from '../write-file.ts'
import { checkImages, compareLogits, type LogitDifference, normalisationOf } from './compare.ts'
import { measureNetwork } from './measure.ts'
import { type ExportSource, openSource } from './source.ts'

/** Largest absolute difference of a logit between onnxruntime-node and TensorFlow.js that passes for float32. */
export const mostDifference = 1e-4

/** Least share of the images to which int8 must answer as float32 does: below it something is broken and not only coarse. */
export const leastSameAnswer = 0.8

export interface ExportInput {
  /** Folder of `flyball network train`. */
  readonly dir: string
  readonly out: string
  /** Write over a network in `out`. */
  readonly force?: boolean | undefined
  readonly backend: Backend
  /** Reads the data set of the network: `size` is the side of its images, px, `seed` that of its training, which may decide how images are parted. */
  readonly readData?: ((wanted: { readonly size: number; readonly seed: number }) => Promise<DataParts>) | undefined
  /** Integers instead of float32, calibrated on so many of the last training images. Needs `readData`. */
  readonly quantize?: { readonly calibrationImages: number } | undefined
  /** Images that are compared. */
  readonly images: number
  /** ISO 8601. */
  readonly date: string
  /** After an increment is written. */
  onIncrement?(group: number, of: number): void
  onProgress?(what: string, done: number, of: number): void
}

export interface DataParts {
  readonly train: ImageSet
  readonly test: ImageSet
}

export interface Exported {
  readonly network: Network
  readonly difference: LogitDifference
  /** Images that were compared. */
  readonly images: number
}

/**
 * Writes a network of increments anew: one ONNX file per increment, normalisation folded, then a check of every increment against TensorFlow.js, then the
 * manifest, so that a folder with a manifest holds a network that was checked. int8 increments keep to the answers of the float32 ones as far as the
 * images show; their accuracies are measured and their temperatures fitted anew.
 * Throws ERR_EXPORT, ERR_OUT_EXISTS, ERR_OUT_NOT_WRITABLE, ERR_USAGE, ERR_NETWORK_SHAPE for images of another shape, ERR_DATASET for a folder that changed, and what openSource throws.
 */
export async function exportNetwork(input: ExportInput): Promise<Exported> {
  const { out, quantize, backend } = input
  checkFolders(input)
  if (quantize !== undefined && input.readData === undefined)
    throw new FlyballError('ERR_USAGE', '--quantize needs images to calibrate on: name the data set with --data')
  const source = openSource(input.dir, input.date)
  const [, , size] = source.manifest.input.shape as [number, number, number]
  const data = await input.readData?.({ size, seed: source.manifest.training?.seed ?? 1 })
  if (data !== undefined) checkData(source, data)
  removeNetwork(out)
  const files =
    quantize === undefined || data === undefined
      ? floatFiles(source)
      : int8Files(source, lastImages(data.train, quantize.calibrationImages), input.onProgress)
  const units: ExportSource['manifest']['units'] = []
  for await (const bytes of files) {
    const file = incrementFile(units.length + 1)
    writeFileAtomic(join(out, file), bytes)
    units.push({ ...(source.manifest.units[units.length] as (typeof units)[number]), file, sha256: hashOf(bytes), sizeB: bytes.length })
    input.onIncrement?.(units.length, source.weights.length)
  }
  const { name, subnets } = source.manifest
  const precision = quantize === undefined ? 'float32' : 'int8'
  const draft = makeNetwork(out, { ...source.manifest, name: quantize === undefined ? name : `${name}-int8`, precision, units })
  const images = checkImages(draft.manifest, input.images, data?.test)
  const difference = await compareLogits(draft, source, backend, images)
  checkDifference(draft, difference)
  const unmeasured = quantize !== undefined || subnets.some(({ accuracy }) => accuracy.quality === 'estimated')
  let { manifest } = draft
  if (data !== undefined && unmeasured) {
    const heldOut = quantize === undefined ? undefined : lastImages(data.train, source.heldOut)
    manifest = await measureNetwork({
      network: draft,
      heldOut,
      fittedOn: source.heldOut,
      test: data.test,
      onImage: (done, of) => input.onProgress?.('test images', done, of),
    })
  }
  writeFileAtomic(join(out, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
  return { network: makeNetwork(out, manifest), difference, images: images.length }
}

function checkFolders({ dir, out, force }: ExportInput): void {
  if (resolve(dir) === resolve(out)) throw new FlyballError('ERR_USAGE', `--out ${out} is the folder that is exported, expected another one`)
  checkOutFolder(out, force === true)
}

function checkData({ manifest, trainedOn }: ExportSource, { train, test: { name, shape, classes } }: DataParts): void {
  const expected = manifest.input.shape.slice(1)
  const { labels } = manifest.output
  if (expected.join() !== shape.join() || classes.join('\n') !== labels.join('\n'))
    throw new FlyballError(
      'ERR_NETWORK_SHAPE',
      `${name}: images of ${shape.join(' x ')} in the classes ${classes.join(', ')}, the network takes ${expected.join(' x ')} in ${labels.join(', ')}`,
    )
  // Its parts follow from the images it holds: with one more or less, some that were learned would be held out.
  if (manifest.training?.dataset !== 'folder' || trainedOn === undefined) return
  if (imagesHash(sliceImages(train, 0, trainedOn.images)) !== trainedOn.sha256)
    throw new FlyballError('ERR_DATASET', `${name} holds other images than the network was trained on, expected the same folder, unchanged`)
}

async function* floatFiles({ architecture, weights }: ExportSource): AsyncGenerator<Uint8Array> {
  for (const [g, group] of weights.entries()) yield encodeModel(makeGroupModel(`increment-${g + 1}`, architecture, group))
}

async function* int8Files(
  { architecture, weights, manifest }: ExportSource,
  set: ImageSet,
  onProgress: ExportInput['onProgress'],
): AsyncGenerator<Uint8Array> {
  const table = normalisationTable(normalisationOf(manifest))
  for (const [g, group] of weights.entries()) {
    const affines = await calibrateGroup(architecture, group, set, table, (done, of) => onProgress?.(`calibration of increment ${g + 1}`, done, of))
    yield encodeModel(makeInt8Model(`increment-${g + 1}-int8`, architecture, group, affines))
  }
}

const lastImages = (set: ImageSet, count: number): ImageSet => sliceImages(set, Math.max(0, set.count - count), set.count)

function checkDifference({ dir, manifest }: Network, { units, sameAnswer }: LogitDifference): void {
  if (manifest.precision === 'int8') {
    const worst = sameAnswer.findIndex((share) => !(share >= leastSameAnswer))
    if (worst >= 0)
      throw new FlyballError(
        'ERR_EXPORT',
        `${dir}: size ${manifest.subnets[worst]?.name} in int8 gives the answer of float32 to ${sameAnswer[worst]} of the images, expected at least ${leastSameAnswer}`,
      )
    return
  }
  const worst = units.findIndex((difference) => !(difference <= mostDifference))
  if (worst >= 0)
    throw new FlyballError(
      'ERR_EXPORT',
      `${join(dir, manifest.units[worst]?.file ?? '')}: a logit of onnxruntime-node differs from TensorFlow.js by ${units[worst]}, expected at most ${mostDifference}`,
    )
}
