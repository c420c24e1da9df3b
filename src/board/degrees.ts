import type { Board } from './board.ts'
import { grantsOf } from './permission-files.ts'

/** How much of the board flyball may touch: each degree has all that the one before has. */
export interface Degree {
  readonly name: 'advice' | 'user' | 'group' | 'root'
  /** 'held': this user has it and more; 'now': the highest that holds; 'open': it could be had. */
  readonly state: 'held' | 'now' | 'open'
  /** What it gives beyond the one before. */
  readonly gives: string
  /** What it takes. */
  readonly by: string
}

/** The four degrees of power here. `asRoot`: this user is root. */
export function degreesOf(board: Board, asRoot: boolean): Degree[] {
  const cpus = board.clusters.filter((cluster) => cluster.kind === 'cpu')
  const granted = cpus.some(({ writable }) => writable === 'yes')
  const now = asRoot ? 3 : granted ? 2 : 1
  const state = (degree: number): Degree['state'] => (degree < now ? 'held' : degree === now ? 'now' : 'open')
  const grants = grantsOf(board, 'all').map(({ what }) => what)
  const placed = ['sub-network', ...(board.onlineCpus.length > 1 ? ['cores'] : []), ...(cpus.length > 1 ? ['cluster'] : [])]
  return [
    { name: 'advice', state: state(0), gives: 'decides and logs, touches nothing', by: 'flyball deploy RUN --advise' },
    { name: 'user', state: state(1), gives: placed.join(' + '), by: 'no right beyond those of any program' },
    {
      name: 'group',
      state: state(2),
      gives: grants.length === 0 ? 'nothing more: this kernel has no clock or energy counter that a group could be let at' : grants.join(' + '),
      by:
        grants.length === 0
          ? 'nothing to set up'
          : granted && !asRoot
            ? 'files of this board that this user may write'
            : 'a group that may write those files: flyball doctor --fix prints it',
    },
    {
      name: 'root',
      state: state(3),
      gives: grants.length === 0 ? 'nothing more' : 'the same as group without setting anything up, and every other right of the machine with it',
      by: 'sudo',
    },
  ]
}
