import type { Throttle } from '../../../envs/sim/throttle.ts'

// A trip that may take away a dozen steps is told apart in so many.
const mostLevels = 4

/**
 * States of the throttle that a plan tells apart, as levels of each rule: nothing taken away; then trip after trip, the colder ones already all the way, since
 * a hotter trip is passed later.
 */
export function throttleModes({ rules }: Throttle): Int32Array[] {
  const modes = [new Int32Array(rules.length)]
  const trips = [...new Set(rules.map(({ tempC }) => tempC))].sort((a, b) => a - b)
  for (const tripC of trips) {
    const own = rules.filter(({ tempC }) => tempC === tripC)
    const least = Math.min(...own.map(({ from }) => from))
    const most = Math.max(...own.map(({ to }) => to))
    const count = Math.min(mostLevels, most - least + 1)
    for (let k = 0; k < count; k++) {
      const level = count === 1 ? most : Math.round(least + (k * (most - least)) / (count - 1))
      modes.push(Int32Array.from(rules, ({ tempC, from, to }) => (tempC < tripC ? to : tempC > tripC ? 0 : Math.min(to, Math.max(from, level)))))
    }
  }
  return modes
}

/** Index of the mode that is nearest to these levels, in steps. No allocation. */
export function nearestMode(modes: readonly Int32Array[], levels: Int32Array): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let m = 0; m < modes.length; m++) {
    const mode = modes[m] as Int32Array
    let steps = 0
    for (let r = 0; r < levels.length; r++) steps += Math.abs((mode[r] as number) - (levels[r] as number))
    if (steps < least) {
      least = steps
      best = m
    }
  }
  return best
}
