import { type LatencyPercentiles, percentiles } from '../core/statistics.ts'
import { addLogits, confidenceOf, indexOfLargest } from './answer.ts'
import { fillInput, type ImageSet, type Normalisation, normalisationTable } from './dataset/image-set.ts'
import type { Network } from './manifest.ts'
import type { NetworkSession } from './session.ts'

/** What a sub-network was seen to do. */
export interface SizeResult {
  readonly subnet: string
  /** Share of the images whose likeliest class is the label. */
  readonly top1: number
  readonly images: number
  /** Expected calibration error of the confidence, 15 bins of equal width (Guo et al., 2017). */
  readonly ece: number
}

const eceBins = 15

/**
 * Runs every image through every unit, one at a time as in service, and judges every sub-network on it.
 * The session must hold all units. Throws ERR_INFERENCE.
 */
export async function measureAccuracy(
  network: Network,
  session: NetworkSession,
  set: ImageSet,
  onImage?: (done: number) => void,
): Promise<SizeResult[]> {
  const { subnets, units, output, input } = network.manifest
  const table = normalisationTable(input.normalisation ?? plain(set.shape[0]))
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const bits = subnets.map((_, s) => unitBits(network, s))
  const tallies = subnets.map(() => ({
    correct: 0,
    count: new Float64Array(eceBins),
    confidence: new Float64Array(eceBins),
    hits: new Float64Array(eceBins),
  }))
  for (let i = 0; i < set.count; i++) {
    fillInput(set, i, table, session.input)
    for (let u = 0; u < units.length; u++) unitLogits.set(await session.run(u), u * output.classes)
    subnets.forEach(({ temperature }, s) => {
      addLogits(unitLogits, bits[s] as number, logits)
      const hit = indexOfLargest(logits) === set.labels[i] ? 1 : 0
      const confidence = confidenceOf(logits, temperature)
      const bin = Math.min(eceBins - 1, Math.floor(confidence * eceBins))
      const tally = tallies[s] as (typeof tallies)[number]
      tally.correct += hit
      tally.count[bin] = (tally.count[bin] as number) + 1
      tally.confidence[bin] = (tally.confidence[bin] as number) + confidence
      tally.hits[bin] = (tally.hits[bin] as number) + hit
    })
    onImage?.(i + 1)
  }
  return subnets.map(({ name }, s) => {
    const { correct, confidence, hits } = tallies[s] as (typeof tallies)[number]
    const ece = confidence.reduce((sum, mass, bin) => sum + Math.abs(mass - (hits[bin] as number)), 0) / set.count
    return { subnet: name, top1: correct / set.count, images: set.count, ece }
  })
}

/**
 * Latency of every sub-network on this machine, s: its units one after the other in this thread, then the sum of their logits. The sub-networks
 * take turns, so that a disturbance meets all of them; the first tenth of the rounds warms up and is dropped.
 */
export async function measureLatency(network: Network, session: NetworkSession, rounds: number, now: () => number): Promise<LatencyPercentiles[]> {
  const { subnets, units, output } = network.manifest
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const warmUp = Math.ceil(rounds / 10)
  const samples = subnets.map(() => new Float64Array(rounds))
  for (let round = -warmUp; round < rounds; round++)
    for (let s = 0; s < subnets.length; s++) {
      const startS = now()
      for (const unit of network.unitsOf(s)) unitLogits.set(await session.run(unit), unit * output.classes)
      addLogits(unitLogits, unitBits(network, s), logits)
      indexOfLargest(logits)
      if (round >= 0) (samples[s] as Float64Array)[round] = now() - startS
    }
  return samples.map(percentiles)
}

/** Bit u set for every unit u of a sub-network. */
export function unitBits(network: Network, subnet: number): number {
  return network.unitsOf(subnet).reduce((bits, unit) => bits | (1 << unit), 0)
}

const plain = (channels: number): Normalisation => ({ mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) })
