import { buildOf } from './build.ts'
import { type FuzzOptions, type FuzzReport, makeFuzzer } from './fuzz.ts'
import { type Ledger, nextIndex, sumsOf, withPiece } from './ledger.ts'
import type { FuzzedParser } from './parser.ts'

export interface CampaignOptions {
  readonly parsers: readonly FuzzedParser[]
  readonly seed: number
  /** Of each parser as it is built now, over all calls. */
  readonly inputs: number
  /** Processor time of a piece at most, about, s. */
  readonly pieceS?: number
  /** Processor time of this process, s. */
  readonly cpuS: () => number
  readonly now?: FuzzOptions['now']
  readonly trying?: (parser: number, index: number) => void
  /** Called after each piece. The campaign ends when it is true. */
  readonly done: (ledger: Ledger, report: FuzzReport) => boolean | Promise<boolean>
}

/** Fewest inputs of a piece, and of a parser whose rate nobody knows yet. */
const fewest = 20

/**
 * Goes on from a ledger until every parser has its inputs. Parsers get the same processor time, in pieces: fast ones have their inputs soon and leave the time to the others.
 * Resolves to the ledger as it was last given to `done`.
 */
export async function runCampaign(before: Ledger, options: CampaignOptions): Promise<Ledger> {
  const { parsers, seed, inputs, pieceS = 2, cpuS, done } = options
  const builds = new Map(parsers.map((parser) => [parser.name, buildOf(parser)]))
  const fuzzers = new Map<string, (given: FuzzOptions) => Promise<FuzzReport>>()
  let ledger = before
  for (;;) {
    const open = sumsOf(ledger, builds).filter(({ inputsOfBuild }) => inputsOfBuild < inputs)
    const [first] = open
    if (first === undefined) return ledger
    const next = open.reduce((least, one) => (one.cpuS < least.cpuS ? one : least), first)
    const at = parsers.findIndex(({ name }) => name === next.parser)
    const parser = parsers[at] as FuzzedParser
    const rate = next.cpuS > 0 ? next.inputsOfBuild / next.cpuS : 0
    const piece = Math.min(inputs - next.inputsOfBuild, Math.max(fewest, Math.round(rate * pieceS)))
    const fuzzer = fuzzers.get(parser.name) ?? (await makeFuzzer(parser))
    fuzzers.set(parser.name, fuzzer)
    const startS = cpuS()
    const report = await fuzzer({
      ...{ inputs: piece, seed, from: nextIndex(ledger, parser.name, seed) },
      ...(options.now === undefined ? {} : { now: options.now }),
      trying: (index) => options.trying?.(at, index),
    })
    options.trying?.(-1, 0)
    // Of a clock that did not move nothing can be told.
    ledger = withPiece(
      ledger,
      { parser: parser.name, build: builds.get(parser.name) as string, seed },
      { report, cpuS: Math.max(1e-6, cpuS() - startS) },
    )
    if (await done(ledger, report)) return ledger
  }
}
