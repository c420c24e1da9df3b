import { FlyballError } from '../../src/core/errors.ts'

/** A parser of files or of kernel text, as the fuzzer drives it. */
export interface FuzzedParser {
  readonly name: string
  /** Exported functions that an input goes through, `src/linux/cpulist.ts parseCpuList`: what the tree has and nobody drives, a test finds. */
  readonly covers: readonly string[]
  /** Modules that an input goes through where `covers` does not name them all: with them the parser counts as changed. */
  readonly modules?: readonly string[]
  /** How inputs are mutated: JSON by its values and members too, JSON Lines by those of a line, text by its words and lines, bytes by themselves. */
  readonly form: 'json' | 'lines' | 'text' | 'bytes'
  /** Valid inputs, made now. */
  corpus(): readonly Buffer[] | Promise<readonly Buffer[]>
  /** Puts a checksum over a mutant, so that what lies behind it is reached; most mutants are sealed. */
  seal?(input: Buffer): Buffer
  /** What became of an input. Throws what must never be thrown. */
  parse(input: Buffer): Verdict | Promise<Verdict>
  close?(): void
}

/** `accepted`, or the code of the error or fault that a user would meet. */
export type Verdict = string

/** The verdict on a call that may throw errors that users can act on, and no others. */
export function verdictOf(run: () => unknown): Verdict {
  try {
    run()
    return 'accepted'
  } catch (error) {
    return refusal(error)
  }
}

/** As verdictOf, of a promise. */
export async function laterVerdictOf(run: () => Promise<unknown>): Promise<Verdict> {
  try {
    await run()
    return 'accepted'
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): Verdict {
  if (error instanceof FlyballError && error.code !== 'ERR_INTERNAL') return error.code
  throw error
}

/** Throws where a parser accepted what breaks its own promise. */
export function promise(kept: boolean, what: string): void {
  if (!kept) throw new Error(`a broken promise: ${what}`)
}
