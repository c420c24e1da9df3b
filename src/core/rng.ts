/** State of a generator: four unsigned 32-bit words. */
export type RngState = readonly [number, number, number, number]

/**
 * Seeded generator of uniform numbers: xoshiro128++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
 * seeded through splitmix32. The same seed gives the same numbers on every machine.
 */
export interface Rng {
  /** Uniform in [0, 1) with 32 bits. */
  next(): number
  /** Uniform integer in [0, n). */
  int(n: number): number
  /** Exponential with mean 1. */
  exponential(): number
  /** Standard normal. */
  normal(): number
  /** A generator of its own for a named purpose; does not advance this one, so that adding a user never changes the others' numbers. */
  fork(name: string): Rng
  state(): RngState
  restore(state: RngState): void
}

export function makeRng(seed: number): Rng {
  return fromWords(expand(seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0))
}

export function rngFromState(state: RngState): Rng {
  return fromWords(Uint32Array.from(state))
}

function fromWords(s: Uint32Array): Rng {
  const origin = s.slice()

  const next32 = (): number => {
    const s0 = s[0] as number
    const s1 = s[1] as number
    const s3 = s[3] as number
    const sum = (s0 + s3) | 0
    const result = (((sum << 7) | (sum >>> 25)) + s0) >>> 0
    const s2 = (s[2] as number) ^ s0
    const t3 = s3 ^ s1
    s[1] = s1 ^ s2
    s[0] = s0 ^ t3
    s[2] = s2 ^ (s1 << 9)
    s[3] = (t3 << 11) | (t3 >>> 21)
    return result
  }

  const next = (): number => next32() / 0x1_0000_0000

  return {
    next,
    int: (n) => Math.floor(next() * n),
    exponential: () => -Math.log(1 - next()),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: (name) => fromWords(expand((origin[0] as number) ^ hashName(name), (origin[1] as number) ^ (origin[2] as number))),
    state: () => [s[0] as number, s[1] as number, s[2] as number, s[3] as number],
    restore: (state) => s.set(state),
  }
}

function expand(low: number, high: number): Uint32Array {
  const words = new Uint32Array(4)
  let z = low ^ Math.imul(high, 0x85eb_ca6b)
  for (let i = 0; i < 4; i++) {
    z = (z + 0x9e37_79b9) | 0
    let t = z ^ (z >>> 16)
    t = Math.imul(t, 0x21f0_aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a_2d97)
    words[i] = (t ^ (t >>> 15)) >>> 0
  }
  return words
}

/** FNV-1a, 32 bits. */
function hashName(name: string): number {
  let h = 0x811c_9dc5
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x0100_0193)
  return h >>> 0
}
