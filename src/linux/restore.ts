import { lstatSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { readJournal } from './journal-file.ts'
import { isOwn, type JournalName, listJournals } from './journal-name.ts'
import { sleepSync } from './kernel-write.ts'
import type { RestoredEntry } from './restore-entry.ts'
import { type Debt, makeDebt, restoreContent, restoreFolder } from './restore-file.ts'
import { restoreTheirs } from './restore-theirs.ts'
import { findStateDir, otherStateDirs } from './state-dir.ts'

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
  /** Folder that stands for `/`, where other users' journals are looked for. Default `/`. */
  readonly root?: string
  /** Reports what would be done and writes nothing. */
  readonly dryRun?: boolean
}

// A watchdog, or another restore, is done long before.
const patienceS = 3
const pollS = 0.02

/**
 * Puts back what dead processes left behind, and what a run was told to leave; nothing to do is an empty report. Works from any process of the same user; as root
 * for everybody's, with the rights of each. What a user may not put back is an entry that failed. A journal that cannot be read is set aside. Waits for a process
 * that is restoring already. Throws ERR_JOURNAL when a live process governs the board (it restores itself when it ends), and when the folder cannot be read.
 */
export function restoreJournal({ stateDir = findStateDir(), root = '/', dryRun = false }: RestoreJournalOptions = {}): RestoreReport {
  checkReadable(stateDir)
  awaitRestorers(stateDir)
  const live = listJournals(stateDir).find((journal) => journal.held && isOwn(journal))
  if (live !== undefined)
    throw new FlyballError(
      'ERR_JOURNAL',
      `process ${live.pid} is alive and holds the undo journal in ${stateDir}; end it, and it restores everything itself`,
    )
  return restoreDead(stateDir, { root, dryRun, byHand: true, setAside: true }).report
}

function checkReadable(stateDir: string): void {
  try {
    readdirSync(stateDir)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT'))
      throw new FlyballError('ERR_JOURNAL', `the folder of the undo journal, ${stateDir}, cannot be read: ${(error as Error).message}`, {
        cause: error,
      })
  }
}

/** Waits for other processes that are restoring right now; not for ever. */
export function awaitRestorers(stateDir: string): void {
  const atWork = (journal: JournalName): boolean => journal.held && journal.number > 0 && isOwn(journal)
  for (let waitedS = 0; waitedS < patienceS && listJournals(stateDir).some(atWork); waitedS += pollS) sleepSync(pollS)
}

/** How journals of dead processes are restored. */
export interface RestoreDeadOptions {
  /** Folder that stands for `/`. */
  readonly root: string
  readonly dryRun: boolean
  /** Those of runs with the policy `never` as well. */
  readonly byHand: boolean
  /** Give another name to what cannot be read, so that it stands in nobody's way any more. */
  readonly setAside: boolean
}

/** Outcome of restoring dead processes' journals; what failed stays owed, in files that this process has taken over. */
export interface RestoreDebt extends Pick<Debt, 'owed' | 'owedFiles' | 'doubts'> {
  readonly report: RestoreReport
}

/**
 * Restores every journal whose owner is dead, the newest first: of this folder, and of those of others. A journal that cannot be read is named in the notes.
 * Throws ERR_JOURNAL where a live process governs the board.
 */
export function restoreDead(stateDir: string, options: RestoreDeadOptions): RestoreDebt {
  const debt = makeDebt()
  for (const { dir, uid, gid, own } of foldersOfDead(stateDir, options.root))
    if (own) restoreFolder(dir, { ...options, uid }, debt)
    else restoreTheirs(dir, { ...options, uid, gid }, debt)
  // A watchdog that was faster is at work on what its run left: until it is done, what knobs hold is no original.
  awaitRestorers(stateDir)
  const { entries, notes, unread, ...rest } = debt
  return { report: { dryRun: options.dryRun, entries, notes, ...(unread ? { unread } : {}) }, ...rest }
}

interface Folder {
  readonly dir: string
  readonly uid: number
  readonly gid: number
  readonly own: boolean
  readonly newest: number
}

/** Folders with journals of the dead, by whose they are, the newest first: what it found is what an older one had set. */
function foldersOfDead(stateDir: string, root: string): Folder[] {
  const folders = new Map<string, Folder>()
  for (const dir of [stateDir, ...otherStateDirs(stateDir, { root, homes: true })])
    for (const journal of listJournals(dir)) {
      const { uid, gid } = journal
      const key = `${uid} ${dir}`
      // Nobody else leads this user's hand: what lies in another's folder, or behind a link of theirs, is not touched as one's own.
      if (isOwn(journal) && dir !== stateDir && !isOwnFolder(dir)) continue
      if (!journal.held && !folders.has(key)) folders.set(key, { dir, uid, gid, own: isOwn(journal), newest: Number(journal.startTime) })
    }
  return [...folders.values()].sort((a, b) => b.newest - a.newest)
}

function isOwnFolder(dir: string): boolean {
  const folder = lstatSync(dir, { throwIfNoEntry: false })
  return folder?.isDirectory() === true && folder.uid === process.geteuid?.()
}

/** Restores a journal that this process has taken over. Throws what reading it throws. */
export function restoreTaken(path: string): RestoreReport {
  const debt = makeDebt()
  const [journal] = listJournals(dirname(path)).filter((listed) => listed.path === path)
  if (journal !== undefined) restoreContent(readJournal(path), { path, journal }, { dryRun: false, setAside: false }, debt)
  const { entries, notes, unread } = debt
  return { dryRun: false, entries, notes, ...(unread ? { unread } : {}) }
}
