import { createRequire } from 'node:module'

/** malloc_trim(3) of glibc; null where there is none (musl, other systems). */
let trim: ((pad: number) => number) | null | undefined

/**
 * Gives memory that the C library holds free back to the system. Loading a model leaves more of it than the model's weights: the file as read, the
 * weights before they were reordered. Worth a few milliseconds after loading, never in a loop. Does nothing where the C library has no such call.
 */
export function giveBackFreeMemory(): void {
  if (trim === undefined) trim = find()
  trim?.(0)
}

function find(): typeof trim {
  if (process.platform !== 'linux') return null
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
    return koffi.load('libc.so.6').func('int malloc_trim(size_t pad)') as (pad: number) => number
  } catch {
    // Less memory is a kindness, not a need.
    return null
  }
}
