import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { FuzzReport } from './fuzz.ts'

const schema = 'flyball-fuzz/1'

/** What was done of one parser, one build of it and one seed: inputs `from` to `from + inputs`. */
export interface LedgerEntry {
  readonly parser: string
  /** What the parser was built from, in 12 hexadecimal digits (`buildOf`). */
  readonly build: string
  readonly seed: number
  readonly from: number
  readonly inputs: number
  readonly crashed: number
  /** The first few. */
  readonly crashes: readonly { readonly index: number; readonly error: string }[]
  readonly verdicts: Readonly<Record<string, number>>
  /** Processor time, so that rates hold on a busy machine, s. */
  readonly cpuS: number
  readonly slowest: FuzzReport['slowest']
}

/** What a campaign has done, over all its calls. */
export interface Ledger {
  readonly schema: typeof schema
  readonly entries: readonly LedgerEntry[]
}

/** An absent file is an empty ledger. Throws for a file that is none, rather than begin anew over it. */
export function readLedger(path: string): Ledger {
  if (!existsSync(path)) return { schema, entries: [] }
  const ledger = JSON.parse(readFileSync(path, 'utf8')) as Ledger
  if (ledger.schema !== schema || !Array.isArray(ledger.entries)) throw new Error(`${path}: expected a ledger of schema ${schema}`)
  return ledger
}

/** Whole at any time: whoever ends the process finds the old one or the new one. */
export function writeLedger(path: string, ledger: Ledger): void {
  const entries = ledger.entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')
  writeFileSync(`${path}.tmp`, `{"schema":"${ledger.schema}","entries":[\n${entries}\n]}\n`)
  renameSync(`${path}.tmp`, path)
}

type Key = Pick<LedgerEntry, 'parser' | 'build' | 'seed'>

const isOf = (entry: LedgerEntry, { parser, build, seed }: Key): boolean => entry.parser === parser && entry.build === build && entry.seed === seed

/** Index of the first input of a parser and seed that nothing was done of, by whichever build: no input counts twice. */
export const nextIndex = ({ entries }: Ledger, parser: string, seed: number): number =>
  entries.reduce((next, entry) => (entry.parser === parser && entry.seed === seed ? Math.max(next, entry.from + entry.inputs) : next), 0)

/** The ledger with a piece more, which begins at `nextIndex`. */
export function withPiece(ledger: Ledger, key: Key, { report, cpuS }: { readonly report: FuzzReport; readonly cpuS: number }): Ledger {
  const from = nextIndex(ledger, key.parser, key.seed)
  const crashes = report.crashes.map(({ index, error }) => ({ index, error }))
  const piece: LedgerEntry = { ...key, from, ...countsOf(report), crashes, cpuS }
  const last = ledger.entries.find((entry) => isOf(entry, key) && entry.from + entry.inputs === from)
  if (last === undefined) return { ...ledger, entries: [...ledger.entries, piece] }
  const joined: LedgerEntry = {
    ...last,
    inputs: last.inputs + piece.inputs,
    crashed: last.crashed + piece.crashed,
    crashes: [...last.crashes, ...crashes].slice(0, 5),
    verdicts: sum(last.verdicts, piece.verdicts),
    cpuS: last.cpuS + cpuS,
    slowest: piece.slowest.timeS > last.slowest.timeS ? piece.slowest : last.slowest,
  }
  return { ...ledger, entries: ledger.entries.map((entry) => (entry === last ? joined : entry)) }
}

const countsOf = ({ inputs, crashed, verdicts, slowest }: FuzzReport) => ({ inputs, crashed, verdicts, slowest })

/** Verdicts of two together. */
export function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const both = { ...a }
  for (const [verdict, count] of Object.entries(b)) both[verdict] = (both[verdict] ?? 0) + count
  return both
}

/** A line of the table of sums. */
export interface LedgerSum {
  readonly parser: string
  /** Of every build and seed. */
  readonly inputs: number
  readonly crashed: number
  /** Of the present build alone, whatever the seed. */
  readonly inputsOfBuild: number
  readonly crashedOfBuild: number
  readonly cpuS: number
  readonly verdicts: Readonly<Record<string, number>>
}

/** Sums of the parsers named, each with its present build. */
export const sumsOf = ({ entries }: Ledger, builds: ReadonlyMap<string, string>): LedgerSum[] =>
  [...builds].map(([parser, build]) => {
    const all = entries.filter((entry) => entry.parser === parser)
    const present = all.filter((entry) => entry.build === build)
    const total = (some: readonly LedgerEntry[], of: 'inputs' | 'crashed' | 'cpuS'): number => some.reduce((so, entry) => so + entry[of], 0)
    return {
      parser,
      inputs: total(all, 'inputs'),
      crashed: total(all, 'crashed'),
      inputsOfBuild: total(present, 'inputs'),
      crashedOfBuild: total(present, 'crashed'),
      cpuS: total(present, 'cpuS'),
      verdicts: present.reduce((so, entry) => sum(so, entry.verdicts), {}),
    }
  })
