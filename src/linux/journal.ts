import { closeSync, fstatSync, fsyncSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import type { MadeGroup } from './cgroup-remove.ts'
import {
  type CgroupRecord,
  createJournal,
  type JournalRecord,
  journalPath,
  journalSchema,
  listJournals,
  makeStateDir,
  syncFolder,
  type ValueRecord,
} from './journal-file.ts'
import { encodeSlot, type JournalEntry, JournalSlot } from './journal-slot.ts'
import { accessOf } from './kept-file.ts'
import { readKernelFile } from './kernel-write.ts'
import { ownIdentity, readBootId } from './process-identity.ts'
import { type RestoreDebt, type RestoreReport, restoreDead, takeOver } from './restore.ts'
import { restoreRecords } from './restore-entry.ts'
import { findStateDir } from './state-dir.ts'

/**
 * The undo journal of this process: what it may write, and what was there before. The original value of a knob is on disk (file and folder synced) before
 * `value` returns. Later notes are not synced: they survive a kill, and a power failure resets the knobs anyway.
 */
export interface Journal {
  readonly path: string
  /** What was restored of dead processes when this journal was opened. */
  readonly recovered: RestoreReport
  /**
   * Journals the knob's present value, or the one given as original. The same path gives the same entry. Throws ERR_JOURNAL, ERR_NOT_PERMITTED or
   * ERR_KERNEL_READ.
   */
  value(path: string, original?: string): JournalEntry
  /** Journals a control group that is about to be made. Throws ERR_JOURNAL. */
  cgroup(group: MadeGroup): void
  /**
   * Puts everything back, synchronously: for signal and exit paths. Afterwards entries refuse writes; a second call gives the same report. Never throws.
   */
  restoreAll(): RestoreReport
}

export interface JournalOptions {
  /** Folder that stands for `/`. */
  readonly root: string
  /** Default: `findStateDir()`. */
  readonly stateDir?: string
}

/**
 * Opens this process's journal. Journals of dead processes are restored first; one of an earlier boot is void and deleted. Throws ERR_JOURNAL when a live
 * process (this one included) has one, or when it cannot be written.
 */
export function openJournal({ root, stateDir = findStateDir() }: JournalOptions): Journal {
  makeStateDir(stateDir)
  const self = ownIdentity()
  const path = journalPath(stateDir, self, 0)
  if (listJournals(stateDir).some((other) => other.path === path)) throw busy(self.pid, stateDir)
  const descriptor = createJournal(path, { flyball: 'journal', schema: journalSchema, bootId: readBootId(), ...self, root })
  // Own file first, then the look at the others: of two that start at once at least one sees the other, so never two write.
  const rival = listJournals(stateDir).find((other) => other.held && other.pid !== self.pid)
  if (rival !== undefined) {
    closeSync(descriptor)
    rmSync(path, { force: true })
    throw busy(rival.pid, stateDir)
  }
  return new OpenJournal(path, root, descriptor, restoreDead(stateDir, false))
}

function busy(pid: number, stateDir: string): FlyballError {
  return new FlyballError('ERR_JOURNAL', `process ${pid} is governing this board and holds the undo journal in ${stateDir}; end it first`)
}

class OpenJournal implements Journal {
  readonly path: string
  readonly recovered: RestoreReport
  readonly #root: string
  readonly #descriptor: number
  readonly #slots = new Map<string, JournalSlot>()
  readonly #groups: CgroupRecord[] = []
  #sizeB: number
  #report: RestoreReport | undefined

  constructor(path: string, root: string, descriptor: number, debt: RestoreDebt) {
    this.path = path
    this.#root = root
    this.#descriptor = descriptor
    this.recovered = debt.report
    this.#sizeB = fstatSync(descriptor).size
    if (debt.owed.length === 0) return
    // What could not be put back yet stays owed, with its true original value.
    for (const record of debt.owed) this.#adopt(record)
    this.#sync()
    for (const file of debt.owedFiles) rmSync(file, { force: true })
  }

  value(path: string, original?: string): JournalEntry {
    const known = this.#slots.get(path)
    if (known !== undefined) return known
    this.#checkOpen()
    const slot = this.#append({ entry: this.#count(), kind: 'value', path, original: original ?? readOriginal(path), wrote: [] })
    this.#sync()
    return slot
  }

  cgroup({ path, home, after }: MadeGroup): void {
    this.#checkOpen()
    this.#appendGroup({ entry: this.#count(), kind: 'cgroup', path, home, ...(after === undefined ? {} : { after }) })
    this.#sync()
  }

  restoreAll(): RestoreReport {
    if (this.#report !== undefined) return this.#report
    // First of all, so that a decision under way does not write behind our back.
    for (const slot of this.#slots.values()) slot.closed = true
    const records: JournalRecord[] = [...[...this.#slots.values()].map((slot) => slot.record()), ...this.#groups]
    const entries = restoreRecords(records, { root: this.#root, dryRun: false })
    this.#report = { dryRun: false, entries, notes: [] }
    this.#finish(entries.every((entry) => entry.result !== 'failed'))
    return this.#report
  }

  #finish(clean: boolean): void {
    try {
      closeSync(this.#descriptor)
      if (!clean) {
        takeOver(dirname(this.path), this)
        return
      }
      rmSync(this.path, { force: true })
      syncFolder(this.path)
    } catch {
      // The knobs are back; a journal that stays behind is restored once more, to the same values.
    }
  }

  #checkOpen(): void {
    if (this.#report !== undefined) throw new FlyballError('ERR_JOURNAL', `the undo journal ${this.path} is closed: everything has been restored`)
  }

  #count(): number {
    return this.#slots.size + this.#groups.length
  }

  #adopt(record: JournalRecord): void {
    const entry = this.#count()
    if (record.kind === 'cgroup') this.#appendGroup({ ...record, entry })
    else if (!this.#slots.has(record.path)) this.#append({ ...record, entry })
  }

  #append(record: ValueRecord): JournalSlot {
    const { wrote, ...rest } = record
    const head = `${JSON.stringify(rest).slice(0, -1)},"wrote":`
    const slot = new JournalSlot(record, this.#descriptor, this.#sizeB + Buffer.byteLength(head))
    this.#write(`${head}${encodeSlot(wrote).toString()}}\n`)
    this.#slots.set(record.path, slot)
    return slot
  }

  #appendGroup(record: CgroupRecord): void {
    this.#write(`${JSON.stringify(record)}\n`)
    this.#groups.push(record)
  }

  #write(line: string): void {
    try {
      writeSync(this.#descriptor, line, this.#sizeB)
    } catch (error) {
      throw new FlyballError('ERR_JOURNAL', `the undo journal ${this.path} cannot be written: ${(error as Error).message}`, { cause: error })
    }
    this.#sizeB += Buffer.byteLength(line)
  }

  #sync(): void {
    try {
      fsyncSync(this.#descriptor)
    } catch (error) {
      throw new FlyballError('ERR_JOURNAL', `the undo journal ${this.path} cannot be put on disk: ${(error as Error).message}`, { cause: error })
    }
  }
}

function readOriginal(path: string): string {
  try {
    return readKernelFile(path)
  } catch (error) {
    if (accessOf(error) === 'denied') throw new FlyballError('ERR_NOT_PERMITTED', `${path} may not be read by this user`, { cause: error })
    throw new FlyballError('ERR_KERNEL_READ', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
