import { basename, dirname } from 'node:path'
import { removeGroup, threadsIn } from './cgroup-remove.ts'
import type { CgroupRecord, JournalRecord, ValueRecord } from './journal-file.ts'
import { accessOf } from './kept-file.ts'
import { readBack, readKernelFile, writeKernelFile } from './kernel-write.ts'
import { isCapped } from './throttle.ts'

export type RestoreResult = 'restored' | 'already' | 'changed-by-somebody-else' | 'gone' | 'failed'

/** What became of one knob. */
export interface RestoredEntry {
  readonly path: string
  /** Value before flyball's first write; for a group: `absent`. */
  readonly original: string
  /** Value when restoring began; undefined when it could not be read. */
  readonly found?: string
  /** What flyball had set last; undefined when it had not written yet. */
  readonly wanted?: string
  /** In a dry run: what would become of it. */
  readonly result: RestoreResult
  readonly reason?: string
}

export interface RestoreOptions {
  /** Folder that stands for `/`. */
  readonly root: string
  readonly dryRun: boolean
}

/** Puts knobs back, each for itself: governors first, then minimum and maximum of each policy in the order that keeps min <= max, then groups. Never throws. */
export function restoreRecords(records: readonly JournalRecord[], options: RestoreOptions): RestoredEntry[] {
  const values = records.filter((record) => record.kind === 'value')
  const limits = new Map<string, Limits>()
  const others: ValueRecord[] = []
  for (const record of values) {
    const side = limitOf(record.path)
    if (side === undefined) others.push(record)
    else limits.set(dirname(record.path), { ...limits.get(dirname(record.path)), [side]: record })
  }
  const governor = (record: ValueRecord) => (basename(record.path).endsWith('governor') ? 0 : 1)
  others.sort((a, b) => governor(a) - governor(b) || b.entry - a.entry)
  const steps: (() => RestoredEntry[])[] = [
    ...others.filter((record) => governor(record) === 0).map((record) => () => [restoreValue(record, options)]),
    ...[...limits.values()].map((pair) => () => restoreLimits(pair, options)),
    ...others.filter((record) => governor(record) === 1).map((record) => () => [restoreValue(record, options)]),
    ...records.filter((record) => record.kind === 'cgroup').map((record) => () => [restoreCgroup(record, options)]),
  ]
  return steps.flatMap((step) => step())
}

interface Limits {
  min?: ValueRecord
  max?: ValueRecord
}

function limitOf(path: string): 'min' | 'max' | undefined {
  return /(?:^|_)(min|max)_freq$/.exec(basename(path))?.[1] as 'min' | 'max' | undefined
}

function restoreLimits({ min, max }: Limits, options: RestoreOptions): RestoredEntry[] {
  if (min === undefined || max === undefined)
    return [min, max].filter((record) => record !== undefined).map((record) => restoreValue(record, options))
  const lowest = readNumberNow(min.path)
  // A minimum above the maximum is accepted by the kernel, reads as the maximum, and is remembered: never let one pass, and below a maximum of somebody else it is still ours.
  const maxFirst = Number(max.original) >= (lowest ?? 0)
  const hidden = lowest !== undefined && lowest === readNumberNow(max.path) && lowest < Number(min.wrote.at(-1) ?? 0)
  const low = hidden ? { ...min, wrote: [String(lowest), ...min.wrote] } : min
  const order = maxFirst ? [max, low] : [low, max]
  return order.map((record) => restoreValue(record, options))
}

function readNumberNow(path: string): number | undefined {
  try {
    return Number(readKernelFile(path))
  } catch {
    return undefined
  }
}

function restoreValue(record: ValueRecord, options: RestoreOptions): RestoredEntry {
  const wanted = record.wrote.at(-1)
  const common = { path: record.path, original: record.original, ...(wanted === undefined ? {} : { wanted }) }
  let found: string
  try {
    found = readKernelFile(record.path)
  } catch (error) {
    return failure(common, error)
  }
  if (found === record.original) return { ...common, found, result: 'already' }
  const capped = isCapped(record.path, found, wanted, options.root)
  if (!record.wrote.includes(found) && !capped)
    return { ...common, found, result: 'changed-by-somebody-else', reason: `flyball had set ${wanted ?? 'nothing'}: left alone` }
  if (options.dryRun) return { ...common, found, result: 'restored' }
  try {
    writeKernelFile(record.path, record.original)
    const now = readBack(record.path, record.original)
    if (now === record.original) return { ...common, found, result: 'restored' }
    if (isCapped(record.path, now, record.original, options.root))
      return { ...common, found, result: 'restored', reason: `heat or firmware holds it at ${now} for now` }
    return { ...common, found, result: 'failed', reason: `written, but it reads ${now}` }
  } catch (error) {
    return failure({ ...common, found }, error)
  }
}

function restoreCgroup(record: CgroupRecord, options: RestoreOptions): RestoredEntry {
  const common = { path: record.path, original: 'absent', wanted: 'present' }
  let threads: string[]
  try {
    threads = threadsIn(record.path)
  } catch (error) {
    // A crash between journal and mkdir leaves nothing to remove.
    return accessOf(error) === 'absent' ? { ...common, found: 'absent', result: 'already' } : failure(common, error)
  }
  const found = threads.length === 0 ? 'present' : `present with threads ${threads.join(' ')}`
  if (options.dryRun) return { ...common, found, result: 'restored' }
  try {
    removeGroup(record)
    return { ...common, found, result: 'restored' }
  } catch (error) {
    return failure({ ...common, found }, error)
  }
}

function failure(common: Omit<RestoredEntry, 'result'>, error: unknown): RestoredEntry {
  const access = accessOf(error)
  if (access === 'absent') return { ...common, result: 'gone' }
  const reasons = { denied: 'this user may not write it; run as the one who started flyball', broken: (error as Error).message, ok: '' }
  return { ...common, result: 'failed', reason: reasons[access] }
}
