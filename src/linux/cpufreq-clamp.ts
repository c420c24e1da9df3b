import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { readNumber, readText } from './files.ts'
import type { Journal } from './journal.ts'
import type { JournalEntry } from './journal-slot.ts'
import { type Access, accessOf, type KeptFile, openKept, readKeptNumber } from './kept-file.ts'
import { isThrottled } from './throttle.ts'

/**
 * Holds one cpufreq policy at an OPP by minimum = maximum, under the governor it has. Sources: Documentation/admin-guide/pm/cpufreq.rst; the order of writes keeps
 * min <= max at every moment.
 */
export interface CpufreqClamp {
  readonly path: string
  /**
   * How the last write was answered. 'denied': no permission, nothing is tried again. 'broken': e.g. all CPUs of the policy are offline; tried again at the
   * next `set`.
   */
  readonly access: Access
  /**
   * Clamps to the nearest OPP; the frequency that the kernel then reports as maximum, Hz, NaN without access. Without a system call when that OPP is set and
   * reported. Right after a write the kernel may report a value up to 22 ms old; it may round to its own table, and cap below for heat: the next `set` of the
   * same OPP, or `readHz`, tells. Throws ERR_JOURNAL, nothing else.
   */
  set(freqHz: number): number
  /** Puts the original limits back while another cluster works; the next `set` clamps again. Does nothing before the first `set`. */
  release(): void
  /** Maximum that holds now, Hz; NaN when it cannot be read. */
  readHz(): number
  /** Closes the files; the next `set` opens them again. Puts nothing back: that is the journal's. */
  close(): void
}

export interface CpufreqClampOptions {
  readonly policyPath: string
  /** OPPs, Hz, ascending. */
  readonly frequenciesHz: readonly number[]
  readonly journal: Journal
  /** Folder that stands for `/`. */
  readonly root: string
}

class Clamp implements CpufreqClamp {
  readonly path: string
  access: Access = 'ok'
  readonly #journal: Journal
  readonly #root: string
  readonly #frequenciesHz: Float64Array
  /** kHz with a newline, and without. */
  readonly #lines: readonly Buffer[]
  readonly #values: readonly Buffer[]
  #index = -1
  #heldHz = Number.NaN
  /** The minimum asked for last, Hz; NaN: not by us. Known better than a reading, which may be stale. */
  #lowHz = Number.NaN
  #min: Side | undefined
  #max: Side | undefined

  constructor(options: CpufreqClampOptions) {
    this.path = options.policyPath
    this.#journal = options.journal
    this.#root = options.root
    this.#frequenciesHz = Float64Array.from(options.frequenciesHz)
    this.#lines = options.frequenciesHz.map((freqHz) => Buffer.from(`${Math.round(freqHz * 1e-3)}\n`))
    this.#values = this.#lines.map((line) => line.subarray(0, -1))
  }

  set(freqHz: number): number {
    const index = this.#nearest(freqHz)
    if (index === this.#index) return this.#settle()
    if (this.access === 'denied' || index < 0 || !this.#open()) return Number.NaN
    const line = this.#lines[index] as Buffer
    const value = this.#values[index] as Buffer
    const wantedHz = this.#frequenciesHz[index] as number
    const done = this.#move(wantedHz, line, value, wantedHz, line, value)
    this.#index = done ? index : -1
    this.#heldHz = done ? this.readHz() : Number.NaN
    return this.#heldHz
  }

  release(): void {
    const min = this.#min
    const max = this.#max
    if (this.#index < 0 || min === undefined || max === undefined) return
    this.#index = -1
    this.#heldHz = Number.NaN
    this.#move(Number(min.entry.original) * 1e3, min.original, min.originalValue, Number(max.entry.original) * 1e3, max.original, max.originalValue)
  }

  readHz(): number {
    return this.#max === undefined ? Number.NaN : readKeptNumber(this.#max.reader) * 1e3
  }

  /** What holds at an OPP that is set already: read again until the kernel reports it, for ever while heat or somebody else holds the policy elsewhere. */
  #settle(): number {
    if (this.#heldHz !== this.#frequenciesHz[this.#index]) this.#heldHz = this.readHz()
    return this.#heldHz
  }

  close(): void {
    for (const side of [this.#min, this.#max]) side?.close()
    this.#min = undefined
    this.#max = undefined
    this.#index = -1
    this.#lowHz = Number.NaN
  }

  #nearest(freqHz: number): number {
    let best = -1
    let distance = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#frequenciesHz.length; i++) {
      const apart = Math.abs((this.#frequenciesHz[i] as number) - freqHz)
      if (apart >= distance) continue
      best = i
      distance = apart
    }
    return best
  }

  /** At the first write: nothing is opened for writing, and nothing journalled, before a knob is really moved. */
  #open(): boolean {
    if (this.#min !== undefined && this.#max !== undefined) return true
    const minPath = join(this.path, 'scaling_min_freq')
    const maxPath = join(this.path, 'scaling_max_freq')
    try {
      this.#min = openSide(minPath, () => this.#journal.value(minPath))
      this.#max = openSide(maxPath, () => this.#journal.value(maxPath, this.#uncappedMax(maxPath)))
      return true
    } catch (error) {
      this.close()
      this.access = error instanceof FlyballError ? accessOf(error.cause) : accessOf(error)
      if (error instanceof FlyballError && error.code === 'ERR_JOURNAL') throw error
      return false
    }
  }

  /** A maximum that heat or firmware holds down now is not what anybody asked for: putting it back later would keep the board slow. */
  #uncappedMax(maxPath: string): string | undefined {
    const top = readText(join(this.path, 'cpuinfo_max_freq'))
    const now = readNumber(maxPath)
    return top !== undefined && now !== undefined && now < Number(top) && isThrottled(this.path, this.#root) ? top : undefined
  }

  /** Both limits, in the order that never lets the minimum pass the maximum: the new maximum first, unless it lies below the minimum that holds. */
  #move(lowHz: number, lowLine: Buffer, lowValue: Buffer, highHz: number, highLine: Buffer, highValue: Buffer): boolean {
    const min = this.#min as Side
    const max = this.#max as Side
    const holdsHz = Number.isNaN(this.#lowHz) ? readKeptNumber(min.reader) * 1e3 : this.#lowHz
    const done =
      highHz < holdsHz
        ? this.#write(min, lowLine, lowValue) && this.#write(max, highLine, highValue)
        : this.#write(max, highLine, highValue) && this.#write(min, lowLine, lowValue)
    this.#lowHz = done ? lowHz : Number.NaN
    return done
  }

  #write(side: Side, line: Buffer, value: Buffer): boolean {
    if (!side.entry.note(value)) return false
    try {
      writeSync(side.writer, line, 0, line.length, 0)
      this.access = 'ok'
      return true
    } catch (error) {
      this.access = accessOf(error)
      return false
    }
  }
}

/** One limit: open for writing and reading, with its original value. */
interface Side {
  readonly writer: number
  readonly reader: KeptFile
  readonly entry: JournalEntry
  readonly original: Buffer
  readonly originalValue: Buffer
  close(): void
}

/** Throws what the kernel answers, and what journalling throws. */
function openSide(path: string, journal: () => JournalEntry): Side {
  const writer = openSync(path, 'r+')
  let reader: KeptFile | undefined
  const close = () => {
    closeSync(writer)
    reader?.close()
  }
  try {
    reader = openKept(path)
    if (reader === undefined) throw new Error(`${path} has gone`)
    const entry = journal()
    const original = Buffer.from(`${entry.original}\n`)
    return { writer, reader, entry, original, originalValue: original.subarray(0, -1), close }
  } catch (error) {
    close()
    throw error
  }
}

/** A clamp of one policy. Touches nothing before the first `set`. */
export function makeCpufreqClamp(options: CpufreqClampOptions): CpufreqClamp {
  return new Clamp(options)
}
