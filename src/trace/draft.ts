import { accessSync, closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError } from '../core/errors.ts'

/** How work notices that somebody asked it to end. */
export interface Interruption {
  /** Aborted when somebody does. */
  readonly signal: AbortSignal
  /** Lets the event loop turn, so that a signal is heard. */
  turn(): Promise<void>
}

/** Throws ERR_INTERRUPTED when the work at hand was asked to end; `what` it was doing. To be called often: the event loop turns now and then only. */
export function makePause(interruption: Interruption | undefined, what: string): () => Promise<void> | undefined {
  let calls = 0
  const turn = async ({ signal, turn: turned }: Interruption): Promise<void> => {
    await turned()
    if (signal.aborted) throw interrupted(what)
  }
  return () => (interruption !== undefined && ++calls % callsPerTurn === 0 ? turn(interruption) : undefined)
}

const callsPerTurn = 2048

const interrupted = (what: string): FlyballError => new FlyballError('ERR_INTERRUPTED', `interrupted while ${what}: nothing was written`)

/** Throws ERR_OUT_NOT_WRITABLE, before anything is read in vain. */
export function checkFolderOf(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** A file that appears whole or not at all: `make` fills a draft beside it, which goes when that throws. Throws ERR_INTERRUPTED where the signal came while it was made. */
export async function writeWhole<T>(target: string, interruption: Interruption | undefined, make: (draft: string) => Promise<T>): Promise<T> {
  const draft = `${target}.draft`
  try {
    const made = await make(draft)
    if (interruption?.signal.aborted === true) throw interrupted(`writing ${target}`)
    renameSync(draft, target)
    return made
  } catch (error) {
    rmSync(draft, { force: true })
    if (interruption?.signal.aborted === true) throw interrupted(`writing ${target}`)
    throw error
  }
}

export interface LineWriter {
  line(text: string): void
}

const bufferChars = 1 << 16

/** Fills a new file with lines and puts it on the disk. */
export async function writeLines<T>(path: string, fill: (writer: LineWriter) => Promise<T>): Promise<T> {
  const file = openSync(path, 'w')
  let held = ''
  const flush = (): void => {
    const bytes = Buffer.from(held)
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    held = ''
  }
  try {
    const filled = await fill({
      line(text) {
        held += `${text}\n`
        if (held.length >= bufferChars) flush()
      },
    })
    flush()
    fsyncSync(file)
    return filled
  } finally {
    closeSync(file)
  }
}
