import { dirname, join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { asUser } from './as-user.ts'
import { readNumber } from './files.ts'
import { type JournalContent, type JournalRecord, readJournal } from './journal-file.ts'
import { listJournals } from './journal-name.ts'
import { type RestoredEntry, restoreRecords } from './restore-entry.ts'
import { type Debt, isVoid, makeDebt, type RestoreFolderOptions, restoreFolder } from './restore-file.ts'

export interface TheirsOptions extends Omit<RestoreFolderOptions, 'admit'> {
  /** Group of their files. */
  readonly gid: number
  /** Folder that stands for `/`. */
  readonly root: string
}

/**
 * Restores what another user's dead runs left. Whoever writes a journal decides what its restorer writes, so root does it with that user's rights, and only what
 * is plausible; nothing that such a journal says stops root. Who is not root writes nothing: what root left is owed, and a doubt. Throws ERR_JOURNAL where a live process
 * governs the board.
 *
 * A root that may not act as somebody else (a service without CAP_SETUID, a worker thread) puts nothing back and says what is owed.
 */
export function restoreTheirs(dir: string, options: TheirsOptions, debt: Debt): void {
  if (process.geteuid?.() === 0) restoreAsThem(dir, options, debt)
  else if (options.uid === 0) {
    const owed = owedBy(dir, options, 'left by a run of root: sudo flyball restore', debt.notes)
    debt.entries.push(...owed)
    if (owed.length > 0) debt.doubts.push(`${owed[0]?.path} was ${owed[0]?.reason}`)
  }
}

function restoreAsThem(dir: string, wanted: TheirsOptions, debt: Debt): void {
  const { gid, root, ...options } = wanted
  const theirs = makeDebt()
  const admit = (content: JournalContent): JournalContent => admitted(content, root)
  try {
    asUser(options.uid, gid, () => restoreFolder(dir, { ...options, admit }, theirs))
  } catch (error) {
    if (error instanceof FlyballError) throw error
    theirs.notes.push((error as Error).message)
    theirs.entries.push(
      ...owedBy(dir, wanted, `left by a run of user ${options.uid}, as whom this process may not act: sudo flyball restore`, theirs.notes),
    )
  }
  debt.entries.push(...theirs.entries)
  debt.notes.push(...theirs.notes.map((note) => `of user ${options.uid}: ${note}`))
  debt.unread ||= theirs.unread
}

/** What another user's dead runs left and this process puts not back, as entries that failed. */
function owedBy(dir: string, { uid, byHand, root }: TheirsOptions, reason: string, notes: string[]): RestoredEntry[] {
  return listJournals(dir).flatMap((journal): RestoredEntry[] => {
    if (journal.held || journal.uid !== uid) return []
    try {
      const content = admitted(readJournal(journal.path, uid), root)
      if (isVoid(content) || (!byHand && content.records.some(({ keep }) => keep === 'never'))) return []
      const owed = restoreRecords(content.records, { root, dryRun: true }).filter(({ result }) => result === 'restored' || result === 'failed')
      return owed.map((entry) => ({ ...entry, result: 'failed', reason }))
    } catch (error) {
      notes.push((error as Error).message)
      return []
    }
  })
}

/** What another user's journal may name: limits of clocks, with frequencies that the hardware has, and control groups. Throws ERR_JOURNAL for another board's. */
export function admitted({ header, records, broken }: JournalContent, root: string): JournalContent {
  if (header.root !== root)
    throw new FlyballError('ERR_JOURNAL', `the journal of process ${header.pid} is of a board under '${header.root}', not ${root}`)
  const strange = records.filter((record) => !isPlausible(record, root))
  return {
    header,
    records: records.filter((record) => !strange.includes(record)),
    broken: [...broken, ...strange.map(({ entry, path }) => ({ line: entry + 2, reason: `'${path}' is no clock, or that is no frequency of it` }))],
  }
}

function isPlausible(record: JournalRecord, root: string): boolean {
  if (record.kind === 'cgroup') {
    const groups = join(root, 'sys/fs/cgroup/')
    return [record.path, record.home, record.after?.path ?? groups].every((path) => path.startsWith(groups))
  }
  const policy = dirname(record.path)
  const clocks = join(root, 'sys/devices/system/cpu/cpufreq')
  if (dirname(policy) !== clocks || !/\/policy\d+\/scaling_(min|max)_freq$/.test(record.path)) return false
  const [low, high] = ['cpuinfo_min_freq', 'cpuinfo_max_freq'].map((name) => readNumber(join(policy, name)))
  return [record.original, ...record.wrote].every(
    (value) => /^\d{1,9}$/.test(value) && Number(value) >= (low ?? 0) && Number(value) <= (high ?? Number.POSITIVE_INFINITY),
  )
}
