import { journalText } from './journal-file.ts'
import { type JournalName, listJournals } from './journal-name.ts'
import { readBootId } from './process-identity.ts'
import { findStateDir, otherStateDirs } from './state-dir.ts'

/**
 * Journals of this boot that dead processes left behind against their will: not those of runs that were told to leave their knobs. For the start of any command:
 * one look into this user's folder, that of root, and for root those of sessions. Never throws.
 */
export function findLeftBehind(stateDir: string = findStateDir(), root = '/'): JournalName[] {
  const self = process.geteuid?.()
  // What another user left, root alone is told, and everybody what root left.
  const concerns = ({ uid }: JournalName): boolean => self === 0 || uid === 0 || uid === self
  return [stateDir, ...otherStateDirs(stateDir, { root, homes: false })]
    .flatMap(listJournals)
    .filter((journal) => !journal.held && concerns(journal) && isOfThisBoot(journal))
}

function isOfThisBoot({ path, uid }: JournalName): boolean {
  try {
    const text = journalText(path, uid)
    const bootId = readBootId()
    const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as { bootId?: unknown } | null
    // Without an entry it was killed before it moved anything.
    return (bootId === '' || header?.bootId === bootId) && text.includes('"entry":') && !text.includes('"keep":')
  } catch {
    // What it is, flyball restore says.
    return true
  }
}
