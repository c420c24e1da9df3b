/** Watches standardised errors for a lasting change. */
export interface ChangePoint {
  /** How far the evidence has come, as a share of what is asked; its sign says in which direction. */
  readonly evidence: number
  /** The middle of the last three values: where it has changed to. */
  readonly level: number
  /** One error in standard deviations, and the value itself. Answers whether a change is called, after which it begins anew. No allocation. */
  update(z: number, value: number): boolean
  /** Begins anew. */
  clear(): void
  save(): readonly number[]
}

// Errors below so many standard deviations speak for no change.
const slack = 0.75
// No single one counts for more than so many; the first of its kind, which may come of a tail, for hardly more than the slack.
const most = 3.5
const alone = 1.75

/**
 * Two-sided CUSUM (Page, "Continuous inspection schemes", Biometrika 41, 1954) on clipped errors:
 *
 *     up <- max(0, up + z - slack)      down <- max(0, down - z - slack)      a change is called where either passes the threshold
 *
 * A large error that does not follow another one in its direction counts for little: a tail comes alone, a change stays.
 */
export function makeChangePoint(threshold: number, saved: readonly number[] = [0, 0, 0, 0, 0, 0]): ChangePoint {
  let [up, down, last, first, second, third] = saved as [number, number, number, number, number, number]
  return {
    get evidence() {
      return (up >= down ? up : -down) / threshold
    },
    get level() {
      return Math.max(Math.min(first, second), Math.min(Math.max(first, second), third))
    },
    update(z, value) {
      const bound = (z > 0 ? last : -last) > alone ? most : alone
      const clipped = z > most ? bound : z < -most ? -bound : z
      last = z
      first = second
      second = third
      third = value
      up = Math.max(0, up + clipped - slack)
      down = Math.max(0, down - clipped - slack)
      if (up <= threshold && down <= threshold) return false
      this.clear()
      return true
    },
    clear() {
      up = 0
      down = 0
      last = 0
    },
    save: () => [up, down, last, first, second, third],
  }
}
