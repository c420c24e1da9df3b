import type { LatencyPercentiles } from '../core/statistics.ts'
import { type AnytimePoint, anytimeCurve, atEqualCost, type EqualCost } from './anytime-curve.ts'
import type { TestImages } from './dataset/test-images.ts'
import { collectAnswers, judgeSizes, measureLatency, type SizeResult } from './evaluate.ts'
import type { Network } from './manifest.ts'
import { measureSizesResident } from './resident.ts'
import { openSession } from './session.ts'

/** Everything that is measured of one size. */
export interface SizeEvaluation extends SizeResult {
  /** Multiply-accumulates of one inference; null where the manifest does not know them. */
  readonly macs: number | null
  readonly parameters: number
  /** Of its ONNX files, B. */
  readonly sizeB: number
  /** Of one inference in one thread, s. */
  readonly latencyS: LatencyPercentiles
  /** Resident memory less that of bare Node with ONNX Runtime, B; null where it cannot be measured. */
  readonly residentB: number | null
  /** The anytime policy at the same mean multiply-accumulates; null for variants. */
  readonly anytime: EqualCost | null
}

export interface Evaluation {
  readonly signature: string
  readonly dataset: string
  /** The images may be some that the network was trained or calibrated on: top-1 and ECE then flatter it. */
  readonly mayBeLearned: boolean
  readonly labels: readonly string[]
  readonly sizes: readonly SizeEvaluation[]
  readonly anytime: readonly AnytimePoint[]
}

export interface EvaluationInput {
  readonly network: Network
  readonly test: TestImages
  /** Timed inferences per size. */
  readonly rounds: number
  /** Processes per size whose memory is measured; 0 leaves it out. */
  readonly processes: number
  /** s. */
  now(): number
  onProgress(what: string, done: number, of: number): void
}

/** Judges every size of a network on labelled images, through onnxruntime-node on this machine. Throws ERR_INFERENCE and what opening a session throws. */
export async function evaluateNetwork({ network, test, rounds, processes, now, onProgress }: EvaluationInput): Promise<Evaluation> {
  const { units, subnets, output } = network.manifest
  const session = await openSession(network)
  try {
    const answers = await collectAnswers(network, session, test, (done) => onProgress('test images', done, test.labels.length))
    const latencies = await measureLatency(network, session, rounds, now, (done) => onProgress('latency', done, rounds))
    const resident = await measureSizesResident(network, processes, (done, of) => onProgress('memory', done, of))
    const equal = atEqualCost(network, answers)
    const sizes = judgeSizes(network, answers).map((size, s): SizeEvaluation => {
      const { macs, parameters } = subnets[s] as (typeof subnets)[number]
      return {
        ...size,
        macs: macs ?? null,
        parameters,
        sizeB: network.unitsOf(s).reduce((sum, unit) => sum + (units[unit]?.sizeB as number), 0),
        latencyS: latencies[s] as LatencyPercentiles,
        residentB: resident[s] ?? null,
        anytime: equal[s] ?? null,
      }
    })
    return {
      signature: network.signature,
      dataset: test.name,
      mayBeLearned: test.mayBeLearned,
      labels: output.labels,
      sizes,
      anytime: anytimeCurve(network, answers),
    }
  } finally {
    await session.close()
  }
}
