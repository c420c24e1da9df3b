import { FlyballError } from '../../core/errors.ts'
import type { LatencyPercentiles } from '../../core/statistics.ts'
import { measureLatency } from '../evaluate.ts'
import { makeNetwork, type Network, type NetworkManifest, parseManifest } from '../manifest.ts'
import { makeNetworkSample } from '../sample-input.ts'
import { openSession } from '../session.ts'
import { checkWritable } from '../write-file.ts'
import { type Dominated, dropDominated } from './dominance.ts'
import { draftManifest, type Preprocessing, type Scores, settleScores } from './draft.ts'
import type { Candidate } from './inspect.ts'
import { judgeLabelled, type LabelledResult } from './judge-labelled.ts'
import type { Labelled } from './labelled.ts'
import { writeVariants } from './write-variants.ts'

export interface AddRequest {
  readonly name: string
  readonly out: string
  readonly candidates: readonly Candidate[]
  readonly scores: Scores
  readonly preprocessing: Preprocessing
  /** Opens the labelled images for so many classes; else `accuracies` says what each candidate is worth, in their order. */
  labelled?(classes: number): Promise<Labelled>
  readonly accuracies?: readonly number[]
  /** Of the classes, where no labelled folder names them. */
  readonly labels?: readonly string[] | undefined
  /** Timed inferences per variant. */
  readonly rounds: number
  /** s. */
  now(): number
  onProgress(what: string, done: number, of: number): void
}

/** One file, measured. */
export interface AddedVariant {
  readonly name: string
  readonly candidate: Candidate
  readonly accuracy: number
  /** s, median. */
  readonly latencyS: number
  /** s, in one thread. */
  readonly latencies: LatencyPercentiles
  /** Undefined when the accuracy was given. */
  readonly judged?: LabelledResult | undefined
}

export interface AddResult {
  readonly network: Network
  /** In order of cost. */
  readonly kept: readonly AddedVariant[]
  readonly dropped: readonly Dominated<AddedVariant>[]
}

/**
 * Measures files of one task, leaves out those that are slower than another and not more accurate, and writes the rest to `out` as a network of variants, the
 * manifest last. Throws ERR_NETWORK_SHAPE when the files do not belong together, ERR_DATASET, ERR_OUT_NOT_WRITABLE.
 */
export async function addNetwork(request: AddRequest): Promise<AddResult> {
  const { candidates, out } = request
  // Before minutes of measuring, not after.
  checkWritable(out)
  const classes = settleScores(candidates, request.scores, request.labelled !== undefined)
  const labelled = await request.labelled?.(classes)
  const labels = labelled?.labels ?? request.labels ?? Array.from({ length: classes }, (_, k) => String(k))
  if (labels.length !== classes)
    throw new FlyballError('ERR_USAGE', `--labels names ${labels.length} classes, expected ${classes}, as many as the networks tell apart`)
  const draftOf = (some: readonly Candidate[]): NetworkManifest =>
    draftManifest({ name: request.name, candidates: some, classes, labels, scores: request.scores, preprocessing: request.preprocessing })
  const measured = await measure(request, draftOf(candidates), labelled)
  const { kept, dropped } = dropDominated(measured)
  const manifest = finalManifest(draftOf(kept.map(({ candidate }) => candidate)), kept)
  writeVariants(
    out,
    manifest,
    kept.map(({ candidate }) => candidate.path),
  )
  return { network: makeNetwork(out, manifest), kept, dropped }
}

/** The variants take turns, so that a disturbance meets all of them. */
async function measure(request: AddRequest, draft: NetworkManifest, labelled: Labelled | undefined): Promise<AddedVariant[]> {
  const { candidates, accuracies, rounds, now, onProgress } = request
  const network: Network = { ...makeNetwork(request.out, draft), fileOf: (unit) => candidates[unit]?.path as string }
  const session = await openSession(network)
  try {
    const judged = labelled && (await judgeLabelled(network, session, labelled, (done, of) => onProgress('labelled images', done, of)))
    session.input.set(makeNetworkSample(draft, 1))
    const latencies = await measureLatency(network, session, rounds, now, (done) => onProgress('latency', done, rounds))
    return candidates.map((candidate, i) => ({
      name: candidate.name,
      candidate,
      accuracy: (judged?.[i]?.top1 ?? accuracies?.[i]) as number,
      latencyS: latencies[i]?.p50 as number,
      latencies: latencies[i] as LatencyPercentiles,
      judged: judged?.[i],
    }))
  } finally {
    await session.close()
  }
}

function finalManifest(draft: NetworkManifest, kept: readonly AddedVariant[]): NetworkManifest {
  const manifest: NetworkManifest = {
    ...draft,
    subnets: kept.map(({ name, candidate, accuracy, latencyS, judged }, u) => ({
      name,
      units: [u],
      parameters: candidate.parameters,
      latencyS: Number(latencyS.toPrecision(4)),
      accuracy: { top1: accuracy, images: judged?.images ?? 0, quality: judged === undefined ? 'estimated' : 'measured' },
      temperature: judged?.temperature ?? 1,
      ...(judged?.calibration === undefined ? {} : { calibration: judged.calibration }),
    })),
  }
  return parseManifest(JSON.stringify(manifest), 'the new manifest')
}
