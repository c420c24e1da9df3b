import { isMainThread } from 'node:worker_threads'

/**
 * Runs `work` with the rights of another user and nothing more: for root, which must not do by a user's files what that user may not do. The kernel checks every
 * open, rename and write of it, so neither a planted journal nor a link in a folder of theirs leads anywhere. Real and saved user stay root's: they can neither signal nor
 * trace this process, and FUSE mounts of theirs are refused. Throws what `work` throws, and where no other user can be taken on (not root, a worker thread). Source: credentials(7).
 */
export function asUser<T>(uid: number, gid: number, work: () => T): T {
  const own = { groups: process.getgroups?.() ?? [], gid: process.getegid?.() ?? 0, uid: process.geteuid?.() ?? -1 }
  const { setgroups, setegid, seteuid } = process
  if (!isMainThread || own.uid !== 0 || seteuid === undefined || setegid === undefined || setgroups === undefined)
    throw new Error('only the main thread of a process of root can act as another user')
  try {
    takeGroups(uid, gid, setgroups)
    setegid(gid)
    seteuid(uid)
    return work()
  } finally {
    seteuid(own.uid)
    setegid(own.gid)
    setgroups(own.groups)
  }
}

function takeGroups(uid: number, gid: number, setgroups: NonNullable<NodeJS.Process['setgroups']>): void {
  // Of Node since 0.9, and not in its types.
  const { initgroups } = process as { initgroups?: (user: number, extraGroup: number) => void }
  try {
    if (initgroups === undefined) setgroups([gid])
    else initgroups(uid, gid)
  } catch {
    // A user without a name has no groups but this one.
    setgroups([gid])
  }
}
