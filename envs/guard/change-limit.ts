/** At most so many changes in any one second. */
export interface ChangeLimit {
  /** Whether one more is allowed now. */
  allows(nowS: number): boolean
  changed(nowS: number): void
}

const windowS = 1

/** Remembers the last `most` changes: the oldest of them must be a second old. Changes that could not wait are counted too. */
export function makeChangeLimit(most: number): ChangeLimit {
  const timesS = new Float64Array(most).fill(Number.NEGATIVE_INFINITY)
  let oldest = 0
  return {
    allows: (nowS) => nowS - (timesS[oldest] as number) >= windowS,
    changed(nowS) {
      timesS[oldest] = nowS
      oldest = oldest + 1 === most ? 0 : oldest + 1
    },
  }
}
