import { renameSync, rmSync } from 'node:fs'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { type JournalContent, type JournalName, type JournalRecord, journalPath, listJournals, readJournal, syncFolder } from './journal-file.ts'
import { ownIdentity, readBootId } from './process-identity.ts'
import { type RestoredEntry, restoreRecords } from './restore-entry.ts'
import { findStateDir } from './state-dir.ts'

/** What restoring did, knob by knob. */
export interface RestoreReport {
  readonly dryRun: boolean
  readonly entries: readonly RestoredEntry[]
  /** What is worth knowing beside the entries: a void journal, a broken one. */
  readonly notes: readonly string[]
}

export interface RestoreJournalOptions {
  /** Default: `findStateDir()`. */
  readonly stateDir?: string
  /** Reports what would be done and writes nothing. */
  readonly dryRun?: boolean
}

/**
 * Puts back what dead processes left behind; nothing to do is an empty report. Works from any process of the same user. Throws ERR_JOURNAL when a live process
 * holds a journal: it restores itself when it ends.
 */
export function restoreJournal({ stateDir = findStateDir(), dryRun = false }: RestoreJournalOptions = {}): RestoreReport {
  const live = listJournals(stateDir).find((journal) => journal.held)
  if (live !== undefined)
    throw new FlyballError(
      'ERR_JOURNAL',
      `process ${live.pid} is alive and holds the undo journal in ${stateDir}; end it, and it restores everything itself`,
    )
  return restoreDead(stateDir, dryRun).report
}

/** Outcome of restoring dead processes' journals; what failed stays owed, in files that this process has taken over. */
export interface RestoreDebt {
  readonly report: RestoreReport
  readonly owed: readonly JournalRecord[]
  readonly owedFiles: readonly string[]
}

/** Restores every journal whose owner is dead. Never throws for a broken one: it is named in the notes and left where it is. */
export function restoreDead(stateDir: string, dryRun: boolean): RestoreDebt {
  const entries: RestoredEntry[] = []
  const notes: string[] = []
  const owed: JournalRecord[] = []
  const owedFiles: string[] = []
  for (const journal of listJournals(stateDir)) {
    if (journal.held) continue
    try {
      const path = dryRun ? journal.path : takeOver(stateDir, journal)
      if (path === undefined) continue
      const content = readJournal(path)
      if (isVoid(content)) {
        notes.push(`${journal.path} is of an earlier boot: void, as the kernel has forgotten what it set`)
        if (!dryRun) rmSync(path, { force: true })
        continue
      }
      const done = restoreRecords(content.records, { root: content.header.root, dryRun })
      entries.push(...done)
      if (dryRun) continue
      const failed = new Set(done.filter((entry) => entry.result === 'failed').map((entry) => entry.path))
      if (failed.size > 0) {
        owed.push(...content.records.filter((record) => failed.has(record.path)))
        owedFiles.push(path)
      } else {
        rmSync(path, { force: true })
        syncFolder(path)
      }
    } catch (error) {
      notes.push((error as Error).message)
    }
  }
  return { report: { dryRun, entries, notes }, owed, owedFiles }
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
