import { readFileSync } from 'node:fs'

/** Looks again and again until the answer is neither undefined nor false; throws after a time in which a busy machine would have got there. */
export async function waitFor<T>(what: string, look: () => T | undefined | false, limitMs = 20_000): Promise<T> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 20) {
    const found = look()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`waited in vain: ${what}`)
}

/** True while a process runs; one that is dead and was not yet collected by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !'ZX'.includes(text.slice(text.lastIndexOf(')') + 2)[0] ?? 'X')
  } catch {
    return false
  }
}

/** Children of a process, all threads' together. */
export function childrenOf(pid: number): number[] {
  try {
    // The main thread's list holds every child of a Node program.
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
