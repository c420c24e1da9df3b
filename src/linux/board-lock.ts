import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { sleepSync } from './kernel-write.ts'
import { loadLibc } from './libc.ts'
import { lockHolder } from './lock-holder.ts'

/**
 * One writer of clocks per board, whoever it is: flock(2) on two folders that every process can open, `/` and `/sys/devices/system/cpu`. The trade:
 *
 * - No right is needed, nothing has to be made beforehand, and the kernel lets go when the last process that shares the lock has died: a killed governor's watchdog
 *   holds it until it has put everything back.
 * - `/` is the same for services with a network of their own (PrivateNetwork= gives them another /sys, and would hide an abstract socket); /sys is the same for chroots
 *   and containers in the host's network. A container with file system and network of its own meets others by reading back alone.
 * - Any user can take such a lock. One who may not write a clock is no governor: that one is named and passed over. So nobody without rights keeps others from
 *   governing; they can only take away this protection, and what is left is the look into journals, and reading back.
 *
 * A lock on a file in /run needs root to make it; a socket's name anybody can take, and no one tells whose it is.
 */
export interface BoardLock {
  /** Open folders: a child that inherits them holds the lock as well, until it ends or `release`. */
  readonly descriptors: readonly number[]
  /** Undefined when this process has it now; else who governs the board, in words. Waits up to 3 s for what a killed governor's watchdog puts back. */
  take(onProblem: (message: string) => void): string | undefined
  /** Lets go, for children too, and closes the folders. Idempotent. */
  release(): void
}

const exclusive = 2 | 4 // LOCK_EX | LOCK_NB
const unlock = 8 // LOCK_UN
const wouldBlock = 11
const patienceS = 3
const pollS = 0.02

interface Board {
  readonly descriptors: number[]
  /** Locks of this process. */
  opened: number
  taken: boolean
}

// Governors and restorers of one process share one lock.
const boards = new Map<string, Board>()

/** Opens the folders of the board under `root`; takes nothing yet. Never throws. */
export function openBoardLock(root: string): BoardLock {
  const board = boards.get(root) ?? { descriptors: openFolders(root), opened: 0, taken: false }
  boards.set(root, board)
  board.opened++
  let released = false
  return {
    descriptors: board.descriptors,
    take(onProblem) {
      if (board.taken) return undefined
      const holder = takeAll(board.descriptors, root, onProblem)
      board.taken = holder === undefined
      return holder
    },
    release() {
      if (released) return
      released = true
      if (--board.opened > 0) return
      boards.delete(root)
      for (const descriptor of board.descriptors) {
        if (board.taken) flock(descriptor, unlock)
        closeSync(descriptor)
      }
    },
  }
}

function openFolders(root: string): number[] {
  return [root, join(root, 'sys/devices/system/cpu')].flatMap((path) => {
    try {
      return [openSync(path, 'r')]
    } catch {
      return []
    }
  })
}

function takeAll(descriptors: readonly number[], root: string, onProblem: (message: string) => void): string | undefined {
  const patience = { leftS: patienceS }
  for (const [i, descriptor] of descriptors.entries()) {
    const holder = takeOne(descriptor, root, patience, onProblem)
    if (holder === undefined) continue
    for (const taken of descriptors.slice(0, i)) flock(taken, unlock)
    return holder
  }
  return undefined
}

function takeOne(descriptor: number, root: string, patience: { leftS: number }, onProblem: (message: string) => void): string | undefined {
  for (;;) {
    if (flock(descriptor, exclusive)) return undefined
    const { name, standing } = lockHolder(descriptor, root)
    if (standing === 'governor') return name
    // One that cannot be seen may be a killed governor's watchdog.
    if (standing !== 'powerless' && patience.leftS > 0) {
      sleepSync(pollS)
      patience.leftS -= pollS
      continue
    }
    if (standing === 'unknown') return name
    const why = standing === 'gone' ? 'has ended and left' : 'may not write clocks, and holds'
    onProblem(`${name} ${why} the lock by which governors of this board keep out of each other's way: it is passed over`)
    return undefined
  }
}

let call: ((descriptor: number, operation: number) => number) | undefined

/** False when somebody else has it. True as well where nothing can be locked: without the C library, on file systems that know no locks. */
function flock(descriptor: number, operation: number): boolean {
  try {
    const { koffi, library } = loadLibc()
    call ??= library.func('int flock(int descriptor, int operation)') as unknown as (descriptor: number, operation: number) => number
    return call(descriptor, operation) === 0 || koffi.errno() !== wouldBlock
  } catch {
    return true
  }
}
