import { closeSync, openSync, writeSync } from 'node:fs'
import type { JournalEntry } from './journal-slot.ts'
import { type KeptFile, openKept, readKeptNumber } from './kept-file.ts'

/** `scaling_min_freq` or `scaling_max_freq` of a policy, open for writing and reading, with its original value. */
export interface CpufreqLimit {
  readonly entry: JournalEntry
  readonly original: LimitText
  /** What holds now, Hz; NaN when it cannot be read. */
  readHz(): number
  /** False once everything has been restored. Throws what the kernel answers, and ERR_JOURNAL. */
  write(text: LimitText): boolean
  close(): void
}

/** A frequency as it is written: kHz with a newline, and without. Made once, so that a write allocates nothing. */
export interface LimitText {
  readonly freqHz: number
  readonly line: Buffer
  readonly value: Buffer
}

export function limitText(freqHz: number): LimitText {
  const line = Buffer.from(`${Math.round(freqHz * 1e-3)}\n`)
  return { freqHz, line, value: line.subarray(0, -1) }
}

/** Throws what the kernel answers, and what journalling throws. */
export function openLimit(path: string, journal: () => JournalEntry): CpufreqLimit {
  const writer = openSync(path, 'r+')
  let reader: KeptFile | undefined
  const close = () => {
    closeSync(writer)
    reader?.close()
  }
  try {
    reader = openKept(path)
    if (reader === undefined) throw new Error(`${path} has gone`)
    const kept = reader
    const entry = journal()
    return {
      entry,
      original: limitText(Number(entry.original) * 1e3),
      readHz: () => readKeptNumber(kept) * 1e3,
      write({ line, value }) {
        if (!entry.note(value)) return false
        writeSync(writer, line, 0, line.length, 0)
        return true
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
