import { readFileSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import { type GroupArchitecture, type GroupWeights, groupArchitecture } from './architecture.ts'
import type { Network } from './manifest.ts'
import { readGroupWeights } from './onnx/group-model.ts'
import { readInitializers } from './onnx/model.ts'

export interface Groups {
  readonly architecture: GroupArchitecture
  /** Of every group, in order. */
  readonly weights: readonly GroupWeights[]
}

/**
 * Weights of a network that `flyball network train` made, read back from its files. Throws ERR_NETWORK_MANIFEST for variants,
 * ERR_NETWORK_FILE for quantized weights, ERR_NETWORK_SHAPE for layers of another kind.
 */
export function readGroups(network: Network): Groups {
  const { kind, input, output, units } = network.manifest
  if (kind !== 'increments')
    throw new FlyballError('ERR_NETWORK_MANIFEST', `${network.dir}: kind is ${kind}, expected increments, as flyball network train makes them`)
  const files = units.map((_, u) => ({ path: network.fileOf(u), bytes: readUnit(network.fileOf(u)) }))
  const [first] = files as [(typeof files)[number]]
  const width = readInitializers(first.bytes, first.path).get('conv1.kernel')?.shape[0]
  if (width === undefined)
    throw new FlyballError('ERR_NETWORK_SHAPE', `${first.path}: conv1.kernel is absent, expected a file that flyball network train wrote`)
  const architecture = groupArchitecture(width, input.shape.slice(1) as [number, number, number], output.classes)
  return { architecture, weights: files.map(({ path, bytes }) => readGroupWeights(bytes, architecture, path)) }
}

function readUnit(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_FILE', `${path} cannot be read, expected a group of the network: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
