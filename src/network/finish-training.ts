import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupMacs, groupParameters } from './architecture.ts'
import type { ImageSet } from './dataset/image-set.ts'
import { measureNetwork } from './export/measure.ts'
import { hashOf, makeNetwork, manifestFile, type Network, type NetworkManifest } from './manifest.ts'
import { manifestSchemaName } from './manifest-schema.ts'
import { inputName, outputName } from './onnx/group-model.ts'
import type { TrainedNetwork } from './train.ts'
import { incrementFile } from './training/state.ts'
import { writeFileAtomic } from './write-file.ts'

export interface FinishInput {
  readonly trained: TrainedNetwork
  readonly name: string
  /** Folder with the increments. */
  readonly dir: string
  readonly test: ImageSet
  /** The command line that trained it. */
  readonly command: string
  /** ISO 8601. */
  readonly date: string
  onImage?(done: number): void
}

/** Measures accuracy and calibration of every sub-network on the test images through onnxruntime-node, and writes the manifest. */
export async function finishTraining(input: FinishInput): Promise<Network> {
  const { classes, count } = input.test
  const network = makeNetwork(input.dir, draftManifest({ ...input, classes, images: count }))
  const fittedOn = input.trained.settings.heldOut
  const manifest = await measureNetwork({ network, fittedOn, test: input.test, onImage: (done) => input.onImage?.(done) })
  writeFileAtomic(join(input.dir, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
  return makeNetwork(input.dir, manifest)
}

export interface DraftInput extends Pick<FinishInput, 'name' | 'dir' | 'command' | 'date'> {
  readonly trained: Omit<TrainedNetwork, 'weights'>
  /** Names of the classes. */
  readonly classes: readonly string[]
  /** That the accuracies will be measured on. */
  readonly images: number
}

/** The manifest before anything was measured: of all groups, or of the first so many that are finished. */
export function draftManifest({ trained, name, dir, classes, images, command, date }: DraftInput): NetworkManifest {
  const { architecture, normalisation, results, settings, backend } = trained
  const macs = groupMacs(architecture)
  const parameters = groupParameters(architecture)
  return {
    schema: manifestSchemaName,
    name,
    kind: 'increments',
    input: {
      name: inputName,
      shape: [1, ...architecture.image],
      dtype: 'float32',
      // As images of a folder were cut for the training.
      resize: 'cover',
      normalisation: { mean: [...normalisation.mean], std: [...normalisation.std] },
    },
    output: { name: outputName, classes: architecture.classes, labels: [...classes] },
    units: results.map((_, g) => {
      const bytes = readFileSync(join(dir, incrementFile(g + 1)))
      return { file: incrementFile(g + 1), sha256: hashOf(bytes), sizeB: bytes.length, macs, parameters }
    }),
    subnets: results.map(({ temperature }, g) => ({
      name: String(Math.round((100 * (g + 1)) / settings.groups)),
      units: Array.from({ length: g + 1 }, (_, u) => u),
      macs: macs * (g + 1),
      parameters: parameters * (g + 1),
      accuracy: { top1: 0, images, quality: 'measured' },
      temperature: Number(temperature.toFixed(4)),
    })),
    training: { dataset: settings.dataset, command, seed: settings.seed, backend, epochs: settings.epochs, heldOut: settings.heldOut, date },
  }
}
