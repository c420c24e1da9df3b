import { closeSync, fstatSync, fsyncSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { type CgroupRecord, type JournalRecord, syncFolder, type ValueRecord, writeWhole } from './journal-file.ts'
import { journalPath } from './journal-name.ts'
import { encodeSlot, JournalSlot } from './journal-slot.ts'
import { ownIdentity } from './process-identity.ts'
import { type RestoredEntry, restoreRecords } from './restore-entry.ts'

let given = 0

/** The one journal file of this process, which all its governors share: what is in it, and how it grows and ends. Appends are on disk when they return. */
export class SharedJournal {
  readonly path: string
  readonly root: string
  /** Folder of the file. */
  readonly stateDir: string
  readonly #descriptor: number
  readonly #slots = new Map<string, JournalSlot>()
  readonly #groups = new Map<string, CgroupRecord>()
  #count = 0
  #sizeB: number

  constructor(path: string, root: string, descriptor: number) {
    this.path = path
    this.root = root
    this.stateDir = dirname(path)
    this.#descriptor = descriptor
    this.#sizeB = fstatSync(descriptor).size
  }

  slot(path: string): JournalSlot | undefined {
    return this.#slots.get(path)
  }

  paths(): string[] {
    return [...this.#slots.keys(), ...this.#groups.keys()]
  }

  /** Throws ERR_JOURNAL. */
  add(record: Omit<ValueRecord, 'entry'> | Omit<CgroupRecord, 'entry'>): void {
    if (record.kind === 'cgroup') this.#addGroup({ ...record, entry: this.#count })
    else this.#addValue({ ...record, entry: this.#count })
    this.#count++
    this.#sync()
  }

  #addValue(record: ValueRecord): void {
    const { wrote, ...rest } = record
    const head = `${JSON.stringify(rest).slice(0, -1)},"wrote":`
    const slot = new JournalSlot(record, this.#descriptor, this.#sizeB + Buffer.byteLength(head))
    this.#write(`${head}${encodeSlot(wrote).toString()}}\n`)
    this.#slots.set(record.path, slot)
  }

  #addGroup(record: CgroupRecord): void {
    this.#write(`${JSON.stringify(record)}\n`)
    this.#groups.set(record.path, record)
  }

  /** Puts these back; what could be is forgotten. Never throws. */
  restore(paths: ReadonlySet<string>): RestoredEntry[] {
    const records: JournalRecord[] = []
    for (const [path, slot] of this.#slots) if (paths.has(path)) records.push(slot.record())
    for (const [path, group] of this.#groups) if (paths.has(path)) records.push(group)
    const entries = restoreRecords(records, { root: this.root, dryRun: false })
    for (const { path, result } of entries) {
      if (result === 'failed') continue
      this.#slots.get(path)?.forget()
      this.#slots.delete(path)
      this.#groups.delete(path)
    }
    return entries
  }

  /** The last governor has ended. What is left in the file is nobody's from now on: flyball restore may put it back while this process goes on. Never throws. */
  end(): void {
    try {
      closeSync(this.#descriptor)
      const owed = this.paths().length > 0
      if (owed) renameSync(this.path, journalPath(this.stateDir, { pid: 0, startTime: ownIdentity().startTime }, process.pid * 1000 + ++given))
      else rmSync(this.path, { force: true })
      syncFolder(this.path)
    } catch {
      // The knobs are back; a journal that stays behind is restored once more, to the same values.
    }
  }

  /** The file is another process's now. */
  abandon(): void {
    closeSync(this.#descriptor)
  }

  #write(line: string): void {
    try {
      writeWhole(this.#descriptor, line, this.#sizeB)
    } catch (error) {
      throw this.#fault('be written', error)
    }
    this.#sizeB += Buffer.byteLength(line)
  }

  #sync(): void {
    try {
      fsyncSync(this.#descriptor)
    } catch (error) {
      throw this.#fault('be put on disk', error)
    }
  }

  #fault(what: string, error: unknown): FlyballError {
    return new FlyballError('ERR_JOURNAL', `the undo journal ${this.path} cannot ${what}: ${(error as Error).message}`, { cause: error })
  }
}
