import { FlyballError } from '../../src/core/errors.ts'
import type { NetworkManifest } from '../../src/network/manifest.ts'

export interface SimSubnet {
  readonly name: string
  /** Multiply-accumulates of one inference. */
  readonly macs: number
  /** Bytes that one inference moves between memory and cores. */
  readonly movedB: number
  /** Expected top-1. */
  readonly accuracy: number
  /** How much an inference of it switches beside one of the full network. */
  readonly activity: number
}

/** A dynamic network as far as a simulator looks at it. Sub-networks in order of cost. */
export interface SimNetwork {
  readonly id: string
  readonly subnets: readonly SimSubnet[]
  /** What to know of the figures. */
  readonly labels: readonly string[]
}

const fullMacs = 45e6
const fullMovedB = 60e6
// The sister paper (MLCAD 2019, abstract): the smallest of four sizes is 2.73 times faster and 2.36 times cheaper.
const timeRange = 2.73
// What it switches beside the full network to be only 2.36 times cheaper on an A7 at 700 MHz, where the rail draws a third of its power anyway.
const smallestActivity = 1.24

const atWidth = (width: number): number => 1 / timeRange + ((width - 0.25) / 0.75) * (1 - 1 / timeRange)

/**
 * The dynamic network of Xun et al., "Optimising Resource Management for Embedded Machine Learning" (DATE 2020): top-1 *as recalled*, unverified.
 * Assumed: 45 M MACs and 60 MB moved (weights, activations, unrolled images) of the full network; cost and activity between the two ends linear in the width.
 */
export const date2020: SimNetwork = {
  id: 'date2020',
  subnets: [0.25, 0.5, 0.75, 1].map((width, i) => ({
    name: `${100 * width}`,
    macs: Math.round(fullMacs * atWidth(width)),
    movedB: Math.round(fullMovedB * atWidth(width)),
    accuracy: [0.56, 0.627, 0.688, 0.712][i] as number,
    activity: smallestActivity + ((width - 0.25) / 0.75) * (1 - smallestActivity),
  })),
  labels: ['network date2020: accuracies as recalled from the paper, MACs and bytes assumed'],
}

/** A network of flyball's own: MACs, bytes of weights and top-1 of its manifest; activity assumed equal. Throws ERR_NETWORK_MANIFEST where MACs are unknown. */
export function simNetworkOf({ name, subnets, units }: NetworkManifest): SimNetwork {
  return {
    id: name,
    subnets: subnets.map((subnet, s) => {
      if (subnet.macs === undefined)
        throw new FlyballError('ERR_NETWORK_MANIFEST', `${name}: subnets.${s}.macs is missing, expected multiply-accumulates: a simulator needs them`)
      return {
        name: subnet.name,
        macs: subnet.macs,
        movedB: subnet.units.reduce((sum, unit) => sum + (units[unit]?.sizeB ?? 0), 0),
        accuracy: subnet.accuracy.top1,
        activity: 1,
      }
    }),
    labels: [`network ${name}: bytes moved assumed to be those of the weights`],
  }
}
