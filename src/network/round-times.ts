// A hiccup is forgotten by half within some eleven rounds.
const forgetting = 1 / 16

/** What rounds of units have taken lately, s, by place and last sub-network of the round. */
export interface RoundTimes {
  took(place: number, subnet: number, elapsedS: number): void
  /** Time to allow for a round: the longest it took lately, or `scaledS`, what the round before says of it, when that is longer. */
  forecast(place: number, subnet: number, scaledS: number): number
  /** A round was left out for want of time: its past fades all the same, or one hiccup would keep it out for ever. */
  passed(place: number, subnet: number, scaledS: number): void
}

/** A running maximum of each round: up at once, down by a sixteenth of the difference. */
export function makeRoundTimes(places: number, subnets: number): RoundTimes {
  const longestS = new Float64Array(places * subnets)
  const took: RoundTimes['took'] = (place, subnet, elapsedS) => {
    const at = place * subnets + subnet
    const heldS = longestS[at] as number
    longestS[at] = elapsedS >= heldS ? elapsedS : heldS + (elapsedS - heldS) * forgetting
  }
  return {
    took,
    forecast: (place, subnet, scaledS) => Math.max(scaledS, longestS[place * subnets + subnet] as number),
    passed: took,
  }
}
