/** Tells jumps from stalls of one level, which the next look will show again: one error far outside may be either, two in a row of one sign are a jump. */
export interface Surprise {
  /** Whether the last error was far outside. */
  readonly far: boolean
  /** Whether that is still to be told: the next look at what is known does. */
  readonly open: boolean
  /** Standardised error of the next look; answers whether the level has jumped. `known`: what was looked at is known well. No allocation. */
  update(z: number, known: boolean): boolean
  save(): readonly number[]
}

/** Standard deviations beyond which an error is far. */
const outside = 4
// What was long ago fades.
const most = 20

/**
 * The level is believed to have jumped with the second far error of one sign, where one of the two was of something known (two new things may both be odd), or with the first where that has proved right more often than not. Whether an error was a stall is told by the next.
 */
export function makeSurprise(saved: readonly number[] = [0, 0, 1, 0, 0]): Surprise {
  let [pending, acted, stalls, jumps, pendingKnown] = saved as [number, number, number, number, number]
  let far = false

  const count = (stall: boolean): void => {
    if (stalls + jumps >= most) {
      stalls *= 1 - 1 / most
      jumps *= 1 - 1 / most
    }
    if (stall) stalls++
    else jumps++
  }

  return {
    get far() {
      return far
    },
    get open() {
      return pending !== 0
    },
    update(z, known) {
      far = Math.abs(z) > outside
      const sign = Math.sign(z)
      const [before, beforeKnown] = [pending, pendingKnown]
      pending = 0
      if (acted !== 0) {
        // Back again at once: it was a stall.
        const back = far && sign === -acted
        count(back)
        acted = 0
        return back
      }
      if (!far) {
        if (before === 0) return false
        if (known) {
          if (beforeKnown === 1) count(true)
        } else {
          pending = before
          pendingKnown = beforeKnown
        }
        return false
      }
      if (before === sign && (known || beforeKnown === 1)) {
        count(false)
        return true
      }
      if (known && jumps > stalls) {
        acted = sign
        return true
      }
      pending = sign
      pendingKnown = known ? 1 : 0
      return false
    },
    save: () => [pending, acted, stalls, jumps, pendingKnown],
  }
}
