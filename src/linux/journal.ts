import { closeSync, renameSync, rmSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import { type BoardLock, openBoardLock } from './board-lock.ts'
import type { MadeGroup } from './cgroup-remove.ts'
import { createJournal, journalSchema, makeStateDir, type RestorePolicy } from './journal-file.ts'
import { isOwn, journalPath, listJournals, sweepUnfinished } from './journal-name.ts'
import type { JournalEntry, JournalSlot } from './journal-slot.ts'
import { accessOf } from './kept-file.ts'
import { readKernelFile } from './kernel-write.ts'
import { ownIdentity, readBootId } from './process-identity.ts'
import { awaitRestorers, type RestoreReport, restoreDead } from './restore.ts'
import { SharedJournal } from './shared-journal.ts'
import { findStateDir } from './state-dir.ts'
import { startWatchdog, type Watchdog, type WatchOptions } from './watchdog.ts'

/**
 * The undo journal of one governor: what it may write, and what was there before. The original value of a knob is on disk (file and folder synced) before
 * `value` returns. Later notes are not synced: they survive a kill, and a power failure resets the knobs anyway. Governors of one process share one file.
 */
export interface Journal {
  readonly path: string
  /** What was restored of dead processes when this process's journal was opened. */
  readonly recovered: RestoreReport
  /**
   * Journals the knob's present value, or the one given as original. The same path gives the same entry. The first one takes the board for this process. Throws
   * ERR_JOURNAL (also where another process, of any user, governs it), ERR_NOT_PERMITTED or ERR_KERNEL_READ.
   */
  value(path: string, original?: string): JournalEntry
  /** Journals a control group that is about to be made. Throws ERR_JOURNAL. */
  cgroup(group: MadeGroup): void
  /**
   * Puts everything back that no other governor of this process holds, synchronously: for signal and exit paths. Afterwards entries refuse writes; a second call
   * gives the same report. Never throws.
   */
  restoreAll(): RestoreReport
  /** The end of the run: `restoreAll`, or with another policy than `exit` everything stays as it is, journalled. */
  end(): RestoreReport
}

export interface JournalOptions {
  /** Folder that stands for `/`. */
  readonly root: string
  /** Default: `findStateDir()`. */
  readonly stateDir?: string
  /** Default `exit`. */
  readonly restore?: RestorePolicy
  /** A process that puts knobs back when this one is stuck or killed; default none. */
  readonly watch?: WatchOptions | undefined
  /** Go on though what knobs hold may be no original, as a dead run's journal cannot be read; it is set aside. Default: refuse. */
  readonly force?: boolean
  onProblem?(message: string): void
}

interface Shared {
  readonly journal: SharedJournal
  /** One writer of clocks per board, whatever the state folder. */
  readonly board: BoardLock
  readonly recovered: RestoreReport
  readonly leases: Set<Lease>
  watchdog?: Watchdog
}

const opened = new Map<string, Shared>()

/**
 * Opens a journal for a governor of this process. With the first one journals of dead processes are restored; one of an earlier boot is void and deleted. Throws
 * ERR_JOURNAL when another live process has one, when it cannot be written, or when what knobs hold may be no original.
 */
export function openJournal({ root, stateDir = findStateDir(), restore = 'exit', watch, force = false, onProblem }: JournalOptions): Journal {
  let shared = opened.get(stateDir)
  if (shared === undefined) {
    shared = openShared(root, stateDir, force)
    opened.set(stateDir, shared)
    for (const note of shared.recovered.notes) onProblem?.(note)
  }
  if (shared.journal.root !== root)
    throw new FlyballError('ERR_JOURNAL', `this process governs a board under ${shared.journal.root}, and one board at a time; not ${root} beside it`)
  const lease = new Lease(shared, restore, watch, onProblem)
  shared.leases.add(lease)
  if (watch !== undefined) watchOver(shared, watch)
  return lease
}

function watchOver(shared: Shared, watch: WatchOptions): void {
  const { journal, leases, board } = shared
  const onRestored = (): void => {
    // The file is the watchdog's now; a governor that is opened later begins a new one.
    opened.delete(journal.stateDir)
    for (const lease of leases) lease.lose()
    journal.abandon()
    board.release()
  }
  shared.watchdog ??= startWatchdog(journal.path, { ...watch, onRestored }, board.descriptors)
  shared.watchdog.join(watch)
}

function openShared(root: string, stateDir: string, force: boolean): Shared {
  makeStateDir(stateDir)
  const self = ownIdentity()
  const path = journalPath(stateDir, self, 0)
  if (listJournals(stateDir).some((other) => other.path === path)) throw busy(self.pid, stateDir)
  awaitRestorers(stateDir)
  sweepUnfinished(stateDir)
  const descriptor = createJournal(path, { flyball: 'journal', schema: journalSchema, bootId: readBootId(), ...self, root })
  // Own file first, then the look at the others: of two that start at once at least one sees the other, so never two write.
  const rival = listJournals(stateDir).find((other) => other.held && other.pid !== self.pid && isOwn(other))
  const board = openBoardLock(root)
  try {
    if (rival !== undefined) throw busy(rival.pid, stateDir)
    const { report, owed, owedFiles, doubts } = restoreDead(stateDir, { root, dryRun: false, byHand: false, setAside: force })
    if (doubts[0] !== undefined && !force) throw doubtful(doubts[0])
    const journal = new SharedJournal(path, root, descriptor)
    // What could not be put back yet stays owed, with its true original value.
    for (const record of owed) journal.add(record)
    for (const file of owedFiles)
      if (file.kept === undefined) rmSync(file.path, { force: true })
      else renameSync(file.path, file.kept)
    return { journal, board, recovered: report, leases: new Set() }
  } catch (error) {
    closeSync(descriptor)
    rmSync(path, { force: true })
    board.release()
    throw error
  }
}

function doubtful(why: string): FlyballError {
  return new FlyballError(
    'ERR_JOURNAL',
    `a run before this one was killed and left a journal of which not everything can be put back, so what clocks hold now may be no original (${why}); see to it with flyball restore, or take what they hold now: --force-knobs`,
  )
}

function busy(pid: number, stateDir: string): FlyballError {
  return new FlyballError('ERR_JOURNAL', `process ${pid} is governing this board and holds the undo journal in ${stateDir}; end it first`)
}

class Lease implements Journal {
  readonly path: string
  readonly recovered: RestoreReport
  readonly #shared: Shared
  readonly #keep: { readonly keep?: 'on-switch' | 'never' }
  readonly #entries = new Map<string, LeasedEntry>()
  readonly #groups = new Set<string>()
  readonly #watch: WatchOptions | undefined
  readonly #onProblem: (message: string) => void
  #report: RestoreReport | undefined

  constructor(shared: Shared, restore: RestorePolicy, watch: WatchOptions | undefined, onProblem: (message: string) => void = () => {}) {
    this.path = shared.journal.path
    this.recovered = shared.recovered
    this.#shared = shared
    this.#keep = restore === 'exit' ? {} : { keep: restore }
    this.#watch = watch
    this.#onProblem = onProblem
  }

  value(path: string, original?: string): JournalEntry {
    const known = this.#entries.get(path)
    if (known !== undefined) return known
    this.#checkOpen()
    const { journal, board } = this.#shared
    const holder = board.take(this.#onProblem)
    if (holder !== undefined) throw new FlyballError('ERR_JOURNAL', `${holder} is governing this board; end it first`)
    if (journal.slot(path) === undefined) journal.add({ kind: 'value', path, original: original ?? readOriginal(path), wrote: [], ...this.#keep })
    const entry = new LeasedEntry(journal.slot(path) as JournalSlot, this.#shared)
    this.#entries.set(path, entry)
    return entry
  }

  cgroup({ path, home, after }: MadeGroup): void {
    this.#checkOpen()
    this.#shared.journal.add({ kind: 'cgroup', path, home, ...(after === undefined ? {} : { after }), ...this.#keep })
    this.#groups.add(path)
  }

  restoreAll(): RestoreReport {
    if (this.#report !== undefined) return this.#report
    this.#close()
    const { journal, leases } = this.#shared
    const others = [...leases]
    // The last one takes along what earlier ones could not put back.
    const mine = journal.paths().filter((path) => (this.#holds(path) || others.length === 0) && !others.some((lease) => lease.#holds(path)))
    this.#report = { dryRun: false, entries: journal.restore(new Set(mine)), notes: [] }
    this.#leave()
    return this.#report
  }

  end(): RestoreReport {
    if (this.#report !== undefined || this.#keep.keep === undefined) return this.restoreAll()
    this.#close()
    this.#report = { dryRun: false, entries: [], notes: [] }
    this.#leave()
    return this.#report
  }

  /** First of all, so that a decision under way does not write behind our back. */
  #close(): void {
    for (const entry of this.#entries.values()) entry.closed = true
    this.#shared.leases.delete(this)
  }

  #leave(): void {
    const { journal, leases, watchdog, board } = this.#shared
    if (this.#watch !== undefined) watchdog?.leave(this.#watch)
    if (leases.size > 0) return
    opened.delete(journal.stateDir)
    journal.end()
    board.release()
    watchdog?.end()
  }

  /** The watchdog has put everything back. */
  lose(): void {
    this.#close()
    this.#report = { dryRun: false, entries: [], notes: [] }
    this.#watch?.onRestored()
  }

  #holds(path: string): boolean {
    return this.#entries.has(path) || this.#groups.has(path)
  }

  #checkOpen(): void {
    if (this.#report !== undefined) throw new FlyballError('ERR_JOURNAL', `the undo journal ${this.path} is closed: everything has been restored`)
  }
}

/** An entry as one governor holds it: closed with its journal, while others go on. */
class LeasedEntry implements JournalEntry {
  readonly path: string
  readonly original: string
  closed = false
  readonly #slot: JournalSlot
  readonly #shared: Pick<Shared, 'watchdog'>

  constructor(slot: JournalSlot, shared: Pick<Shared, 'watchdog'>) {
    this.path = slot.path
    this.original = slot.original
    this.#slot = slot
    this.#shared = shared
  }

  note(value: Uint8Array): boolean {
    const { watchdog } = this.#shared
    return !this.closed && (watchdog === undefined || watchdog.mayWrite()) && this.#slot.note(value)
  }

  disown(): void {
    if (!this.closed) this.#slot.disown()
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
