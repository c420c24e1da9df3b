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

/** What is put back together: one knob, or minimum and maximum of one clock. */
export interface RestoreStep {
  readonly value?: ValueRecord
  readonly limits?: { readonly min: ValueRecord; readonly max: ValueRecord }
  readonly group?: CgroupRecord
}

/** The order of restoring: governors first, as they may reset limits, then limits, then other values, the last moved first, then groups. */
export function restoreOrder(records: readonly JournalRecord[]): RestoreStep[] {
  const sides = new Map<string, { min?: ValueRecord; max?: ValueRecord }>()
  const governors: ValueRecord[] = []
  const others: ValueRecord[] = []
  for (const record of records) {
    if (record.kind === 'cgroup') continue
    const side = limitOf(record.path)
    if (side !== undefined) sides.set(dirname(record.path), { ...sides.get(dirname(record.path)), [side]: record })
    else (basename(record.path).endsWith('governor') ? governors : others).push(record)
  }
  const lastFirst = (values: ValueRecord[]): RestoreStep[] => values.sort((a, b) => b.entry - a.entry).map((value) => ({ value }))
  const limits = [...sides.values()].flatMap(({ min, max }): RestoreStep[] =>
    min !== undefined && max !== undefined
      ? [{ limits: { min, max } }]
      : [min, max].filter((value) => value !== undefined).map((value) => ({ value })),
  )
  const groups = records.filter((record) => record.kind === 'cgroup').map((group) => ({ group }))
  return [...lastFirst(governors), ...limits, ...lastFirst(others), ...groups]
}

/** Puts knobs back, each for itself, in order: a fault of one never stops the others. Never throws. */
export function restoreRecords(records: readonly JournalRecord[], options: RestoreOptions): RestoredEntry[] {
  return restoreOrder(records).flatMap((step) => {
    try {
      if (step.limits !== undefined) return restoreLimits(step.limits, options)
      if (step.value !== undefined) return [restoreValue(step.value, options)]
      return step.group === undefined ? [] : [restoreCgroup(step.group, options)]
    } catch (error) {
      return recordsOf(step).map((record) => failure({ path: record.path, original: record.kind === 'value' ? record.original : 'absent' }, error))
    }
  })
}

function recordsOf({ value, limits, group }: RestoreStep): JournalRecord[] {
  return [value, limits?.min, limits?.max, group].filter((record) => record !== undefined)
}

function limitOf(path: string): 'min' | 'max' | undefined {
  return /(?:^|_)(min|max)_freq$/.exec(basename(path))?.[1] as 'min' | 'max' | undefined
}

function restoreLimits({ min, max }: NonNullable<RestoreStep['limits']>, options: RestoreOptions): RestoredEntry[] {
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
    return { ...common, found, result: 'changed-by-somebody-else', reason: `flyball had set ${wanted ?? 'nothing, or had given it up'}: left alone` }
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
  const reasons = { denied: `user ${process.geteuid?.()} may not write it; run as one who may`, broken: (error as Error).message, ok: '' }
  return { ...common, result: 'failed', reason: reasons[access] }
}
