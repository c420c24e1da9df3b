import { FlyballError } from '../../core/errors.ts'
import type { Quality } from '../../core/outcome.ts'
import { type LoggedLatency, latenciesOf } from './latencies.ts'
import { type ImportMap, powerOver } from './map.ts'
import type { RowOptions } from './rows.ts'
import { type Sample, type Skipped, samplesOf } from './samples.ts'

/** A record as a decision: what was set, what had been seen before, what came of it. */
export interface ImportedDecision extends Omit<Sample, 'powerW' | 'run'> {
  readonly path: string
  readonly energyQuality: Quality
  /** The first of a file or of a session in it. */
  readonly beginsRun: boolean
}

/** What is to be imported. */
export interface ImportSource {
  readonly files: readonly string[]
  readonly map: ImportMap
  readonly options: RowOptions
  /** Latencies that an application logged, one file for each log, or none. */
  readonly latencies: readonly string[]
}

/** Decisions of all files, one after the other, in order of time within each. Throws ERR_LOG. */
export async function* decisionsOf({ files, map, options, latencies }: ImportSource, skipped: Skipped): AsyncGenerator<ImportedDecision> {
  for (const [i, path] of files.entries()) {
    const samples = samplesOf(path, map, options, skipped)
    const file = latencies[i]
    yield* file === undefined ? ofSamples(path, samples, map) : joined(path, samples, file, map, skipped)
  }
}

const energyOf = (energyJ: number, powerW: number, overS: number): { energyJ: number; energyQuality: Quality } => {
  if (!Number.isNaN(energyJ)) return { energyJ, energyQuality: 'measured' }
  const product = powerW * overS
  return Number.isNaN(product) ? { energyJ: Number.NaN, energyQuality: 'absent' } : { energyJ: product, energyQuality: 'estimated' }
}

/** Every record is a decision. */
async function* ofSamples(path: string, samples: AsyncIterable<Sample>, map: ImportMap): AsyncGenerator<ImportedDecision> {
  const over = powerOver(map)
  const before: { sample?: Sample } = {}
  for await (const sample of samples) {
    const { powerW, run, ...own } = sample
    const last = before.sample?.run === run ? before.sample : undefined
    const overS = over === 'latency' ? own.latencyS : last === undefined ? Number.NaN : own.timeS - last.timeS
    const monitors = map.monitorsFrom === 'previousRow' ? (last?.monitors ?? own.monitors.map(() => Number.NaN)) : own.monitors
    yield { ...own, monitors, path, ...energyOf(own.energyJ, powerW, overS), beginsRun: last === undefined }
    before.sample = sample
  }
}

const defaultMaxGapS = 10

/**
 * Every answer of the application is a decision, in the state that the board was in: a sample tells what was set and drawn since the one before it, and that one what had been seen. Answers outside the samples, or in a gap between
 * them, are dropped and counted.
 */
async function* joined(
  path: string,
  samples: AsyncGenerator<Sample>,
  file: string,
  map: ImportMap,
  skipped: Skipped,
): AsyncGenerator<ImportedDecision> {
  const { latencies } = map
  if (latencies === undefined) throw new FlyballError('ERR_INTERNAL', 'latencies without a map of them')
  const maxGapS = latencies.maxGapS ?? defaultMaxGapS
  const times = { firstSample: Number.NaN, lastSample: Number.NaN, firstAnswer: Number.NaN, lastAnswer: Number.NaN }
  let before: Sample | undefined
  let current: Sample | undefined
  let ended = false
  let beginsRun = true
  let joinedCount = 0
  const advance = async (): Promise<void> => {
    before = current
    const next = await samples.next()
    ended = next.done === true
    current = next.done === true ? undefined : next.value
    if (current === undefined) return
    if (Number.isNaN(times.firstSample)) times.firstSample = current.timeS
    times.lastSample = current.timeS
    if (before !== undefined && before.run !== current.run) beginsRun = true
  }
  await advance()
  for await (const answer of latenciesOf(file, latencies, skipped)) {
    if (Number.isNaN(times.firstAnswer)) times.firstAnswer = answer.timeS
    times.lastAnswer = answer.timeS
    while (!ended && (current as Sample).timeS < answer.timeS) await advance()
    const there = before !== undefined && current !== undefined && before.run === current.run && current.timeS - before.timeS <= maxGapS
    if (!there) skipped.outside++
    else {
      yield decisionOf(path, before as Sample, current as unknown as Sample, answer, beginsRun)
      beginsRun = false
      joinedCount++
    }
  }
  while (!ended) await advance()
  if (joinedCount === 0) throw nothingJoined(path, file, times)
}

function decisionOf(path: string, before: Sample, current: Sample, answer: LoggedLatency, beginsRun: boolean): ImportedDecision {
  const { powerW, run: _, ...state } = current
  const { row, timeS, latencyS, accuracy, confidence, deadlineS } = answer
  return {
    ...state,
    ...energyOf(Number.NaN, powerW, latencyS),
    path,
    row,
    timeS,
    latencyS,
    monitors: before.monitors,
    accuracy: Number.isNaN(accuracy) ? state.accuracy : accuracy,
    confidence: Number.isNaN(confidence) ? state.confidence : confidence,
    deadlineS: Number.isNaN(deadlineS) ? state.deadlineS : deadlineS,
    beginsRun,
  }
}

function nothingJoined(
  path: string,
  file: string,
  { firstSample, lastSample, firstAnswer, lastAnswer }: Record<'firstSample' | 'lastSample' | 'firstAnswer' | 'lastAnswer', number>,
): FlyballError {
  const apartS = firstAnswer - firstSample
  const hint =
    Math.abs(apartS) >= 900
      ? `; they are ${Number((apartS / 3600).toFixed(2))} h apart: is one in local time? "offset" in "time" of the map, or --time-offset, moves the log`
      : ''
  return new FlyballError(
    'ERR_LOG',
    `no answer in ${file} (${firstAnswer} to ${lastAnswer} s) lies between two samples of ${path} (${firstSample} to ${lastSample} s)${hint}`,
  )
}
