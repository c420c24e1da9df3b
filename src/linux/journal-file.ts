import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { FlyballError } from '../core/errors.ts'

/** The journal on disk: JSON Lines, a header, then one line per knob; journal-name.ts says whose it is. */

export const journalSchema = 1

const headerSchema = v.object({
  flyball: v.literal('journal'),
  schema: v.literal(journalSchema),
  bootId: v.string(),
  pid: v.number(),
  startTime: v.string(),
  /** Folder that stood for `/`; paths of entries begin with it. */
  root: v.pipe(v.string(), v.startsWith('/')),
})

/** What becomes of a knob when the run that moved it ends: see RestorePolicy. Absent: put back. */
const keep = v.optional(v.picklist(['on-switch', 'never']))

const valueSchema = v.object({
  entry: v.number(),
  kind: v.literal('value'),
  path: v.string(),
  original: v.string(),
  /** The last two values that flyball set, the newer one last: which of them holds after a kill, nobody knows. */
  wrote: v.array(v.string()),
  keep,
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
  keep,
})

const recordSchema = v.variant('kind', [valueSchema, cgroupSchema])

export type JournalHeader = v.InferOutput<typeof headerSchema>
export type JournalRecord = v.InferOutput<typeof recordSchema>
export type ValueRecord = v.InferOutput<typeof valueSchema>
export type CgroupRecord = v.InferOutput<typeof cgroupSchema>

/**
 * When knobs are put back: `exit` at the end of the run that moved them, however it ends; `on-switch` when the next run takes over; `never` by hand alone
 * (flyball restore).
 */
export type RestorePolicy = 'exit' | 'on-switch' | 'never'

export interface JournalContent {
  readonly header: JournalHeader
  readonly records: JournalRecord[]
  /** Lines that are no entry: their knobs must be put back by hand. */
  readonly broken: readonly { readonly line: number; readonly reason: string }[]
}

/**
 * Header and entries of a journal's text. A torn last line is dropped: its knob was not written yet. A broken line costs its own knob alone; of two of one knob the
 * later holds. Throws ERR_JOURNAL for a broken header.
 */
export function parseJournal(text: string, path: string): JournalContent {
  const lines = text.split('\n')
  // Every line ends with a newline, so what follows the last one is torn, or empty.
  lines.pop()
  const [first, ...rest] = lines
  const header = v.safeParse(headerSchema, first === undefined ? undefined : parseLine(first))
  if (!header.success)
    throw new FlyballError('ERR_JOURNAL', `${path}, line 1: no journal that this version reads; put the knobs back by hand, then delete the file`)
  const records = new Map<string, JournalRecord>()
  const broken: { line: number; reason: string }[] = []
  rest.forEach((line, i) => {
    const record = v.safeParse(recordSchema, parseLine(line))
    if (!record.success) broken.push({ line: i + 2, reason: 'no journal entry that this version reads' })
    else if (!namesKernelFiles(record.output, header.output.root))
      broken.push({ line: i + 2, reason: `'${record.output.path}' is no kernel file under ${header.output.root}` })
    else records.set(record.output.path, record.output)
  })
  return { header: header.output, records: [...records.values()], broken }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A journal may name nothing but kernel files, and no way around that. */
function namesKernelFiles(record: JournalRecord, root: string): boolean {
  const paths = record.kind === 'value' ? [record.path] : [record.path, record.home, ...(record.after === undefined ? [] : [record.after.path])]
  return paths.every((path) => path.startsWith(join(root, 'sys/')) && !path.split('/').includes('..'))
}

// A knob takes 200 bytes.
const mostB = 2 ** 20

/** Reads a journal of this user, or of the one named. Throws ERR_JOURNAL, and what opening it throws. */
export function readJournal(path: string, owner?: number): JournalContent {
  return parseJournal(journalText(path, owner), path)
}

/**
 * Text of a journal that belongs to this user, or to the one named. Follows no link, waits at no pipe: the folder may be somebody else's. Throws ERR_JOURNAL, and
 * what opening it throws.
 */
export function journalText(path: string, owner = process.geteuid?.()): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { uid, size, mode } = fstatSync(descriptor)
    if (owner !== undefined && uid !== owner)
      throw new FlyballError('ERR_JOURNAL', `${path} belongs to user ${uid}, not to user ${owner}; run as that user`)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > mostB)
      throw new FlyballError('ERR_JOURNAL', `${path} is no journal: a file of at most ${mostB} bytes is`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** Makes the folder, for this user to write and for all to read: a journal tells others that a board is governed, or was. Throws ERR_JOURNAL. */
export function makeStateDir(stateDir: string): void {
  try {
    // Whatever the umask.
    if (mkdirSync(stateDir, { recursive: true }) !== undefined) chmodSync(stateDir, 0o755)
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
    const descriptor = openSync(temporary, 'wx+')
    fchmodSync(descriptor, 0o644)
    writeWhole(descriptor, `${JSON.stringify(header)}\n`, 0)
    fsyncSync(descriptor)
    renameSync(temporary, path)
    syncFolder(path)
    return descriptor
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new FlyballError('ERR_JOURNAL', `the undo journal ${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Writes all of it at a place in the file. A disk with room for a part takes that part without a word, and refuses only what is asked for next. */
export function writeWhole(descriptor: number, text: string, positionB: number): void {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, positionB + done)
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
