/** What trials may still cost, in the objective's unit. */
export interface Purse {
  /** What another trial has to be worth. */
  readonly hurdle: number
  /** A decision was taken: `best` is what the point believed best was expected to cost, `spent` what a trial in its place took, undefined where it was none. No allocation. */
  decided(best: number, spent: number | undefined): void
  save(): readonly number[]
}

// Worth that is asked of a trial for each unit of debt.
const steepness = 20

/**
 * Keeps what trials cost near a share of what is spent anyway, as in conservative bandits (Wu, Shariff, Lattimore, Szepesvari, ICML 2016), but softly: the deeper in debt, the more a trial has to be
 * worth, so that small improvements wait while a large one does not. An infinite share asks nothing.
 */
export function makePurse(share: number, saved: readonly number[] = [0]): Purse {
  let [balance] = saved as [number]
  return {
    get hurdle() {
      return balance < 0 ? -steepness * balance : 0
    },
    decided(best, spent) {
      if (share === Number.POSITIVE_INFINITY || !(best > 0)) return
      balance += share * best
      if (spent !== undefined && spent > best) balance -= spent - best
    },
    save: () => [balance],
  }
}
