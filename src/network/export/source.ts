import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { groupArchitecture } from '../architecture.ts'
import { draftManifest } from '../finish-training.ts'
import { type Groups, readGroups } from '../groups.ts'
import { manifestFile, type NetworkManifest, openNetwork } from '../manifest.ts'
import { trainingCommand } from '../training/command.ts'
import { incrementFile, readFinished, readState, type TrainingState, trainingFile } from '../training/state.ts'

/** What is exported. */
export interface ExportSource extends Groups {
  /** Of the folder; accuracies of a bare training are those of its held-out images, 'estimated'. */
  readonly manifest: NetworkManifest
  /** Last training images, which were not learned. */
  readonly heldOut: number
  /** Where the training is at hand: how many images it took, from the first, and their hash. */
  readonly trainedOn?: { readonly images: number; readonly sha256: string } | undefined
}

/** Held-out images of a network that does not say how many: the default of `flyball network train` on a large set. */
const usualHeldOut = 1000

/**
 * Opens a folder that `flyball network train` wrote, finished or with some groups finished; `date` is ISO 8601.
 * Throws ERR_NETWORK_MANIFEST, ERR_NETWORK_FILE, ERR_NETWORK_SHAPE, ERR_CHECKPOINT_CORRUPT.
 */
export function openSource(dir: string, date: string): ExportSource {
  const state = existsSync(join(dir, trainingFile)) ? readState(dir) : undefined
  const finished = state === undefined || state.results.length >= state.settings.groups
  // A manifest beside an unfinished training is that of the network before.
  if (state === undefined || (finished && existsSync(join(dir, manifestFile)))) {
    const network = openNetwork(dir)
    return {
      ...readGroups(network),
      manifest: network.manifest,
      trainedOn: trainedOn(state),
      heldOut: network.manifest.training?.heldOut ?? state?.settings.heldOut ?? usualHeldOut,
    }
  }
  const { settings, results, backend, data } = state
  for (const name of ['groups', 'width', 'epochs', 'laterEpochs', 'heldOut'] as const)
    if (!(Number.isInteger(settings[name]) && settings[name] > 0))
      throw new FlyballError(
        'ERR_CHECKPOINT_CORRUPT',
        `${join(dir, trainingFile)}: settings.${name} is ${settings[name]}, expected a whole number above 0`,
      )
  if (results.length === 0)
    throw new FlyballError('ERR_NETWORK_FILE', `${dir} has no finished group yet, expected at least ${incrementFile(1)}: let the training go on`)
  if (data === undefined)
    throw new FlyballError(
      'ERR_CHECKPOINT_CORRUPT',
      `${join(dir, trainingFile)} does not say what its images are like, as trainings begun by an earlier version: flyball network train --resume adds it`,
    )
  const architecture = groupArchitecture(settings.width, data.shape, data.classes.length)
  const weights = results.map((_, g) => readFinished(join(dir, incrementFile(g + 1)), architecture))
  const trained = { settings, backend, architecture, normalisation: data.normalisation, results }
  const name = `${settings.dataset}-g${settings.groups}`
  // Of the training images that were left out the state knows nothing.
  const command = trainingCommand(settings, { backend, size: data.shape[1] })
  const draft = draftManifest({ trained, name, dir, classes: data.classes, images: settings.heldOut, command, date })
  const subnets = draft.subnets.map((subnet, s) => ({
    ...subnet,
    accuracy: { top1: results[s]?.heldOutAccuracy as number, images: settings.heldOut, quality: 'estimated' as const },
  }))
  return { architecture, weights, manifest: { ...draft, subnets }, trainedOn: trainedOn(state), heldOut: settings.heldOut }
}

function trainedOn(state: TrainingState | undefined): ExportSource['trainedOn'] {
  const { images, sha256 } = state?.data ?? {}
  return images === undefined || sha256 === undefined ? undefined : { images, sha256 }
}
