import { writeSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import type { ValueRecord } from './journal-file.ts'

/** Room in the file for the last two values of a knob as a JSON list, rewritten in place. */
export const slotB = 72
const longestB = 30
const space = 32
const quote = 34
const comma = 44
const open = 91
const backslash = 92
const close = 93

/** A knob whose original value is on disk. */
export interface JournalEntry {
  readonly path: string
  readonly original: string
  /**
   * To be called before every write of the knob, with the bytes to be written (no newline). False when everything has been restored: then do not write.
   * Allocates nothing. Throws ERR_JOURNAL.
   */
  note(value: Uint8Array): boolean
  /** The knob is somebody else's now: unless it is written again, restoring leaves alone whatever it finds there. Never throws. */
  disown(): void
}

/** The bytes of a slot that lists these values. */
export function encodeSlot(wrote: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(wrote.slice(-2)).padEnd(slotB))
}

/** An entry that keeps the last two values written in its slot: after a kill either may be the one that holds. Not synced: a kill does not lose it. */
export class JournalSlot implements JournalEntry {
  readonly path: string
  readonly original: string
  closed = false
  readonly #entry: number
  readonly #keep: { readonly keep?: ValueRecord['keep'] }
  readonly #descriptor: number
  readonly #offsetB: number
  readonly #buffer: Buffer
  #last = Buffer.alloc(longestB)
  #lastB = 0
  #previous = Buffer.alloc(longestB)
  #previousB = 0

  constructor(record: ValueRecord, descriptor: number, offsetB: number) {
    this.path = record.path
    this.original = record.original
    this.#entry = record.entry
    this.#keep = record.keep === undefined ? {} : { keep: record.keep }
    this.#descriptor = descriptor
    this.#offsetB = offsetB
    this.#buffer = encodeSlot(record.wrote)
    for (const value of record.wrote) this.#shift(Buffer.from(value))
  }

  note(value: Uint8Array): boolean {
    if (this.#isLast(value)) return true
    this.#shift(value)
    this.#encode()
    try {
      writeSync(this.#descriptor, this.#buffer, 0, slotB, this.#offsetB)
    } catch (error) {
      throw new FlyballError('ERR_JOURNAL', `the undo journal cannot be written (${(error as Error).message}): ${this.path} stays as it is`, {
        cause: error,
      })
    }
    return true
  }

  record(): ValueRecord {
    const values = [this.#previous.toString('latin1', 0, this.#previousB), this.#last.toString('latin1', 0, this.#lastB)]
    const wrote = values.filter((value) => value !== '')
    return { entry: this.#entry, kind: 'value', path: this.path, original: this.original, wrote, ...this.#keep }
  }

  /** The knob was put back: nothing in the file is ours any more. Never throws. */
  forget(): void {
    try {
      writeSync(this.#descriptor, encodeSlot([]), 0, slotB, this.#offsetB)
    } catch {
      // It has its original value, which restoring once more finds.
    }
  }

  disown(): void {
    this.#lastB = 0
    this.#previousB = 0
    this.forget()
  }

  #isLast(value: Uint8Array): boolean {
    if (value.length !== this.#lastB) return false
    for (let i = 0; i < value.length; i++) if (value[i] !== this.#last[i]) return false
    return true
  }

  #shift(value: Uint8Array): void {
    if (value.length > longestB || value.length === 0)
      throw new FlyballError('ERR_JOURNAL', `a value of ${value.length} bytes for ${this.path} cannot be journalled`)
    for (const byte of value)
      if (byte < space || byte > 126 || byte === quote || byte === backslash)
        throw new FlyballError('ERR_JOURNAL', `byte ${byte} in a value for ${this.path} cannot be journalled`)
    const older = this.#previous
    this.#previous = this.#last
    this.#previousB = this.#lastB
    this.#last = older
    this.#last.set(value)
    this.#lastB = value.length
  }

  #encode(): void {
    const buffer = this.#buffer
    buffer.fill(space)
    let at = 0
    buffer[at++] = open
    if (this.#previousB > 0) {
      at = this.#put(at, this.#previous, this.#previousB)
      buffer[at++] = comma
    }
    at = this.#put(at, this.#last, this.#lastB)
    buffer[at] = close
  }

  #put(start: number, value: Buffer, lengthB: number): number {
    let at = start
    this.#buffer[at++] = quote
    for (let i = 0; i < lengthB; i++) this.#buffer[at++] = value[i] as number
    this.#buffer[at++] = quote
    return at
  }
}
