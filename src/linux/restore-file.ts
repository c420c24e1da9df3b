import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { type BoardLock, openBoardLock } from './board-lock.ts'
import { type JournalContent, type JournalRecord, readJournal, syncFolder } from './journal-file.ts'
import { type JournalName, listJournals, takeOver } from './journal-name.ts'
import { readBootId } from './process-identity.ts'
import { type RestoredEntry, restoreRecords } from './restore-entry.ts'

/** What restoring has done so far, and what is left to do. */
export interface Debt {
  readonly entries: RestoredEntry[]
  readonly notes: string[]
  /** A journal, or a line of one, cannot be read. */
  unread: boolean
  /** Why what knobs hold now may be no original. */
  readonly doubts: string[]
  /** What could not be put back, of journals of this user. */
  readonly owed: JournalRecord[]
  /** The files that say so, superfluous once it is journalled anew; one with lines that cannot be read is to be `kept` under another name. */
  readonly owedFiles: { readonly path: string; readonly kept?: string }[]
}

export const makeDebt = (): Debt => ({ entries: [], notes: [], unread: false, doubts: [], owed: [], owedFiles: [] })

export interface RestoreFolderOptions {
  /** Whose journals. */
  readonly uid: number
  readonly dryRun: boolean
  /** Those of runs with the policy `never` as well. */
  readonly byHand: boolean
  /** Give another name to what cannot be read, so that it stands in nobody's way any more. */
  readonly setAside: boolean
  /** Takes from a journal what may be believed of it; throws where nothing may. Default: all. */
  admit?(content: JournalContent): JournalContent
}

/** Restores the journals of one user in a folder whose owners are dead. Throws ERR_JOURNAL where a live process governs their board, else nothing. */
export function restoreFolder(dir: string, options: RestoreFolderOptions, debt: Debt): void {
  const locks: BoardLock[] = []
  try {
    for (const journal of listJournals(dir)) if (!journal.held && journal.uid === options.uid) restoreOne(journal, options, debt, locks)
  } finally {
    for (const lock of locks) lock.release()
  }
}

function restoreOne(journal: JournalName, options: RestoreFolderOptions, debt: Debt, locks: BoardLock[]): void {
  const content = readOrSay(journal, options, debt)
  if (content === undefined || (!options.byHand && content.records.some(({ keep }) => keep === 'never'))) return
  if (!options.dryRun && !isVoid(content) && content.records.some(({ kind }) => kind === 'value'))
    locks.push(lockBoard(content.header.root, debt.notes))
  try {
    const path = options.dryRun ? journal.path : takeOver(dirname(journal.path), journal)
    if (path !== undefined) restoreContent(content, { path, journal }, options, debt)
  } catch (error) {
    if (!isSystemError(error, 'EROFS', 'EACCES', 'EPERM')) throw error
    // A folder that nothing can be renamed in; the lock keeps others away.
    restoreContent(content, { path: journal.path, journal }, options, debt)
  }
}

/** Throws ERR_JOURNAL where another process governs the board. */
export function lockBoard(root: string, notes: string[]): BoardLock {
  const lock = openBoardLock(root)
  const holder = lock.take((message) => notes.push(message))
  if (holder === undefined) return lock
  lock.release()
  throw new FlyballError('ERR_JOURNAL', `${holder} is governing this board; end it first, and it puts back what it moved`)
}

function readOrSay(journal: JournalName, { uid, dryRun, setAside, admit }: RestoreFolderOptions, debt: Debt): JournalContent | undefined {
  const { path } = journal
  try {
    const content = readJournal(path, uid)
    return admit === undefined ? content : admit(content)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    const aside = setAside && !dryRun && rename(path, keptName(journal), debt)
    debt.unread = true
    debt.doubts.push((error as Error).message)
    debt.notes.push(`${(error as Error).message}${aside ? `; it is kept in ${keptName(journal)}` : ''}`)
    return undefined
  }
}

/** Where it lies, and how it was called before. */
interface Place {
  readonly path: string
  readonly journal: JournalName
}

/** Restores a journal in a file that this process has taken over (or only reads, in a dry run). */
export function restoreContent(
  content: JournalContent,
  { path, journal }: Place,
  { dryRun, setAside }: Pick<RestoreFolderOptions, 'dryRun' | 'setAside'>,
  debt: Debt,
): void {
  if (isVoid(content)) {
    debt.notes.push(`${journal.path} is of an earlier boot: void, as the kernel has forgotten what it set`)
    if (!dryRun) remove(path, debt)
    return
  }
  const done = restoreRecords(content.records, { root: content.header.root, dryRun })
  debt.entries.push(...done)
  const kept = keptName(journal)
  const broken = content.broken.map(({ line, reason }) => `line ${line}: ${reason}`).join('; ')
  if (broken !== '') {
    debt.unread = true
    debt.doubts.push(`${journal.path}: ${broken}`)
    debt.notes.push(`${journal.path}: ${broken}; put that back by hand, it is kept in ${setAside ? kept : path}`)
  }
  if (dryRun) return
  const failed = new Set(done.filter((entry) => entry.result === 'failed').map((entry) => entry.path))
  if (failed.size > 0) {
    debt.owed.push(...content.records.filter((record) => failed.has(record.path)))
    debt.owedFiles.push({ path, ...(broken === '' ? {} : { kept }) })
  } else if (broken === '') remove(path, debt)
  else if (setAside) rename(path, kept, debt)
}

const keptName = ({ path, pid, startTime, number }: JournalName): string => join(dirname(path), `broken-${pid}-${startTime}-${number}.jsonl`)

function rename(path: string, to: string, debt: Debt): boolean {
  try {
    renameSync(path, to)
    syncFolder(path)
    return true
  } catch (error) {
    debt.notes.push(`${path} cannot be set aside: ${(error as Error).message}`)
    return false
  }
}

function remove(path: string, debt: Debt): void {
  try {
    rmSync(path, { force: true })
    syncFolder(path)
  } catch (error) {
    debt.notes.push(`${path} is done, and cannot be deleted: ${(error as Error).message}`)
  }
}

export function isVoid({ header }: JournalContent): boolean {
  const bootId = readBootId()
  return bootId !== '' && header.bootId !== bootId
}
