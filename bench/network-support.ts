import { readFileSync } from 'node:fs'
import { type GroupArchitecture, type GroupWeights, groupArchitecture } from '../src/network/architecture.ts'
import { type Network, openNetwork } from '../src/network/manifest.ts'
import { readGroupWeights } from '../src/network/onnx/group-model.ts'
import { readInitializers } from '../src/network/onnx/model.ts'
import { networkDir } from '../src/run/shipped.ts'

export interface OpenGroups {
  readonly network: Network
  readonly architecture: GroupArchitecture
  readonly groups: readonly GroupWeights[]
}

/** The network named by the first argument that is no option (default: the shipped one), with the weights of its groups read back. */
export function openGroups(args: readonly string[]): OpenGroups {
  const network = openNetwork(networkDir(args.find((arg) => !arg.startsWith('--')) ?? 'shipped:cifar10-groups4'))
  const { input, output, units } = network.manifest
  const files = units.map((_, u) => ({ path: network.fileOf(u), bytes: readFileSync(network.fileOf(u)) }))
  const [first] = files as [(typeof files)[number]]
  const width = readInitializers(first.bytes, first.path).get('conv1.kernel')?.shape[0] ?? 0
  const architecture = groupArchitecture(width, input.shape.slice(1) as [number, number, number], output.classes)
  return { network, architecture, groups: files.map(({ path, bytes }) => readGroupWeights(bytes, architecture, path)) }
}
