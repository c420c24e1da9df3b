import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

// What /proc says about a process, seen from outside: looking costs the process nothing.

/** Resident memory, B; undefined when the process has ended. */
export function residentB(pid: number): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** What each open descriptor is, by number; undefined when the process has ended. */
export function descriptors(pid: number): Map<number, string> | undefined {
  const folder = `/proc/${pid}/fd`
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return undefined
  }
  const found = new Map<number, string>()
  for (const name of names) {
    try {
      found.set(Number(name), readlinkSync(`${folder}/${name}`))
    } catch {
      // Closed since the folder was listed: that of the listing itself, where a process looks at itself.
    }
  }
  return found
}

/** Bytes that the process has handed to write calls so far; undefined when it has ended or may not be looked at. Source: proc(5), io. */
export function writtenB(pid: number): number | undefined {
  const bytes = /^wchar: (\d+)$/m.exec(textOf(`/proc/${pid}/io`) ?? '')?.[1]
  return bytes === undefined ? undefined : Number(bytes)
}

/** Processes whose parent this one is. */
export function children(pid: number): number[] {
  let tids: string[]
  try {
    tids = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  return tids.flatMap((tid) => (textOf(`/proc/${pid}/task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number))
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
