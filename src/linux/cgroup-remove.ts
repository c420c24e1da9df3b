import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../core/errors.ts'
import { sleepSync, writeKernelFile } from './kernel-write.ts'

/** A control group that flyball made, and what undoes it. */
export interface MadeGroup {
  readonly path: string
  /** File that takes the ids of its threads back. */
  readonly home: string
  /** Written once the group is gone. */
  readonly after?: { readonly path: string; readonly value: string } | undefined
}

/** Ids of the threads in a group. Throws what the kernel answers, ENOENT when there is no group. */
export function threadsIn(path: string): string[] {
  const names = readdirSync(path)
  const file = names.includes('cgroup.threads') ? 'cgroup.threads' : 'tasks'
  return names.includes(file) ? readFileSync(join(path, file), 'utf8').split('\n').filter(Boolean) : []
}

/** Moves the group's threads home and removes it. Throws what the kernel answers, ENOENT when there is no group. */
export function removeGroup(group: MadeGroup): void {
  for (const tid of threadsIn(group.path)) {
    try {
      writeKernelFile(group.home, tid)
    } catch (error) {
      // It ended meanwhile.
      if (!isSystemError(error, 'ESRCH')) throw error
    }
  }
  removeFolder(group.path)
  if (group.after !== undefined) writeKernelFile(group.after.path, group.after.value)
}

/** The kernel frees a group a moment after its last thread has left: EBUSY until then. */
function removeFolder(path: string): void {
  for (let tries = 25; ; tries--) {
    try {
      rmdirSync(path)
      return
    } catch (error) {
      if (!isSystemError(error, 'EBUSY') || tries === 0) throw error
      sleepSync(0.002)
    }
  }
}
