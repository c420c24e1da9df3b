import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { type JournalContent, type JournalRecord, readJournal, syncFolder } from './journal-file.ts'
import { type JournalName, journalPath, listJournals } from './journal-name.ts'
import { sleepSync } from './kernel-write.ts'
import { ownIdentity, readBootId } from './process-identity.ts'
import { type RestoredEntry, restoreRecords } from './restore-entry.ts'
import { findStateDir } from './state-dir.ts'

/** What restoring did, knob by knob. */
export interface RestoreReport {
  readonly dryRun: boolean
  readonly entries: readonly RestoredEntry[]
  /** What is worth knowing beside the entries: a void journal, a broken one. */
  readonly notes: readonly string[]
  /** A journal, or a line of one, cannot be read: the knobs that it names are not among the entries. */
  readonly unread?: true
}

export interface RestoreJournalOptions {
  /** Default: `findStateDir()`. */
  readonly stateDir?: string
  /** Reports what would be done and writes nothing. */
  readonly dryRun?: boolean
}

// A watchdog, or another restore, is done long before.
const patienceS = 3
const pollS = 0.02

/**
 * Puts back what dead processes left behind, and what a run was told to leave; nothing to do is an empty report. Works from any process of the same user. Waits for
 * a process that is restoring already. Throws ERR_JOURNAL when a live process holds a journal: it restores itself when it ends.
 */
export function restoreJournal({ stateDir = findStateDir(), dryRun = false }: RestoreJournalOptions = {}): RestoreReport {
  awaitRestorers(stateDir)
  const live = listJournals(stateDir).find((journal) => journal.held)
  if (live !== undefined)
    throw new FlyballError(
      'ERR_JOURNAL',
      `process ${live.pid} is alive and holds the undo journal in ${stateDir}; end it, and it restores everything itself`,
    )
  return restoreDead(stateDir, { dryRun, byHand: true }).report
}

/** Waits for other processes that are restoring right now; not for ever. */
export function awaitRestorers(stateDir: string): void {
  for (let waitedS = 0; waitedS < patienceS && listJournals(stateDir).some((journal) => journal.held && journal.number > 0); waitedS += pollS)
    sleepSync(pollS)
}

/** Outcome of restoring dead processes' journals; what failed stays owed, in files that this process has taken over. */
export interface RestoreDebt {
  readonly report: RestoreReport
  readonly owed: readonly JournalRecord[]
  readonly owedFiles: readonly string[]
}

/**
 * Restores every journal whose owner is dead; those of runs with the policy `never` only `byHand`. Never throws: a journal that cannot be read is named in the notes
 * and left where it is, one with broken lines is kept beside.
 */
export function restoreDead(stateDir: string, { dryRun, byHand }: { readonly dryRun: boolean; readonly byHand: boolean }): RestoreDebt {
  const debt: Debt = { entries: [], notes: [], owed: [], owedFiles: [], unread: {} }
  for (const journal of listJournals(stateDir)) {
    if (journal.held) continue
    try {
      if (!byHand && readJournal(journal.path).records.some(({ keep }) => keep === 'never')) continue
      const path = dryRun ? journal.path : takeOver(stateDir, journal)
      if (path !== undefined) restoreFile(path, journal, dryRun, debt)
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) continue
      debt.notes.push((error as Error).message)
      debt.unread = { unread: true }
    }
  }
  // A watchdog that was faster is at work on what its run left: until it is done, what knobs hold is no original.
  awaitRestorers(stateDir)
  const { entries, notes, owed, owedFiles, unread } = debt
  return { report: { dryRun, entries, notes, ...unread }, owed, owedFiles }
}

/** Restores a journal that this process has taken over. Throws what reading it throws. */
export function restoreTaken(path: string): RestoreReport {
  const debt: Debt = { entries: [], notes: [], owed: [], owedFiles: [], unread: {} }
  const [journal] = listJournals(dirname(path)).filter((listed) => listed.path === path)
  if (journal !== undefined) restoreFile(path, journal, false, debt)
  return { dryRun: false, entries: debt.entries, notes: debt.notes, ...debt.unread }
}

interface Debt {
  readonly entries: RestoredEntry[]
  readonly notes: string[]
  readonly owed: JournalRecord[]
  readonly owedFiles: string[]
  unread: Pick<RestoreReport, 'unread'>
}

/** Restores the journal in a file that this process has taken over (or only reads, in a dry run). `journal`: as it was called before. */
function restoreFile(path: string, journal: JournalName, dryRun: boolean, debt: Debt): void {
  const content = readJournal(path)
  if (isVoid(content)) {
    debt.notes.push(`${journal.path} is of an earlier boot: void, as the kernel has forgotten what it set`)
    if (!dryRun) rmSync(path, { force: true })
    return
  }
  const done = restoreRecords(content.records, { root: content.header.root, dryRun })
  debt.entries.push(...done)
  const kept = join(dirname(path), `broken-${journal.pid}-${journal.startTime}-${journal.number}.jsonl`)
  if (content.broken.length > 0) {
    debt.unread = { unread: true }
    debt.notes.push(
      `${journal.path}: ${content.broken.map(({ line, reason }) => `line ${line}: ${reason}`).join('; ')}; put that back by hand, it is kept in ${kept}`,
    )
  }
  if (dryRun) return
  const failed = new Set(done.filter((entry) => entry.result === 'failed').map((entry) => entry.path))
  if (failed.size > 0) {
    debt.owed.push(...content.records.filter((record) => failed.has(record.path)))
    debt.owedFiles.push(path)
    return
  }
  if (content.broken.length === 0) rmSync(path, { force: true })
  else renameSync(path, kept)
  syncFolder(path)
}

function isVoid({ header }: JournalContent): boolean {
  const bootId = readBootId()
  return bootId !== '' && header.bootId !== bootId
}

let taken = 0

/** Renames a journal to one that this process has taken over; undefined when another process was faster. */
export function takeOver(stateDir: string, journal: Pick<JournalName, 'path'>): string | undefined {
  const path = journalPath(stateDir, ownIdentity(), ++taken)
  try {
    renameSync(journal.path, path)
    return path
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
