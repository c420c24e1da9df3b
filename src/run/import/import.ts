import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import type { Quality, Requirements } from '../../core/outcome.ts'
import { observationDigits, outcomeDigits, quantise } from '../../core/quantise.ts'
import { checkFolderOf, type Interruption, type LineWriter, makePause, writeLines, writeWhole } from '../../trace/draft.ts'
import { formatHeader, type RunOrigin, type TraceHeader } from '../../trace/header.ts'
import { isParquet } from '../../trace/log.ts'
import { formatEntry } from '../../trace/record.ts'
import { importedEnv } from '../offline/shape.ts'
import { decisionsOf, type ImportedDecision, type ImportSource } from './decisions.ts'
import { importHeader, type limitMonitors, statedAccuracy } from './header.ts'
import { noneSkipped, type Skipped } from './samples.ts'
import { type Survey, survey } from './survey.ts'

export interface Imported {
  readonly out: string
  readonly files: readonly string[]
  readonly decisions: number
  readonly runs: number
  readonly points: number
  /** Of every knob, its levels, how many records had another value than their level, and how far the farthest was. */
  readonly knobs: readonly { readonly name: string; readonly levels: number; readonly snapped: number; readonly farthest: number }[]
  readonly monitors: readonly string[]
  /** Decisions that have each outcome, and a propensity. */
  readonly known: Survey['known']
  /** Records that are no decisions, by why. */
  readonly skipped: Skipped
  /** What the log cannot tell, and what to record for more. */
  readonly notes: readonly string[]
}

/**
 * Makes a trace of somebody's log, in two passes; memory does not grow with it, and the file appears whole or not at all. Throws ERR_LOG naming file, record, line and column for what is wrong in the log,
 * ERR_USAGE for a name that ends otherwise than .jsonl or .parquet, ERR_INTERRUPTED and ERR_BACKEND.
 */
export async function importLog(source: ImportSource, out: string, interruption?: Interruption): Promise<Imported> {
  if (!isParquet(out) && !out.endsWith('.jsonl')) throw new FlyballError('ERR_USAGE', `--out ${out}: expected a name that ends in .jsonl or .parquet`)
  checkFolderOf(out)
  const found = await survey(source)
  const runs = found.runs.map(
    ({ path, decisions }): RunOrigin => ({ source: basename(path), decisions, env: importedEnv, agent: 'unknown', seed: 0, learning: false }),
  )
  const header = importHeader(source.map, found, await firstRequirements(source), runs, {
    format: source.options.format,
    files: source.files.map((file) => basename(file)),
    latencies: source.latencies.map((file) => basename(file)),
    propensity: found.known.propensity === 0 ? 'unknown' : 'logged',
    map: source.map,
  })
  const skipped = noneSkipped()
  const pause = makePause(interruption, 'importing')
  const write = (file: string): Promise<void> => writeLines(file, (writer) => writeDecisions(source, found, header, writer, skipped, pause))
  if (isParquet(out)) {
    const { traceToParquet } = await import('../../trace/parquet/write.ts')
    try {
      await write(`${out}.lines`)
      await traceToParquet(`${out}.lines`, out, interruption)
    } finally {
      rmSync(`${out}.lines`, { force: true })
    }
  } else await writeWhole(out, interruption, write)
  return {
    out,
    files: source.files,
    decisions: found.decisions,
    runs: runs.length,
    points: found.points.length,
    knobs: found.knobs.map(({ knob, snapped, farthest }) => ({ name: knob.name, levels: knob.values.length, snapped, farthest })),
    monitors: found.monitors.map(({ name }) => name),
    known: found.known,
    skipped,
    notes: notesOf(found, header),
  }
}

async function firstRequirements(source: ImportSource): Promise<Requirements> {
  for await (const decision of decisionsOf(source, noneSkipped())) return requirementsOf(source, decision)
  return { percentile: 99 }
}

function requirementsOf({ map }: ImportSource, { deadlineS, energyBudgetJ, accuracyFloor }: ImportedDecision): Requirements {
  const asked = { deadlineS, energyBudgetJ, accuracyFloor }
  return { percentile: map.requirements?.percentile ?? 99, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => !Number.isNaN(value))) }
}

async function writeDecisions(
  source: ImportSource,
  found: Survey,
  header: TraceHeader,
  { line }: LineWriter,
  skipped: Skipped,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  line(formatHeader(header))
  const mask = new Uint8Array(found.points.length).fill(1)
  let asked = JSON.stringify(header.requirements)
  let step = 0
  let run = -1
  let beganS = Number.NaN
  let held: ImportedDecision | undefined

  const put = (decision: ImportedDecision, nextS: number): void => {
    if (decision.beginsRun) {
      run++
      beganS = decision.timeS
      if (run > 0) line(formatEntry({ kind: 'run', step, run }))
    }
    const requirements = requirementsOf(source, decision)
    if (JSON.stringify(requirements) !== asked) {
      asked = JSON.stringify(requirements)
      line(formatEntry({ kind: 'requirements', step, requirements }))
    }
    const action = found.pointOf(decision.knobs)
    line(
      formatEntry({
        kind: 'decision',
        step,
        timeS: Number.isNaN(decision.timeS) ? step : decision.timeS - beganS,
        observation: observationOf(decision, header),
        mask,
        action,
        executedAction: action,
        propensity: Math.min(1, decision.propensity),
        greedy: action,
        epsilon: Number.NaN,
        outcome: outcomeOf(decision, statedAccuracy(source.map, found, action)),
        durationS: toMicros(nextS - decision.timeS),
      }),
    )
    step++
  }

  for await (const decision of decisionsOf(source, skipped)) {
    if (held !== undefined) put(held, decision.beginsRun ? Number.NaN : decision.timeS)
    held = decision
    await pause()
  }
  if (held !== undefined) put(held, Number.NaN)
}

/** Seconds since 1970 hold little more. */
const toMicros = (durationS: number): number => Math.round(durationS * 1e6) / 1e6

function observationOf(decision: ImportedDecision, { spaces }: TraceHeader): Float64Array {
  // The limits stand behind the log's own monitors.
  return Float64Array.from(spaces.monitors, ({ name }, i) =>
    quantise(decision.monitors[i] ?? decision[name as (typeof limitMonitors)[number]], observationDigits),
  )
}

function outcomeOf({ latencyS, energyJ, energyQuality, accuracy, confidence, deadlineS }: ImportedDecision, stated: number) {
  const measured = (value: number): Quality => (Number.isNaN(value) ? 'absent' : 'measured')
  const expected = Number.isNaN(accuracy) ? stated : accuracy
  return {
    latencyS: quantise(latencyS, outcomeDigits),
    energyJ: quantise(energyJ, outcomeDigits),
    accuracy: quantise(expected, outcomeDigits),
    confidence: quantise(confidence, outcomeDigits),
    // Nobody missed a deadline that is not known, or by a time that is not.
    deadlineMet: !(latencyS > deadlineS),
    latencyQuality: measured(latencyS),
    energyQuality,
    accuracyQuality: Number.isNaN(accuracy) && !Number.isNaN(stated) ? ('estimated' as const) : measured(accuracy),
    confidenceQuality: measured(confidence),
  }
}

function notesOf({ known, decisions, points }: Survey, { nominal }: TraceHeader): string[] {
  const notes: string[] = []
  const some = (count: number): string => `${decisions - count} of ${decisions} decisions have`
  if (known.latencyS === 0)
    notes.push(
      'latency is absent: which point answers sooner is not in this log, and no deadline can be asked. Log latencies in the application and join them with --latencies FILE',
    )
  else if (known.latencyS < decisions) notes.push(`${some(known.latencyS)} no latency; replay drops and counts them where it is judged`)
  if (known.energyJ === 0) notes.push('energy is absent: costs leave it out')
  else if (known.energyJ < decisions) notes.push(`${some(known.energyJ)} no energy`)
  if (nominal.every(({ accuracy }) => Number.isNaN(accuracy)))
    notes.push('accuracy is absent: sub-networks are not told apart by it ("accuracy" beside a knob states it level by level)')
  if (known.propensity === 0)
    notes.push(
      'propensities are unknown, which is not 1: replay can give the reward model and averages alone. Log with which probability each choice was made ("propensity" in the map), or record with flyball record --explore, and it can answer',
    )
  else if (known.propensity < decisions) notes.push(`${some(known.propensity)} no propensity; replay drops and counts them`)
  if (points.length === 1) notes.push('all decisions took the same point: nothing here says what another would have given')
  return notes
}
