import { closeSync, openSync, readFileSync } from 'node:fs'
import { type JournalName, listJournals } from './journal-name.ts'
import { readBootId } from './process-identity.ts'
import { findStateDir } from './state-dir.ts'

/**
 * Journals of this boot that dead processes left behind against their will: not those of runs that were told to leave their knobs. For the start of any command:
 * one look into a folder, where there is nothing to find. Never throws.
 */
export function findLeftBehind(stateDir: string = findStateDir()): JournalName[] {
  return listJournals(stateDir).filter((journal) => !journal.held && isOfThisBoot(journal.path))
}

function isOfThisBoot(path: string): boolean {
  try {
    const descriptor = openSync(path, 'r')
    const text = readFileSync(descriptor, 'utf8')
    closeSync(descriptor)
    const bootId = readBootId()
    const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as { bootId?: unknown } | null
    return (bootId === '' || header?.bootId === bootId) && !text.includes('"keep":')
  } catch {
    // What it is, flyball restore says.
    return true
  }
}
