import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { makeRng } from '../core/rng.ts'
import { type GroupArchitecture, type GroupWeights, groupArchitecture } from './architecture.ts'
import { channelStatistics, type ImageSet, imagesHash, type Normalisation, normalisationTable, sliceImages } from './dataset/image-set.ts'
import { mostUnits } from './manifest-schema.ts'
import { makeGroupModel } from './onnx/group-model.ts'
import { encodeModel } from './onnx/model.ts'
import type { Backend } from './training/backend.ts'
import { fillBatch, makeBatch } from './training/batches.ts'
import { readEpoch, removeEpoch, writeEpoch } from './training/epoch-file.ts'
import { frozenLogits } from './training/model.ts'
import { type GroupResult, incrementFile, openState, readFinished, type TrainingSettings, writeState } from './training/state.ts'
import { fitTemperature } from './training/temperature.ts'
import { type BatchProgress, trainGroup } from './training/train-group.ts'
import { writeFileAtomic } from './write-file.ts'

export interface TrainingProgress extends BatchProgress {
  /** 1 to groups. */
  readonly group: number
  readonly groups: number
  readonly epochs: number
  /** Estimate of the time to the end of the last group, s. */
  readonly remainingS: number
}

export interface TrainingInput {
  readonly settings: TrainingSettings
  readonly backend: Backend
  readonly data: ImageSet
  readonly out: string
  /** Go on after the last epoch that is finished in `out`. */
  readonly resume?: boolean
  /** Monotonic time, s. */
  readonly now: () => number
  onProgress?(progress: TrainingProgress): void
  /** After every epoch, once it is on the disk. */
  onEpoch?(group: number, epochs: number): void
  onGroup?(group: number, result: GroupResult): void
}

export interface TrainedNetwork {
  readonly settings: TrainingSettings
  readonly backend: string
  readonly architecture: GroupArchitecture
  readonly normalisation: Normalisation
  readonly weights: readonly GroupWeights[]
  readonly results: readonly GroupResult[]
}

/**
 * Trains the groups one after the other, each by itself, from the weights of the group before, which no longer change; their logits add up.
 * After every group its increment is written and after every epoch where the group stands, so that an interruption loses one epoch at most
 * and changes nothing: the same seed gives the same bytes, whole or in pieces, on the same backend with the same number of threads.
 * Throws ERR_OUT_EXISTS, ERR_OUT_NOT_WRITABLE, ERR_RANGE, and what reading a started training throws.
 */
export function trainGroups(input: TrainingInput): TrainedNetwork {
  const { settings, backend, out, now } = input
  checkSettings(settings, input.data)
  const architecture = groupArchitecture(settings.width, input.data.shape, input.data.classes.length)
  const data = sliceImages(input.data, 0, input.data.count - settings.heldOut)
  const heldOut = sliceImages(input.data, data.count, input.data.count)
  const normalisation = channelStatistics(data)
  const table = normalisationTable(normalisation)
  const known = { shape: data.shape, classes: data.classes, normalisation, images: input.data.count, sha256: imagesHash(input.data) }
  const results = openState(out, settings, backend.name, known, input.resume === true)
  const weights: GroupWeights[] = results.map((_, g) => readFinished(join(out, incrementFile(g + 1)), architecture))
  const rest = readEpoch(out, weights.length + 1)
  const remaining = makeForecast(settings, weights.length, rest?.epochs ?? 0, now)
  for (let group = weights.length + 1; group <= settings.groups; group++) {
    const resume = rest?.group === group ? rest : undefined
    const startS = now() - (resume?.trainedS ?? 0)
    const trained = trainGroup({
      ...settings,
      backend,
      architecture,
      data,
      table,
      augmentation: settings,
      rng: makeRng(settings.seed).fork(`group-${group}`),
      epochs: epochsOf(settings, group),
      before: weights.at(-1),
      ...(resume === undefined ? {} : { resume }),
      onBatch: (progress) =>
        input.onProgress?.({
          ...progress,
          group,
          groups: settings.groups,
          epochs: epochsOf(settings, group),
          remainingS: remaining(group, progress),
        }),
      onEpoch(state) {
        writeEpoch(out, { ...state, group, trainedS: now() - startS })
        input.onEpoch?.(group, state.epochs)
      },
    })
    weights.push(trained)
    const result = { ...judge(backend, architecture, weights, heldOut, table), trainingS: now() - startS }
    results.push(result)
    writeFileAtomic(join(out, incrementFile(group)), encodeModel(makeGroupModel(`increment-${group}`, architecture, trained)))
    writeState(out, { settings, backend: backend.name, results, data: known })
    removeEpoch(out)
    input.onGroup?.(group, result)
  }
  return { settings, backend: backend.name, architecture, normalisation, weights, results }
}

function checkSettings(
  { groups, width, epochs, laterEpochs, batchSize, learningRate, labelSmoothing, shiftPx, cutoutPx, heldOut }: TrainingSettings,
  data: ImageSet,
): void {
  for (const [name, value] of Object.entries({ groups, width, epochs, laterEpochs, batchSize }))
    if (!Number.isInteger(value) || value < 1) throw new FlyballError('ERR_RANGE', `${name} is ${value}, expected a whole number above 0`)
  if (groups > mostUnits) throw new FlyballError('ERR_RANGE', `groups is ${groups}, expected at most ${mostUnits}`)
  const most = Math.min(data.shape[1], data.shape[2]) - 1
  for (const [name, value] of Object.entries({ shiftPx, cutoutPx }))
    if (!Number.isInteger(value) || value < 0 || value > most)
      throw new FlyballError('ERR_RANGE', `${name} is ${value}, expected a whole number from 0 to ${most}, less than the images`)
  if (!(learningRate > 0)) throw new FlyballError('ERR_RANGE', `learningRate is ${learningRate}, expected more than 0`)
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) throw new FlyballError('ERR_RANGE', `labelSmoothing is ${labelSmoothing}, expected 0 to below 1`)
  if (!Number.isInteger(heldOut) || heldOut < 1 || heldOut >= data.count)
    throw new FlyballError('ERR_RANGE', `heldOut is ${heldOut}, expected 1 to ${data.count - 1}, fewer than the images`)
  if (data.shape[1] % 8 !== 0 || data.shape[2] % 8 !== 0)
    throw new FlyballError('ERR_DATASET', `images of ${data.name} are ${data.shape[1]}x${data.shape[2]}, expected multiples of 8`)
}

/** Accuracy and best temperature of all groups so far on the held-out images. */
function judge(
  backend: Backend,
  architecture: GroupArchitecture,
  groups: readonly GroupWeights[],
  set: ImageSet,
  table: Float32Array,
): Omit<GroupResult, 'trainingS'> {
  const logits = sumLogits(backend, architecture, groups, set, table)
  const { classes } = architecture
  let correct = 0
  for (let n = 0; n < set.count; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes)
    if (row.indexOf(Math.max(...row)) === set.labels[n]) correct++
  }
  return { heldOutAccuracy: correct / set.count, temperature: fitTemperature(logits, set.labels) }
}

/** Logits [n, classes] of the first groups together for every image of a set, through TensorFlow.js. */
function sumLogits(
  backend: Backend,
  architecture: GroupArchitecture,
  groups: readonly GroupWeights[],
  set: ImageSet,
  table: Float32Array,
): Float32Array {
  const { tf } = backend
  const [channels, height, width] = set.shape
  const out = new Float32Array(set.count * architecture.classes)
  const order = Uint32Array.from({ length: set.count }, (_, i) => i)
  const most = 100
  for (let from = 0; from < set.count; from += most) {
    const batch = makeBatch(set, Math.min(most, set.count - from))
    fillBatch(batch, set, order, from, table)
    tf.tidy(() => {
      const images = tf.tensor4d(batch.images, [batch.size, height, width, channels])
      for (const weights of groups) {
        const own = frozenLogits(backend, architecture, weights, images).dataSync()
        for (let k = 0; k < own.length; k++)
          out[from * architecture.classes + k] = (out[from * architecture.classes + k] as number) + (own[k] as number)
      }
    })
  }
  return out
}

/** `group` counts from 1. */
const epochsOf = ({ epochs, laterEpochs }: TrainingSettings, group: number): number => (group === 1 ? epochs : laterEpochs)

/** Every epoch of every group costs the same. */
function makeForecast(settings: TrainingSettings, doneGroups: number, doneEpochs: number, now: () => number) {
  const startS = now()
  const before = (group: number): number => Array.from({ length: group - 1 }, (_, g) => epochsOf(settings, g + 1)).reduce((a, b) => a + b, 0)
  const done = before(doneGroups + 1) + doneEpochs
  const all = before(settings.groups + 1)
  return (group: number, { epoch, batch, batches }: BatchProgress): number => {
    const worked = before(group) + epoch - 1 + batch / batches
    return ((now() - startS) * (all - worked)) / (worked - done)
  }
}
