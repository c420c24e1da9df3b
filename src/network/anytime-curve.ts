import { type Interval, interval95 } from '../core/statistics.ts'
import type { Answers } from './evaluate.ts'
import type { Network } from './manifest.ts'

/** What stopping at a confidence gives, over all images. */
export interface AnytimePoint {
  readonly threshold: number
  readonly top1: number
  /** Multiply-accumulates, mean over the images. */
  readonly meanMacs: number
  /** Mean confidence of the answers given: what a governor would have expected of them; `top1` is what came. */
  readonly confidence: number
  /** Share of the images that each sub-network answered, in the manifest's order. */
  readonly shares: readonly number[]
}

/** The anytime policy beside a fixed size at the same mean cost. */
export interface EqualCost {
  /** Top-1 of the policy, interpolated between the two thresholds whose mean cost encloses the size's. */
  readonly top1: number
  /** Policy less fixed size, paired over the images, with its 95 % interval. */
  readonly difference: Interval
}

/** Fixed, so that no threshold is chosen by the images it is judged on. 0 stops at the smallest size. */
export const anytimeThresholds = [0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995] as const

/** For each image, the sub-network at which the policy stops: the first that is sure enough, or the last. */
function stopsOf({ confidences }: Answers, threshold: number): Uint8Array {
  const last = confidences.length - 1
  return Uint8Array.from(confidences[0] ?? [], (_, i) => {
    const first = confidences.findIndex((of) => (of[i] as number) >= threshold)
    return first < 0 ? last : first
  })
}

/** Accuracy against mean cost of stopping at each threshold. Empty for variants: they do not add up, so there is no answer so far. */
export function anytimeCurve(network: Network, answers: Answers, thresholds: readonly number[] = anytimeThresholds): AnytimePoint[] {
  const { subnets, kind } = network.manifest
  if (kind === 'variants') return []
  const { truth, labels, confidences } = answers
  return thresholds.map((threshold) => {
    const stops = stopsOf(answers, threshold)
    const counts = new Array<number>(subnets.length).fill(0)
    let hits = 0
    let macs = 0
    let sure = 0
    stops.forEach((s, i) => {
      counts[s] = (counts[s] as number) + 1
      if (labels[s]?.[i] === truth[i]) hits++
      macs += subnets[s]?.macs as number
      sure += confidences[s]?.[i] as number
    })
    const n = stops.length
    return { threshold, top1: hits / n, meanMacs: macs / n, confidence: sure / n, shares: counts.map((count) => count / n) }
  })
}

/**
 * For each size, the policy at the same mean cost: of the two neighbouring thresholds each image takes one with the probability that makes the mean cost the size's, which
 * is a policy one can run. Never stopping early closes the curve above. Null where no threshold is as cheap, and for variants.
 */
export function atEqualCost(network: Network, answers: Answers, thresholds: readonly number[] = anytimeThresholds): (EqualCost | null)[] {
  const { subnets, kind } = network.manifest
  if (kind === 'variants') return subnets.map(() => null)
  const { truth, labels } = answers
  const policies = [...thresholds, Number.POSITIVE_INFINITY].map((threshold) => {
    const stops = stopsOf(answers, threshold)
    return { stops, meanMacs: stops.reduce((sum, s) => sum + (subnets[s]?.macs as number), 0) / stops.length }
  })
  const hit = (s: number, i: number): number => (labels[s]?.[i] === truth[i] ? 1 : 0)
  return subnets.map((subnet, fixed) => {
    const macs = subnet.macs as number
    const above = policies.findIndex(({ meanMacs }) => meanMacs >= macs)
    const [lower, upper] = [policies[Math.max(0, above - 1)], policies[above]]
    if (lower === undefined || upper === undefined || (above === 0 && upper.meanMacs > macs)) return null
    const span = upper.meanMacs - lower.meanMacs
    const share = span === 0 ? 1 : (macs - lower.meanMacs) / span
    const differences = Float64Array.from(upper.stops, (s, i) => (1 - share) * hit(lower.stops[i] as number, i) + share * hit(s, i) - hit(fixed, i))
    const difference = interval95(differences)
    return { top1: difference.mean + topOf(fixed, hit, truth.length), difference }
  })
}

const topOf = (s: number, hit: (s: number, i: number) => number, n: number): number => {
  let hits = 0
  for (let i = 0; i < n; i++) hits += hit(s, i)
  return hits / n
}
