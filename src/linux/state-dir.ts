import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Folder of the undo journal: $FLYBALL_STATE_DIR, else /run/flyball for root, else $XDG_RUNTIME_DIR/flyball, else ~/.local/state/flyball. The first two that a
 * restart of the machine empties are preferred: knobs do not survive it either.
 */
export function findStateDir(env: Readonly<Record<string, string | undefined>> = process.env, uid = process.getuid?.()): string {
  const { FLYBALL_STATE_DIR: chosen, XDG_RUNTIME_DIR: runtime } = env
  // The watchdog looks for the same folder from another one.
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  if (uid === 0) return '/run/flyball'
  if (runtime !== undefined && runtime !== '') return join(runtime, 'flyball')
  return join(homedir(), '.local/state/flyball')
}
