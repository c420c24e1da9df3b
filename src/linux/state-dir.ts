import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { listFolder, readText } from './files.ts'

const ofSystem = 'run/flyball'

/**
 * Folder of the undo journal: $FLYBALL_STATE_DIR, else /run/flyball for root, else $XDG_RUNTIME_DIR/flyball, else ~/.local/state/flyball. The first two that a
 * restart of the machine empties are preferred: knobs do not survive it either.
 */
export function findStateDir(env: Readonly<Record<string, string | undefined>> = process.env, uid = process.getuid?.()): string {
  const { FLYBALL_STATE_DIR: chosen, XDG_RUNTIME_DIR: runtime } = env
  // The watchdog looks for the same folder from another one.
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  if (uid === 0) return `/${ofSystem}`
  if (runtime !== undefined && runtime !== '') return join(runtime, 'flyball')
  return join(homedir(), '.local/state/flyball')
}

/**
 * Other folders where journals may lie: that of root and of services; this user's session and, with `homes`, home; for root everybody's (homes: of the users in
 * /etc/passwd). Not those that $FLYBALL_STATE_DIR named. They need not exist.
 */
export function otherStateDirs(
  own: string,
  { root, homes, uid = process.geteuid?.() }: { root: string; homes: boolean; uid?: number | undefined },
): string[] {
  const sessions = join(root, 'run/user')
  const concerns = (user: string | undefined): boolean => uid === 0 || user === String(uid)
  const ofSessions = listFolder(sessions, /^\d+$/).flatMap((user) => (concerns(user) ? [join(sessions, user, 'flyball')] : []))
  const users = homes ? (readText(join(root, 'etc/passwd')) ?? '').split('\n') : []
  const ofHomes = users.flatMap((line) => {
    const [, , user, , , home] = line.split(':')
    return home?.startsWith('/') === true && concerns(user) ? [join(root, home, '.local/state/flyball')] : []
  })
  return [...new Set([join(root, ofSystem), ...ofSessions, ...ofHomes])].filter((path) => path !== own)
}
