import { join } from 'node:path'
import { listFolder, readText } from './files.ts'

/** Thread ids of this process, ascending. */
export function listThreads(root: string): number[] {
  return listFolder(join(root, 'proc/self/task'), /^\d+$/).map(Number)
}

/** Name and last CPU of a thread, from the text of /proc/self/task/TID/stat. Undefined for a torn text. Source: proc(5), fields 2 and 39. */
export function parseTask(text: string): { name: string; lastCpu: number } | undefined {
  // The name may hold spaces and parentheses: it ends at the last one.
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const lastCpu = Number(text.slice(close + 2).split(' ')[36])
  return Number.isInteger(lastCpu) && lastCpu >= 0 ? { name: text.slice(open + 1, close), lastCpu } : undefined
}

/** Name and last CPU of a thread of this process; undefined when it has ended. */
export function readTask(root: string, tid: number): { name: string; lastCpu: number } | undefined {
  const text = readText(join(root, 'proc/self/task', String(tid), 'stat'))
  return text === undefined ? undefined : parseTask(text)
}
