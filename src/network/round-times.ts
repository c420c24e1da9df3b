const remembered = 8

/** What rounds of units have taken lately, s, by place and last sub-network of the round. */
export interface RoundTimes {
  took(place: number, subnet: number, elapsedS: number): void
  /** Time to allow for a round: the second longest of its last eight, or `scaledS`, what the round before says of it, when that is longer. */
  forecast(place: number, subnet: number, scaledS: number): number
  /** A round was left out for want of time: its past fades all the same, or slow times would keep it out for ever. */
  passed(place: number, subnet: number, scaledS: number): void
}

/**
 * The last eight times of each round. The longest does not count: on a busy machine one round in some twenty is interrupted, and a forecast that
 * clings to it gives answers away that would have been in time. What keeps on slowing rounds down counts from its second one on.
 */
export function makeRoundTimes(places: number, subnets: number): RoundTimes {
  const timesS = new Float64Array(places * subnets * remembered)
  const next = new Uint8Array(places * subnets)
  const took: RoundTimes['took'] = (place, subnet, elapsedS) => {
    const row = place * subnets + subnet
    const at = next[row] as number
    timesS[row * remembered + at] = elapsedS
    next[row] = (at + 1) % remembered
  }
  return {
    took,
    forecast(place, subnet, scaledS) {
      const start = (place * subnets + subnet) * remembered
      let longestS = 0
      let secondS = 0
      for (let k = start; k < start + remembered; k++) {
        const timeS = timesS[k] as number
        if (timeS > longestS) {
          secondS = longestS
          longestS = timeS
        } else if (timeS > secondS) secondS = timeS
      }
      return Math.max(scaledS, secondS)
    },
    passed: took,
  }
}
