import { rmSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { checkFolderOf, type Interruption, type LineWriter, makePause, writeLines, writeWhole } from '../../trace/draft.ts'
import { formatHeader, type RunOrigin, type TraceHeader } from '../../trace/header.ts'
import { isParquet, openLog } from '../../trace/log.ts'
import { tracePartsOf } from '../../trace/parts.ts'
import type { TornLine } from '../../trace/reader.ts'
import { formatEntry, type TraceEntry } from '../../trace/record.ts'
import { traceFile } from '../folder.ts'
import { isLearning } from './logger.ts'
import { checkSame } from './logs.ts'
import { importedEnv } from './shape.ts'

export interface Merger {
  readonly traces: readonly string[]
  readonly out: string
  readonly decisions: number
  readonly runs: readonly RunOrigin[]
  /** Last lines that a crash had torn, and that were dropped. */
  readonly torn: readonly TornLine[]
  /** What to know: the runs are of one board and have the same points, but were asked or judged otherwise. */
  readonly notes: readonly string[]
}

/**
 * Writes traces as one, run after run, in JSON Lines or Parquet; memory does not grow with them, and the file appears whole or not at all. What belongs to a run stays told apart, but for its agent: a merged trace is not executed again. Its
 * profile and objective are those of the first. Throws ERR_TRACE_MISMATCH, printing both sides, for another board, energy scope or spaces, ERR_USAGE for fewer than two traces and for one named twice, ERR_INTERRUPTED, and what reading throws.
 */
export async function mergeTraces(traces: readonly string[], out: string, interruption?: Interruption): Promise<Merger> {
  const paths = traces.map(traceFile)
  if (paths.length < 2)
    throw new FlyballError('ERR_USAGE', `trace merge: ${paths.length === 0 ? 'no trace was' : 'one trace alone was'} named, expected two or more`)
  const absolute = paths.map((path) => resolve(path))
  const twice = absolute.findIndex((path, i) => absolute.indexOf(path) !== i)
  if (twice >= 0) throw new FlyballError('ERR_USAGE', `${paths[twice]} is named twice: its decisions would count twice`)
  if (!isParquet(out) && !out.endsWith('.jsonl')) throw new FlyballError('ERR_USAGE', `--out ${out}: expected a name that ends in .jsonl or .parquet`)
  if (absolute.flatMap(tracePartsOf).includes(resolve(out)))
    throw new FlyballError('ERR_USAGE', `--out ${out} is one of the traces, expected another file`)
  checkFolderOf(out)
  const pause = makePause(interruption, 'merging')
  const looked = await lookThrough(paths, pause)
  const header = headerOf(looked.headers, looked.runs)
  const write = (file: string): Promise<void> => writeLines(file, (writer) => copyRuns(paths, header, writer, pause))
  if (isParquet(out)) await throughLines(out, write, interruption)
  else await writeWhole(out, interruption, write)
  const [first, ...others] = looked.headers as [TraceHeader, ...TraceHeader[]]
  const notes = others.flatMap((other, i) => notesOf(paths[i + 1] as string, first, other))
  return {
    traces: paths,
    out,
    decisions: looked.runs.reduce((sum, { decisions }) => sum + decisions, 0),
    runs: looked.runs,
    torn: looked.torn,
    notes,
  }
}

/** Parquet is made of lines, which DuckDB reads in its own threads. */
async function throughLines(out: string, write: (file: string) => Promise<void>, interruption: Interruption | undefined): Promise<void> {
  const { traceToParquet } = await import('../../trace/parquet/write.ts')
  const lines = `${out}.lines`
  try {
    await write(lines)
    await traceToParquet(lines, out, interruption)
  } finally {
    rmSync(lines, { force: true })
  }
}

interface LookedThrough {
  readonly headers: readonly TraceHeader[]
  readonly runs: readonly RunOrigin[]
  readonly torn: readonly TornLine[]
}

/** One pass over every trace: whether it fits, whether every record is whole, how many decisions a run has. */
async function lookThrough(paths: readonly string[], pause: () => Promise<void> | undefined): Promise<LookedThrough> {
  const headers: TraceHeader[] = []
  const runs: RunOrigin[] = []
  const torn: TornLine[] = []
  for (const path of paths) {
    const log = await openLog(path)
    try {
      const { header } = log
      headers.push(header)
      checkSame([paths[0] as string, headers[0] as TraceHeader], [path, header])
      let decisions = 0
      for await (const { kind } of log.entries()) {
        if (kind === 'decision') decisions++
        await pause()
      }
      const { createdAt, env, agent, seed } = header
      runs.push(
        ...(header.runs ?? [
          {
            source: basename(path),
            ...(createdAt === undefined ? {} : { createdAt }),
            decisions,
            env: env.name,
            agent: agent.name,
            seed,
            learning: isLearning(header),
          },
        ]),
      )
      const dropped = log.torn()
      if (dropped !== undefined) torn.push(dropped)
    } finally {
      log.close()
    }
  }
  return { headers, runs, torn }
}

/** That of the first trace, for no agent in particular. An imported log among them makes the profile one that nobody measured before. */
function headerOf(headers: readonly TraceHeader[], runs: readonly RunOrigin[]): TraceHeader {
  const [first] = headers as [TraceHeader]
  const { env } = headers.find((header) => header.env.name === importedEnv) ?? first
  const { createdAt: _, ...kept } = first
  return { ...kept, env, agent: { name: 'merged', options: {}, frozen: true, initial: null }, startStep: 0, runs }
}

async function copyRuns(paths: readonly string[], header: TraceHeader, { line }: LineWriter, pause: () => Promise<void> | undefined): Promise<void> {
  line(formatHeader(header))
  let step = 0
  let run = 0
  for (const [i, path] of paths.entries()) {
    const log = await openLog(path)
    try {
      const from = step
      const { startStep, requirements } = log.header
      if (i > 0) {
        line(formatEntry({ kind: 'run', step, run: ++run }))
        line(formatEntry({ kind: 'requirements', step, requirements }))
      }
      for await (const entry of log.entries()) {
        const moved = moveTo(entry, from - startStep)
        line(formatEntry(moved.kind === 'run' ? { ...moved, run: ++run } : moved))
        if (entry.kind === 'decision') step++
        await pause()
      }
    } finally {
      log.close()
    }
  }
}

const moveTo = (entry: TraceEntry, by: number): TraceEntry =>
  entry.kind === 'relaxed' ? { ...entry, step: entry.step + by, since: entry.since + by } : { ...entry, step: entry.step + by }

function notesOf(path: string, first: TraceHeader, { objective, network }: TraceHeader): string[] {
  const judged = ({ kind, weights }: TraceHeader['objective']): string => JSON.stringify({ kind, weights })
  return [
    ...(judged(objective) === judged(first.objective)
      ? []
      : [
          `${path} was judged by another objective (${objective.kind}): that of the first trace stands, --objective and --weights of replay change it`,
        ]),
    ...(network?.name === first.network?.name
      ? []
      : [`${path} is of network ${network?.name ?? 'none'}, the first trace of ${first.network?.name ?? 'none'}`]),
  ]
}
