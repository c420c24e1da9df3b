/** Tells jumps from stalls of one level, which the next look will show again: one error far outside may be either, two in a row of one sign are a jump. */
export interface Surprise {
  /** Whether the last error was far outside. */
  readonly far: boolean
  /** Standardised error of the next look; answers whether the level has jumped. `known`: what was looked at is known well. No allocation. */
  update(z: number, known: boolean): boolean
  save(): readonly number[]
}

/** Standard deviations beyond which an error is far. */
const outside = 4
// What was long ago fades.
const most = 20

/**
 * The level is believed to have jumped with the second far error of one sign, or with the first where that has proved right more often than not. Whether an error was a stall is told by the next.
 */
export function makeSurprise(saved: readonly number[] = [0, 0, 1, 0]): Surprise {
  let [pending, acted, stalls, jumps] = saved as [number, number, number, number]
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
    update(z, known) {
      far = Math.abs(z) > outside
      const sign = Math.sign(z)
      const before = pending
      pending = 0
      if (acted !== 0) {
        // Back again at once: it was a stall.
        const back = far && sign === -acted
        count(back)
        acted = 0
        return back
      }
      if (!far) {
        if (before !== 0 && known) count(true)
        return false
      }
      if (before === sign) {
        count(false)
        return true
      }
      if (known && jumps > stalls) {
        acted = sign
        return true
      }
      pending = sign
      return false
    },
    save: () => [pending, acted, stalls, jumps],
  }
}
