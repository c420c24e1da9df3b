import { type LatencyPercentiles, percentiles } from '../core/statistics.ts'
import { addLogits, confidenceOf, indexOfLargest, unitBits } from './answer.ts'
import type { ImageSet } from './dataset/image-set.ts'
import { imagesInMemory, type TestImages } from './dataset/test-images.ts'
import { endsOf, shareInput } from './ends.ts'
import { confusionOf, type ReliabilityBin, reliabilityOf, top1Of } from './judge.ts'
import type { Network } from './manifest.ts'
import type { NetworkSession } from './session.ts'

/** What every sub-network answered to every image. */
export interface Answers {
  /** Of the images. */
  readonly truth: ArrayLike<number>
  /** Per sub-network: likeliest class of each image. */
  readonly labels: readonly Uint16Array[]
  /** Per sub-network: calibrated confidence of each answer, in [0, 1]. */
  readonly confidences: readonly Float64Array[]
}

/** What a sub-network was seen to do. */
export interface SizeResult {
  readonly subnet: string
  /** Share of the images whose likeliest class is the label. */
  readonly top1: number
  readonly images: number
  /** Expected calibration error of the confidence, 15 bins of equal width (Guo et al., 2017). */
  readonly ece: number
  readonly reliability: readonly ReliabilityBin[]
  /** Images by [label][answer]. */
  readonly confusion: readonly (readonly number[])[]
}

/** Runs every image through every unit, one at a time as in service. The session must hold all units. Throws ERR_INFERENCE, and what loading an image throws. */
export async function collectAnswers(
  network: Network,
  session: NetworkSession,
  images: TestImages,
  onImage?: (done: number) => void,
): Promise<Answers> {
  const { subnets, units, output } = network.manifest
  const shared = shareInput(endsOf(network.manifest))
  const count = images.labels.length
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const bits = subnets.map((_, s) => unitBits(network, s))
  const labels = subnets.map(() => new Uint16Array(count))
  const confidences = subnets.map(() => new Float64Array(count))
  for (let i = 0; i < count; i++) {
    await images.load(i)
    for (let u = 0; u < units.length; u++) {
      if (u === 0 || !shared) images.fill(u, session.input)
      unitLogits.set(await session.run(u), u * output.classes)
    }
    subnets.forEach(({ temperature }, s) => {
      addLogits(unitLogits, bits[s] as number, logits)
      ;(labels[s] as Uint16Array)[i] = indexOfLargest(logits)
      ;(confidences[s] as Float64Array)[i] = confidenceOf(logits, temperature)
    })
    onImage?.(i + 1)
  }
  return { truth: images.labels, labels, confidences }
}

/** Judges every sub-network on the answers it gave. */
export function judgeSizes(network: Network, { truth, labels, confidences }: Answers): SizeResult[] {
  const { subnets, output } = network.manifest
  return subnets.map(({ name }, s) => {
    const answered = labels[s] as Uint16Array
    return {
      subnet: name,
      top1: top1Of(answered, truth),
      images: answered.length,
      ...reliabilityOf(answered, confidences[s] as Float64Array, truth),
      confusion: confusionOf(answered, truth, output.classes),
    }
  })
}

/** Runs every image through every sub-network and judges them. The session must hold all units. Throws ERR_INFERENCE. */
export async function measureAccuracy(
  network: Network,
  session: NetworkSession,
  set: ImageSet,
  onImage?: (done: number) => void,
): Promise<SizeResult[]> {
  return judgeSizes(network, await collectAnswers(network, session, imagesInMemory(network.manifest, set), onImage))
}

/**
 * Latency of every sub-network on this machine, s: its units one after the other in this thread, then the sum of their logits. The sub-networks
 * take turns, so that a disturbance meets all of them; the first tenth of the rounds warms up and is dropped.
 */
export async function measureLatency(
  network: Network,
  session: NetworkSession,
  rounds: number,
  now: () => number,
  onRound?: (done: number) => void,
): Promise<LatencyPercentiles[]> {
  const { subnets, units, output } = network.manifest
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const warmUp = Math.ceil(rounds / 10)
  const samples = subnets.map(() => new Float64Array(rounds))
  for (let round = -warmUp; round < rounds; round++)
    for (let s = 0; s < subnets.length; s++) {
      const startS = now()
      for (const unit of network.unitsOf(s)) {
        const answer = await session.run(unit)
        if (output.classes > 0) unitLogits.set(answer, unit * output.classes)
      }
      addLogits(unitLogits, unitBits(network, s), logits)
      indexOfLargest(logits)
      if (round >= 0) (samples[s] as Float64Array)[round] = now() - startS
      if (s === subnets.length - 1 && round >= 0) onRound?.(round + 1)
    }
  return samples.map(percentiles)
}
