/** Watches standardised errors for a lasting change. */
export interface ChangePoint {
  /** How far the evidence has come, as a share of what is asked; its sign says in which direction. */
  readonly evidence: number
  /** Answers whether a change is called, after which it begins anew. No allocation. */
  update(z: number): boolean
  /** Begins anew. */
  clear(): void
  save(): readonly number[]
}

// Errors below so many standard deviations speak for no change, and no single one counts for more than so many: a tail is no change.
const slack = 0.75
const most = 3.5

/**
 * Two-sided CUSUM (Page, "Continuous inspection schemes", Biometrika 41, 1954) on clipped errors:
 *
 *     up <- max(0, up + z - slack)      down <- max(0, down - z - slack)      a change is called where either passes the threshold
 */
export function makeChangePoint(threshold: number, saved: readonly number[] = [0, 0]): ChangePoint {
  let [up, down] = saved as [number, number]
  return {
    get evidence() {
      return (up >= down ? up : -down) / threshold
    },
    update(z) {
      const clipped = Math.min(most, Math.max(-most, z))
      up = Math.max(0, up + clipped - slack)
      down = Math.max(0, down - clipped - slack)
      if (up <= threshold && down <= threshold) return false
      this.clear()
      return true
    },
    clear() {
      up = 0
      down = 0
    },
    save: () => [up, down],
  }
}
