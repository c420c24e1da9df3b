import type { LimitText } from './cpufreq-limit.ts'

/** Writes that a stale reading may still show: 22 ms of them at the fastest pace. */
const remembered = 4

/** What was asked of a clock's two limits, and whether a reading may be it. No allocation. */
export class LimitMemory {
  /** Known better than a reading, which may be stale; Hz, NaN: nothing is asked. */
  readonly askedHz = { min: Number.NaN, max: Number.NaN }
  /** The driver has a table, and takes what is in it as it is. */
  exact = false
  readonly #levels: readonly LimitText[]
  /** Minima and maxima that were written last, in a ring. */
  readonly #recentHz = new Float64Array(2 * remembered).fill(Number.NaN)
  #at = 0

  /** Levels ascending. */
  constructor(levels: readonly LimitText[]) {
    this.#levels = levels
  }

  ask(lowHz: number, highHz: number): void {
    this.askedHz.min = lowHz
    this.askedHz.max = highHz
    this.#recentHz[this.#at] = lowHz
    this.#recentHz[this.#at + 1] = highHz
    this.#at = (this.#at + 2) % this.#recentHz.length
  }

  unask(): void {
    this.askedHz.min = Number.NaN
    this.askedHz.max = Number.NaN
  }

  /** Whether a minimum (side 0) or maximum (1) may be of the last writes. */
  isRecent(freqHz: number, side: 0 | 1): boolean {
    for (let i = side; i < this.#recentHz.length; i += 2) if (this.agree(freqHz, this.#recentHz[i] as number)) return true
    return false
  }

  /** Whether the kernel may report `askedHz` as `foundHz`: without a table a driver rounds as it likes. */
  agree(foundHz: number, askedHz: number): boolean {
    if (foundHz === askedHz) return true
    if (this.exact || Number.isNaN(askedHz)) return false
    const index = this.nearest(askedHz)
    return this.#levels[index]?.freqHz === askedHz && this.nearest(foundHz) === index
  }

  /** Index of the nearest level; -1 where there is none. */
  nearest(freqHz: number): number {
    let best = -1
    let distance = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#levels.length; i++) {
      const apart = Math.abs((this.#levels[i] as LimitText).freqHz - freqHz)
      if (apart >= distance) continue
      best = i
      distance = apart
    }
    return best
  }
}
