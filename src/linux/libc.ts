import { createRequire } from 'node:module'

type Koffi = typeof import('koffi')

/** The C library, for calls that Node does not offer. */
export interface Libc {
  readonly koffi: Koffi
  readonly library: ReturnType<Koffi['load']>
}

let loaded: Libc | undefined

/** Loads it at the first use: nothing that only reads the board pays for it. Throws what loading throws, on other systems than Linux too. */
export function loadLibc(): Libc {
  if (loaded !== undefined) return loaded
  const koffi = createRequire(import.meta.url)('koffi') as Koffi
  // libc.so.6 is glibc; musl answers to the plain name only.
  loaded = { koffi, library: openFirst(koffi, ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1', 'libc.so']) }
  return loaded
}

function openFirst(koffi: Koffi, names: readonly string[]) {
  let last: unknown
  for (const name of names) {
    try {
      return koffi.load(name)
    } catch (error) {
      last = error
    }
  }
  throw last
}
