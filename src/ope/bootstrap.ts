import type { Rng } from '../core/rng.ts'
import type { Blocks, Parts } from './block-sums.ts'

/** A value with its 95 % interval; `lo` and `hi` are NaN where the log holds too little to tell. */
export interface ValueInterval {
  readonly value: number
  readonly lo: number
  readonly hi: number
}

/** How often each draw takes each unit: `counts[d * units + j]`. Shared by all estimates of a log, so that differences are paired. */
export interface Draws {
  readonly draws: number
  readonly units: number
  readonly counts: Uint8Array
}

/** Draws with replacement as many units as there are. At least 199 draws, and best 199, 399, 999: then the 2.5 % points are ranks, not interpolated. */
export function drawUnits(units: number, draws: number, rng: Rng): Draws {
  const counts = new Uint8Array(draws * units)
  for (let d = 0; d < draws; d++)
    for (let j = 0; j < units; j++) {
      const at = d * units + rng.int(units)
      counts[at] = (counts[at] as number) + 1
    }
  return { draws, units, counts }
}

/** An estimate, and how it compares with the mean logged reward on the same rounds: (value - logged) / |logged|. */
export interface Estimated {
  readonly value: ValueInterval
  readonly difference: ValueInterval
  readonly relative: ValueInterval
}

/**
 * Studentised block bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 12; blocks: Carlstein, "The use of
 * subseries values for estimating the variance of a general statistic from a stationary sequence", Annals of Statistics 1986): the distribution
 * of (V* - V) / se* over draws of whole units, each with its own delta-method standard error, in the place of Student's t. Skewed contributions, as
 * large weights make them, shift both ends as they should.
 */
export function bootstrapEstimate(blocks: Blocks, { direct, terms, normaliser }: Parts, { draws, units, counts }: Draws): Estimated {
  const { rounds, reward } = blocks
  const whole = { value: 0, seValue: 0, logged: 0, seDifference: 0, seRelative: 0 }
  const drawn = { ...whole }

  /** Statistics of the log in which unit j stands `times[from + j]` times. */
  const fill = (out: typeof whole, times: ArrayLike<number>, from: number): void => {
    let [n, a, b, c, r] = [0, 0, 0, 0, 0]
    for (let j = 0; j < units; j++) {
      const k = times[from + j] as number
      n += k * (rounds[j] as number)
      a += k * (direct[j] as number)
      b += k * (terms[j] as number)
      c += k * (normaliser[j] as number)
      r += k * (reward[j] as number)
    }
    const meanDirect = a / n
    const ratio = b / c
    const value = meanDirect + ratio
    const logged = r / n
    const slope = -value / (logged * Math.abs(logged))
    let [vv, dd, rr] = [0, 0, 0]
    for (let j = 0; j < units; j++) {
      const k = times[from + j] as number
      if (k === 0) continue
      const ofValue =
        ((direct[j] as number) - meanDirect * (rounds[j] as number)) / n + ((terms[j] as number) - ratio * (normaliser[j] as number)) / c
      const ofLogged = ((reward[j] as number) - logged * (rounds[j] as number)) / n
      const ofDifference = ofValue - ofLogged
      const ofRelative = ofValue / Math.abs(logged) + slope * ofLogged
      vv += k * ofValue * ofValue
      dd += k * ofDifference * ofDifference
      rr += k * ofRelative * ofRelative
    }
    const correction = units / (units - 1)
    out.value = value
    out.logged = logged
    out.seValue = Math.sqrt(vv * correction)
    out.seDifference = Math.sqrt(dd * correction)
    out.seRelative = Math.sqrt(rr * correction)
  }

  fill(whole, new Uint8Array(units).fill(1), 0)
  const difference = whole.value - whole.logged
  const relative = difference / Math.abs(whole.logged)
  const [ofValue, ofDifference, ofRelative] = [new Float64Array(draws), new Float64Array(draws), new Float64Array(draws)]
  for (let d = 0; d < draws; d++) {
    fill(drawn, counts, d * units)
    const drawnDifference = drawn.value - drawn.logged
    ofValue[d] = (drawn.value - whole.value) / drawn.seValue
    ofDifference[d] = (drawnDifference - difference) / drawn.seDifference
    ofRelative[d] = (drawnDifference / Math.abs(drawn.logged) - relative) / drawn.seRelative
  }
  return {
    value: studentised(whole.value, whole.seValue, ofValue),
    difference: studentised(difference, whole.seDifference, ofDifference),
    relative: studentised(relative, whole.seRelative, ofRelative),
  }
}

/** Mean logged reward. */
export function bootstrapLogged(blocks: Blocks, draws: Draws): ValueInterval {
  const { reward, rounds } = blocks
  return bootstrapEstimate(blocks, { direct: new Float64Array(blocks.count), terms: reward, normaliser: rounds }, draws).value
}

/** Standard error by the delta method over the units. */
export function standardError(influence: Float64Array): number {
  let squares = 0
  for (const each of influence) squares += each * each
  return Math.sqrt((squares * influence.length) / (influence.length - 1))
}

/** `t` is sorted in place; draws without spread say nothing and are left out. */
function studentised(value: number, se: number, t: Float64Array): ValueInterval {
  // All contributions alike: nothing varies, as far as this log can tell.
  if (se === 0) return { value, lo: value, hi: value }
  const usable = t.filter(Number.isFinite).sort()
  const rank = Math.round(0.025 * (usable.length + 1))
  if (!(se > 0) || rank < 1 || usable.length < t.length / 2) return { value, lo: Number.NaN, hi: Number.NaN }
  return { value, lo: value - (usable[usable.length - rank] as number) * se, hi: value - (usable[rank - 1] as number) * se }
}
