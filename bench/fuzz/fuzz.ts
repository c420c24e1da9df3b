import { makeRng } from '../../src/core/rng.ts'
import { type Mutator, makeMutator } from './mutate.ts'
import type { FuzzedParser } from './parser.ts'

/** An input that a parser did not survive. */
export interface Crash {
  /** With the seed this makes the input again. */
  readonly index: number
  readonly input: Buffer
  readonly error: string
}

export interface FuzzReport {
  readonly parser: string
  readonly inputs: number
  /** Verdicts and how often. */
  readonly verdicts: Readonly<Record<string, number>>
  /** The first few; `crashed` counts all. */
  readonly crashes: readonly Crash[]
  readonly crashed: number
  readonly slowest: { readonly index: number; readonly timeS: number; readonly sizeB: number }
  readonly timeS: number
}

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: number
  /** Index of the first input. Default 0. */
  readonly from?: number
  /** Called before every input. */
  readonly trying?: (index: number) => void
  /** s; injected, so that reports without times are the same every time. */
  readonly now?: () => number
}

const keptCrashes = 5

/** Feeds a parser its valid inputs, which it must accept, and mutants of them. Input `i` of a seed is the same whatever came before. Throws for a valid input that is refused. */
export const fuzz = async (parser: FuzzedParser, options: FuzzOptions): Promise<FuzzReport> => (await makeFuzzer(parser))(options)

/** As `fuzz`, in pieces: the valid inputs are made and tried once. */
export async function makeFuzzer(parser: FuzzedParser): Promise<(options: FuzzOptions) => Promise<FuzzReport>> {
  const corpus = await parser.corpus()
  for (const [i, input] of corpus.entries()) {
    const verdict = await parser.parse(input)
    if (verdict !== 'accepted') throw new Error(`${parser.name}: valid input ${i} is refused: ${verdict}`)
  }
  const mutate = makeMutator(parser, corpus)
  return (options) => feed(parser, mutate, options)
}

async function feed(
  parser: FuzzedParser,
  mutate: Mutator,
  { inputs, seed, from = 0, trying = () => {}, now = () => 0 }: FuzzOptions,
): Promise<FuzzReport> {
  const verdicts: Record<string, number> = {}
  const crashes: Crash[] = []
  let crashed = 0
  let slowest = { index: -1, timeS: 0, sizeB: 0 }
  const startS = now()
  // Most inputs end in an error, whose stack nobody looks at.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  for (let index = from; index < from + inputs; index++) {
    const input = mutate(makeRng(seed * 0x1_0000_0000 + index))
    trying(index)
    const beginS = now()
    try {
      const answer = parser.parse(input)
      const verdict = typeof answer === 'string' ? answer : await answer
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
      if (({} as { polluted?: unknown }).polluted !== undefined) throw new Error('Object.prototype was changed')
    } catch (error) {
      crashed++
      Error.stackTraceLimit = stackTraceLimit
      if (crashes.length < keptCrashes) crashes.push({ index, input, error: told(await thrownAgain(parser, input, error)) })
      Error.stackTraceLimit = 0
    }
    const timeS = now() - beginS
    if (timeS > slowest.timeS) slowest = { index, timeS, sizeB: input.length }
  }
  Error.stackTraceLimit = stackTraceLimit
  return { parser: parser.name, inputs, verdicts, crashes, crashed, slowest, timeS: now() - startS }
}

/** What the same input throws a second time, with its stack; `first` where it throws nothing. */
async function thrownAgain(parser: FuzzedParser, input: Buffer, first: unknown): Promise<unknown> {
  try {
    await parser.parse(input)
    return first
  } catch (error) {
    return error
  }
}

const told = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
