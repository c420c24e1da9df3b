import { type Groups, readGroups } from '../src/network/groups.ts'
import { type Network, openNetwork } from '../src/network/manifest.ts'
import { networkDir } from '../src/run/shipped.ts'

export interface OpenGroups extends Groups {
  readonly network: Network
}

/** The network named by the first argument that is no option (default: the shipped one), with the weights of its groups read back. */
export function openGroups(args: readonly string[]): OpenGroups {
  const network = openNetwork(networkDir(args.find((arg) => !arg.startsWith('--')) ?? 'shipped:cifar10-g4'))
  return { network, ...readGroups(network) }
}
