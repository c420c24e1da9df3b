import { FlyballError } from '../../../src/core/errors.ts'
import type { Rng } from '../../../src/core/rng.ts'
import type { Scenario, Stream } from './schema.ts'

type Timed = Exclude<Stream, { kind: 'back-to-back' }>

/** A stretch of one stream. Times in s of requests, rates in 1/s. */
interface Stretch {
  readonly fromS: number
  readonly kind: Timed['kind']
  readonly rateHz: number
  /** Of bursts: mean lengths, and the rate between them. */
  readonly forS: number
  readonly restHz: number
  readonly restS: number
}

/** How requests come. */
export interface ArrivalPlan {
  readonly stretches: readonly Stretch[]
  /** After so many seconds of requests the first stretch comes again; infinite: never. */
  readonly cycleS: number
  /** Mean over the scenario, 1/s; undefined: back to back. */
  readonly rateHz: number | undefined
  /** Seconds of the scenario in a second of requests. */
  readonly timeScale: number
}

/** `capacityHz`: requests per second at load 1. */
export function planArrivals(scenario: Scenario, capacityHz: number): ArrivalPlan {
  const { durationS, requests, after } = scenario
  const timed = scenario.arrivals.filter((stream): stream is Timed => stream.kind !== 'back-to-back')
  const rateOf = (stream: Timed): number => (stream.kind === 'idle' ? 0 : (stream.rateHz ?? (stream.load as number) * capacityHz))
  const meanOf = (stream: Timed): number =>
    stream.kind === 'bursts' ? (rateOf(stream) * (stream.forS + stream.restShare * stream.restS)) / (stream.forS + stream.restS) : rateOf(stream)
  const lengthOf = (i: number): number => (timed[i + 1]?.fromS ?? durationS) - (timed[i] as Timed).fromS
  const rateHz = timed.length === 0 ? undefined : timed.reduce((sum, stream, i) => sum + meanOf(stream) * lengthOf(i), 0) / durationS
  const timeScale = scenario.timeScale ?? (requests === undefined ? 1 : (durationS * (rateHz ?? capacityHz)) / requests)
  return {
    stretches: timed.map((stream) => ({
      fromS: stream.fromS / timeScale,
      kind: stream.kind,
      rateHz: rateOf(stream),
      ...(stream.kind === 'bursts'
        ? { forS: stream.forS / timeScale, restHz: rateOf(stream) * stream.restShare, restS: stream.restS / timeScale }
        : { forS: Number.POSITIVE_INFINITY, restHz: 0, restS: 0 }),
    })),
    cycleS: after === 'repeat' ? durationS / timeScale : Number.POSITIVE_INFINITY,
    rateHz,
    timeScale,
  }
}

export interface ArrivalStream {
  begin(rng: Rng): void
  /** Arrival of request k, s of requests, since `begin`. Any k from 1,000 before the latest one asked for. No allocation. */
  at(k: number): number
}

const kept = 2048
/** Drawn at once: one at a time they take three times as long. */
const ahead = 128

/**
 * Draws arrivals as they are asked for. Between two of them the rate adds up to 1 where they are periodic, and to an exponential variable with mean 1 in a
 * Poisson process, so that any rate that changes in steps is drawn exactly (time change of a Poisson process).
 */
export function makeArrivalStream({ stretches, cycleS }: ArrivalPlan): ArrivalStream {
  const ring = new Float64Array(kept)
  let rng: Rng
  // Fields and no variables: those that a closure keeps get a new box at each change.
  const drawn = { nowS: Number.NaN, rateHz: Number.NaN, endS: Number.NaN, stretchEndS: Number.NaN }
  let count = 0
  let cycle = 0
  let index = 0
  let stretch = stretches[0] as Stretch
  let chance = true
  let busy = true

  const enter = (i: number): void => {
    index = i
    stretch = stretches[i] as Stretch
    drawn.stretchEndS = cycle === 0 ? endOf(i) : cycle * cycleS + endOf(i)
    chance = stretch.kind === 'poisson' || stretch.kind === 'bursts'
    busy = stretch.kind !== 'bursts' || rng.next() * (stretch.forS + stretch.restS) < stretch.forS
    setPiece()
  }
  const endOf = (i: number): number => stretches[i + 1]?.fromS ?? cycleS
  const setPiece = (): void => {
    drawn.rateHz = busy ? stretch.rateHz : stretch.restHz
    const pieceEndS = stretch.kind === 'bursts' ? drawn.nowS + (busy ? stretch.forS : stretch.restS) * rng.exponential() : Number.POSITIVE_INFINITY
    drawn.endS = Math.min(pieceEndS, drawn.stretchEndS)
  }

  const next = (): number => {
    let work = chance ? rng.exponential() : count === 0 ? 0 : 1
    for (;;) {
      const possible = drawn.rateHz > 0 ? drawn.rateHz * (drawn.endS - drawn.nowS) : -1
      if (work <= possible) {
        drawn.nowS += work / drawn.rateHz
        return drawn.nowS
      }
      work -= Math.max(0, possible)
      drawn.nowS = drawn.endS
      if (drawn.endS < drawn.stretchEndS) {
        busy = !busy
        setPiece()
      } else {
        const i = (index + 1) % stretches.length
        if (i === 0) cycle++
        enter(i)
      }
    }
  }

  const drawTo = (k: number): void => {
    const end = k + ahead
    while (count < end) {
      ring[count % kept] = next()
      count++
    }
  }

  return {
    begin(own) {
      rng = own
      drawn.nowS = 0
      count = 0
      cycle = 0
      enter(0)
    },
    at(k) {
      if (count <= k) drawTo(k)
      if (k < count - kept)
        throw new FlyballError('ERR_INTERNAL', `arrival ${k} is asked for after arrival ${count - 1}, expected at most ${kept} before it`)
      return ring[k % kept] as number
    },
  }
}
