import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { FlyballError } from '../core/errors.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

/**
 * The journal on disk: JSON Lines, a header, then one line per knob. A file belongs to the process that its name names: `journal-PID-STARTTIME-N.jsonl`, N = 0
 * for a writer, above 0 for journals that a process has taken over to restore them. Taking over is a rename, so that only one process succeeds.
 */

export const journalSchema = 1

const headerSchema = v.object({
  flyball: v.literal('journal'),
  schema: v.literal(journalSchema),
  bootId: v.string(),
  pid: v.number(),
  startTime: v.string(),
  /** Folder that stood for `/`; paths of entries begin with it. */
  root: v.string(),
})

const valueSchema = v.object({
  entry: v.number(),
  kind: v.literal('value'),
  path: v.string(),
  original: v.string(),
  /** The last two values that flyball set, the newer one last: which of them holds after a kill, nobody knows. */
  wrote: v.array(v.string()),
})

const cgroupSchema = v.object({
  entry: v.number(),
  kind: v.literal('cgroup'),
  /** Folder of the group to remove. */
  path: v.string(),
  /** File that takes the ids of its threads back. */
  home: v.string(),
  /** Written once the group is gone. */
  after: v.optional(v.object({ path: v.string(), value: v.string() })),
})

const recordSchema = v.variant('kind', [valueSchema, cgroupSchema])

export type JournalHeader = v.InferOutput<typeof headerSchema>
export type JournalRecord = v.InferOutput<typeof recordSchema>
export type ValueRecord = v.InferOutput<typeof valueSchema>
export type CgroupRecord = v.InferOutput<typeof cgroupSchema>

export interface JournalContent {
  readonly header: JournalHeader
  readonly records: JournalRecord[]
}

/** Header and entries of a journal's text. A torn last line is dropped: its knob was not written yet. Throws ERR_JOURNAL for anything else that is wrong. */
export function parseJournal(text: string, path: string): JournalContent {
  const lines = text.split('\n')
  // Every line ends with a newline, so what follows the last one is torn, or empty.
  lines.pop()
  const broken = (line: number, cause?: unknown) =>
    new FlyballError(
      'ERR_JOURNAL',
      `${path}, line ${line}: no journal entry that this version reads; put the knobs back by hand, then delete the file`,
      { cause },
    )
  const [first, ...rest] = lines
  if (first === undefined) throw broken(1)
  const header = v.safeParse(headerSchema, parseLine(first))
  if (!header.success) throw broken(1)
  const records = rest.map((line, i) => {
    const record = v.safeParse(recordSchema, parseLine(line))
    if (!record.success) throw broken(i + 2)
    return record.output
  })
  for (const record of records)
    if (!isUnder(record.path, header.output.root))
      throw new FlyballError('ERR_JOURNAL', `${path}: '${record.path}' is no kernel file under ${header.output.root}`)
  return { header: header.output, records }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A journal may name nothing but kernel files, and no way around that. */
function isUnder(path: string, root: string): boolean {
  return path.startsWith(join(root, 'sys/')) && !path.split('/').includes('..')
}

/** Reads a journal. Throws ERR_JOURNAL, also for one of another user: whoever writes a journal decides what its restorer writes. */
export function readJournal(path: string): JournalContent {
  const descriptor = openSync(path, 'r')
  try {
    const owner = fstatSync(descriptor).uid
    const self = process.getuid?.() ?? owner
    if (owner !== self) throw new FlyballError('ERR_JOURNAL', `${path} belongs to user ${owner}, not to this one (${self}); run as that user`)
    return parseJournal(readFileSync(descriptor, 'utf8'), path)
  } finally {
    closeSync(descriptor)
  }
}

export interface JournalName extends ProcessIdentity {
  readonly path: string
  readonly number: number
  /** Another live process, or this one as a writer, holds it. */
  readonly held: boolean
}

export function journalPath(stateDir: string, owner: ProcessIdentity, number: number): string {
  return join(stateDir, `journal-${owner.pid}-${owner.startTime}-${number}.jsonl`)
}

/** All journals in the folder, dead or alive; empty without a folder. */
export function listJournals(stateDir: string): JournalName[] {
  let names: string[]
  try {
    names = readdirSync(stateDir)
  } catch {
    return []
  }
  return names.sort().flatMap((name) => {
    const [, pid, startTime, number] = /^journal-(\d+)-(\d+)-(\d+)\.jsonl$/.exec(name) ?? []
    if (pid === undefined || startTime === undefined) return []
    const identity = { pid: Number(pid), startTime }
    // What this process has taken over and could not put back is free to be tried again.
    const held = isAlive(identity) && !(identity.pid === process.pid && Number(number) > 0)
    return [{ ...identity, path: join(stateDir, name), number: Number(number), held }]
  })
}

/** Makes the folder for this user alone. Throws ERR_JOURNAL. */
export function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new FlyballError('ERR_JOURNAL', `the folder for the undo journal, ${stateDir}, cannot be made; set FLYBALL_STATE_DIR to one that can`, {
      cause: error,
    })
  }
}

/** Creates a journal with its header, whole or not at all, both on disk when this returns. Returns an open descriptor. Throws ERR_JOURNAL. */
export function createJournal(path: string, header: JournalHeader): number {
  const temporary = `${path}.new`
  try {
    const descriptor = openSync(temporary, 'wx+', 0o600)
    writeSync(descriptor, `${JSON.stringify(header)}\n`)
    fsyncSync(descriptor)
    renameSync(temporary, path)
    syncFolder(path)
    return descriptor
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new FlyballError('ERR_JOURNAL', `the undo journal ${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a new, renamed or deleted name in the file's folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(join(path, '..'), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
