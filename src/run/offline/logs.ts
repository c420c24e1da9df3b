import { differingLines } from '../../checkpoint/fits.ts'
import { FlyballError } from '../../core/errors.ts'
import type { ObjectiveSpec } from '../../core/objective.ts'
import type { TraceHeader } from '../../trace/header.ts'
import { openLog, type TraceLog } from '../../trace/log.ts'
import type { TraceEntry } from '../../trace/record.ts'
import { traceFile } from '../folder.ts'
import { resolveWish, type Wish } from '../request.ts'
import { askedOtherwise, type Otherwise } from './asked-otherwise.ts'

/** Several traces of the same spaces, read one after the other. */
export interface Logs {
  /** That of the first, with the objective that outcomes are to be judged by. */
  readonly header: TraceHeader
  readonly paths: readonly string[]
  /** Every entry of every trace in order; what was asked at a trace's start comes before its first entry. */
  entries(): AsyncIterable<TraceEntry>
  close(): void
}

/** How outcomes are to be judged, and what is to be asked, where not as the traces say. Multiples of a deadline refer to the first trace's profile. */
export type Judgement = Partial<Wish>

/** Opens traces for learning and judging together. Throws ERR_TRACE_MISMATCH printing both sides where board, energy scope or spaces differ, ERR_USAGE for one that is named twice, and what opening throws. */
export async function openLogs(traces: readonly string[], judgement: Judgement = {}): Promise<Logs> {
  const paths = traces.map(traceFile)
  const twice = paths.find((path, i) => paths.indexOf(path) !== i)
  if (twice !== undefined) throw new FlyballError('ERR_USAGE', `${twice} is named twice: its decisions would count twice`)
  const logs: TraceLog[] = []
  const close = (): void => {
    for (const log of logs) log.close()
  }
  try {
    for (const path of paths) logs.push(await openLog(path))
    const [first] = logs
    if (first === undefined) throw new FlyballError('ERR_RUN_MISSING', 'no trace was named')
    logs.forEach((log, i) => {
      checkSame([paths[0] as string, first.header], [paths[i] as string, log.header])
    })
    const otherwise = requirementsOf(judgement, first.header)
    const header = { ...first.header, objective: objectiveOf(judgement, first.header), requirements: { ...first.header.requirements, ...otherwise } }
    return {
      header,
      paths,
      entries: () => (Object.keys(otherwise).length === 0 ? entriesOf(logs) : askedOtherwise(entriesOf(logs), header.spaces, otherwise)),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

const objectiveOf = ({ objective, weights }: Judgement, { objective: logged }: TraceHeader): ObjectiveSpec => ({
  ...logged,
  kind: objective ?? (weights === undefined ? logged.kind : 'weighted'),
  ...(weights === undefined ? {} : { weights }),
})

/** Only what is asked otherwise. */
function requirementsOf(wish: Judgement, { nominal, requirements: logged }: TraceHeader): Otherwise {
  const { deadline, percentile, energyBudgetJ, accuracyFloor, leastConfidence } = wish
  const given = Object.entries({ percentile, energyBudgetJ, accuracyFloor, leastConfidence }).filter(([, value]) => value !== undefined)
  if (deadline === undefined) return Object.fromEntries(given)
  const { deadlineS } = resolveWish({ deadline, accuracyFloor: accuracyFloor ?? logged.accuracyFloor }, nominal).requirements
  return { ...Object.fromEntries(given), deadlineS }
}

async function* entriesOf(logs: readonly TraceLog[]): AsyncGenerator<TraceEntry> {
  for (const [i, { header, entries }] of logs.entries()) {
    if (i > 0) yield { kind: 'run', step: header.startStep, run: i }
    yield { kind: 'requirements', step: header.startStep, requirements: header.requirements }
    yield* entries()
  }
}

/** Throws ERR_TRACE_MISMATCH, printing both sides, for logs that cannot count as runs of one thing. */
export function checkSame([onePath, one]: readonly [string, TraceHeader], [otherPath, other]: readonly [string, TraceHeader]): void {
  const lines = ({ board, spaces, energyScope }: TraceHeader): string[] => [
    `board ${board.id}, fingerprint ${board.fingerprint}`,
    `energy of the ${energyScope}`,
    ...spaces.signature.split('\n'),
  ]
  const differing = differingLines(lines(one), lines(other), ['first', 'second'])
  if (differing.length > 0)
    throw new FlyballError('ERR_TRACE_MISMATCH', [`${onePath} and ${otherPath} are logs of different things`, ...differing].join('\n'))
}
