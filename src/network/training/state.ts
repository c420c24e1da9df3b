import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { FlyballError } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { ImageSet, Normalisation } from '../dataset/image-set.ts'
import { readGroupWeights } from '../onnx/group-model.ts'
import { removeNetwork } from '../remove-network.ts'
import { writeFileAtomic } from '../write-file.ts'
import { removeEpoch } from './epoch-file.ts'

/** Everything that decides the weights, with the backend and the data. */
export interface TrainingSettings {
  readonly dataset: string
  readonly groups: number
  /** Channels of the first convolution of one group. */
  readonly width: number
  /** Epochs of the first group. */
  readonly epochs: number
  /** Epochs of every other group: they start from the weights of the one before and need fewer. */
  readonly laterEpochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly labelSmoothing: number
  readonly shiftPx: number
  readonly flip: boolean
  readonly cutoutPx: number
  /** Training images kept apart, the last ones, to fit the confidence temperatures. */
  readonly heldOut: number
  readonly seed: number
}

/** Top-1 and loss on the held-out images after each group: a first look, the manifest's accuracies are measured on test images. */
export interface GroupResult {
  readonly heldOutAccuracy: number
  readonly temperature: number
  readonly trainingS: number
}

/** Name of the file that lets a training go on. */
export const trainingFile = 'training.json'

export const incrementFile = (group: number): string => `increment-${group}.onnx`

// 2: another optimiser and another architecture, so a training that was begun before cannot go on.
const schemaName = 'flyball-training/2'

/** A training in the making: what is done stands beside it as ONNX files, one per finished group, and the last epoch of the group at work. */
const stateSchema = v.object({
  schema: v.literal(schemaName),
  backend: v.string(),
  settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  results: v.array(v.object({ heldOutAccuracy: v.number(), temperature: v.number(), trainingS: v.number() })),
  /** What a network must know of the data; lacking in trainings that were begun before this was written down. */
  data: v.optional(
    v.object({
      shape: v.tuple([v.number(), v.number(), v.number()]),
      classes: v.array(v.string()),
      normalisation: v.object({ mean: v.array(v.number()), std: v.array(v.number()) }),
      images: v.optional(v.number()),
      sha256: v.optional(v.string()),
    }),
  ),
})

/** Shape of the images, names of the classes and statistics of what was trained on. */
export interface TrainedData {
  readonly shape: ImageSet['shape']
  readonly classes: readonly string[]
  readonly normalisation: Normalisation
  /** How many images, and the hash of them and their labels; lacking in trainings that were begun before it was written down. */
  readonly images?: number | undefined
  readonly sha256?: string | undefined
}

/** What `training.json` says. */
export interface TrainingState {
  readonly backend: string
  readonly settings: TrainingSettings
  /** Of the groups that are finished. */
  readonly results: readonly GroupResult[]
  readonly data?: TrainedData | undefined
}

/** The state in a folder. Throws ERR_CHECKPOINT_CORRUPT. */
export function readState(dir: string): TrainingState {
  const path = join(dir, trainingFile)
  const parsed = v.safeParse(stateSchema, readJson(path))
  if (!parsed.success) throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${path}: ${parsed.issues[0].message}`)
  return { ...parsed.output, settings: parsed.output.settings as unknown as TrainingSettings }
}

/** Results of the groups that are finished. Writes the state at once, so that a folder that cannot be written costs no epoch. */
export function openState(out: string, settings: TrainingSettings, backend: string, data: TrainedData, resume: boolean): GroupResult[] {
  if (!resume || !existsSync(join(out, trainingFile))) {
    // An epoch of the training before would be gone on with.
    removeEpoch(out)
    removeNetwork(out)
    writeState(out, { settings, backend, results: [], data })
    return []
  }
  const state = readState(out)
  const before = JSON.stringify({ backend: state.backend, ...state.settings })
  const wanted = JSON.stringify({ backend, ...settings })
  if (before !== wanted) throw new FlyballError('ERR_OUT_EXISTS', `${out} holds a training with other settings: ${before}, not ${wanted}`)
  checkData(out, state.data, data)
  if (state.data?.sha256 === undefined) writeState(out, { ...state, data })
  return [...state.results]
}

/** The same settings on other images are another training. */
function checkData(out: string, before: TrainedData | undefined, data: TrainedData): void {
  if (before === undefined) return
  const { images, sha256, ...described } = data
  const { images: imagesBefore = images, sha256: sha256Before = sha256, ...describedBefore } = before
  const [was, is] = [JSON.stringify({ images: imagesBefore, ...describedBefore }), JSON.stringify({ images, ...described })]
  if (was === is && sha256Before === sha256) return
  const difference = was === is ? '' : ` (${is}, not ${was})`
  throw new FlyballError(
    'ERR_OUT_EXISTS',
    `${out} holds a training on other images than these${difference}, expected the same --data and --images, or --force to start over`,
  )
}

export function writeState(out: string, state: TrainingState): void {
  writeFileAtomic(join(out, trainingFile), `${JSON.stringify({ schema: schemaName, ...state }, null, 2)}\n`)
}

export function readFinished(path: string, architecture: GroupArchitecture): GroupWeights {
  try {
    return readGroupWeights(readFileSync(path), architecture, path)
  } catch (error) {
    if (error instanceof FlyballError) throw error
    throw new FlyballError('ERR_NETWORK_FILE', `${path} cannot be read, expected a finished group: ${(error as Error).message}`, { cause: error })
  }
}

function readJson(where: string): unknown {
  let text: string
  try {
    text = readFileSync(where, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${where} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  try {
    return parseJson(text)
  } catch (error) {
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${where} is not JSON: ${(error as Error).message}`, { cause: error })
  }
}
