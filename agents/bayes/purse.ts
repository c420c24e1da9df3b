/** What trials may still cost. In the objective's unit. */
export interface Purse {
  /** What another trial has to be worth. */
  readonly hurdle: number
  /** A decision was taken: `best` is what the point believed best was expected to cost, `spent` what a trial in its place did cost, undefined where it was none. No allocation. */
  decided(best: number, spent: number | undefined): void
  save(): readonly number[]
}

/**
 * Keeps what trials cost within a share of what would have been spent without them, as in conservative bandits (Wu, Shariff, Lattimore, Szepesvari, ICML 2016): who has a good idea of the best point
 * already can take its time to find a better one. It begins with `start` decisions' worth; a trial may be begun while there is anything left, and what it overdraws is paid back before the next one.
 */
const steep = Number((globalThis as any).process.env.T_STEEP ?? 10)

export function makePurse(share: number, start: number, saved: readonly number[] = [0, 0]): Purse {
  let [balance, known] = saved as [number, number]
  return {
    get hurdle() {
      return balance < 0 ? -steep * balance : 0
    },
    decided(best, spent) {
      if (share === Number.POSITIVE_INFINITY || !(best > 0)) return
      if (known === 0) balance = start * best
      known = 1
      balance += share * best
      if (spent !== undefined && spent > best) balance -= spent - best
    },
    save: () => [balance, known],
  }
}
