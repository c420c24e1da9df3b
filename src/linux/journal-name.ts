import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../core/errors.ts'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/**
 * A journal belongs to the process that its name names: `journal-PID-STARTTIME-N.jsonl`, N = 0 for a writer, above 0 for journals that a process has taken over to
 * restore them. PID 0: nobody's any more. Taking over is a rename, so that only one process succeeds.
 */
export interface JournalName extends ProcessIdentity {
  readonly path: string
  readonly number: number
  /** User and group that the file belongs to. */
  readonly uid: number
  readonly gid: number
  /** Another live process, or this one as a writer, holds it. */
  readonly held: boolean
}

export function journalPath(stateDir: string, owner: ProcessIdentity, number: number): string {
  return join(stateDir, `journal-${owner.pid}-${owner.startTime}-${number}.jsonl`)
}

/** Removes what processes left that were killed while they created a journal: it names no knob yet. */
export function sweepUnfinished(stateDir: string): void {
  for (const name of readdirSync(stateDir)) {
    const [, pid, startTime] = /^journal-(\d+)-(\d+)-\d+\.jsonl\.new$/.exec(name) ?? []
    if (pid !== undefined && startTime !== undefined && !isAlive({ pid: Number(pid), startTime })) rmSync(join(stateDir, name), { force: true })
  }
}

/** Whether it is of this user: whoever writes a journal decides what its restorer writes. */
export const isOwn = (journal: JournalName): boolean => journal.uid === (process.geteuid?.() ?? journal.uid)

/** All journals in the folder, dead or alive, the newest owner first: what it found is what an older one had set. Empty without a folder. */
export function listJournals(stateDir: string): JournalName[] {
  let names: string[]
  try {
    names = readdirSync(stateDir)
  } catch {
    return []
  }
  const journals = names.sort().flatMap((name) => {
    const [, pid, startTime, number] = /^journal-(\d+)-(\d+)-(\d+)\.jsonl$/.exec(name) ?? []
    if (pid === undefined || startTime === undefined) return []
    const identity = { pid: Number(pid), startTime }
    const path = join(stateDir, name)
    const file = lstatSync(path, { throwIfNoEntry: false })
    if (file === undefined) return []
    // What this process has taken over and could not put back is free to be tried again.
    const held = isAlive(identity) && !(identity.pid === process.pid && Number(number) > 0)
    return [{ ...identity, path, number: Number(number), uid: file.uid, gid: file.gid, held }]
  })
  return journals.sort((a, b) => Number(b.startTime) - Number(a.startTime) || b.number - a.number)
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
