/** Belief about the temperature that a governor sees, as of two reservoirs in a row: one that follows power at once, one that follows with a time constant. */
export interface ThermalFilter {
  readonly timeConstantS: number
  /** What is believed of the temperature at the last decision, degC. NaN before the first reading. */
  readonly tempC: number
  /** Mean power of the past as the slow reservoir remembers it, W. */
  readonly slowW: number
  /** What no power accounts for: the room, and what always draws, degC. */
  readonly roomC: number
  /** K per W of what follows at once, and of what follows slowly. At least 0. */
  readonly fastKPerW: number
  readonly slowKPerW: number
  /** How badly readings were predicted of late, as a mean of minus twice their log-likelihood: less is better. */
  readonly misfit: number
  /** A first reading, degC, of a board that is taken for one that has done nothing; and power of the order that is to come. */
  begin(tempC: number, powerW: number): void
  /** So long at so many W; then a reading, degC, or NaN. No allocation. */
  update(tempC: number, powerW: number, durationS: number): void
  save(): readonly number[]
}

// Standard deviation of a reading: rounded to degrees, and noise.
const readingC = 0.7
// By how much the room may change from one decision to the next, as a standard deviation.
const roomDriftC = 0.1
// What the first reading tells of the room; and what either reservoir is thought to rise by at the power that was met first, give or take.
const firstRoomC = 1.5
const riseC = 15
const riseDoubtC = 10
// A reading that is off by more is a fault, until so many in a row are. Power that stays cannot make it leap, however little is known.
const faultDeviations = 5
const leastFaultC = 5
const leapC = 10
const insistence = 12
const memory = 0.995

/**
 * Least squares with a first-order lag as a regressor (an output-error model, so that noise of the readings does not bias it):
 *
 *     T = room + fast * P + slow * S + noise,     S follows P with `timeConstantS`,     the room walks at random
 *
 * as a Kalman filter on (room, fast, slow): recursive least squares whose forgetting concerns the room alone (Young, Recursive Estimation and Time-Series Analysis, 2011).
 */
export function makeThermalFilter(timeConstantS: number, saved?: readonly number[]): ThermalFilter {
  const mean = Float64Array.from(saved?.slice(0, 3) ?? [0, 0, 0])
  // Upper triangle of the covariance, row by row.
  const p = Float64Array.from(saved?.slice(3, 9) ?? [0, 0, 0, 0, 0, 0])
  let [slowW, powerW, misfit, refused, begun] = (saved?.slice(9) ?? [0, 0, 0, 0, 0]) as [number, number, number, number, number]
  const of = (array: Float64Array, i: number): number => array[i] as number
  const predicted = (): number => of(mean, 0) + of(mean, 1) * powerW + of(mean, 2) * slowW
  return {
    timeConstantS,
    get tempC() {
      return begun === 1 ? predicted() : Number.NaN
    },
    get slowW() {
      return slowW
    },
    get roomC() {
      return of(mean, 0)
    },
    get fastKPerW() {
      return Math.max(0, of(mean, 1))
    },
    get slowKPerW() {
      return Math.max(0, of(mean, 2))
    },
    get misfit() {
      return misfit
    },
    begin(tempC, firstW) {
      mean.set([tempC, riseC / firstW, riseC / firstW])
      p.fill(0)
      p[0] = firstRoomC ** 2
      p[3] = p[5] = (riseDoubtC / firstW) ** 2
      begun = 1
    },
    update(tempC, nowW, durationS) {
      if (begun === 0) return
      const mostLeapC = leapC + of(mean, 1) * Math.abs(nowW - powerW)
      powerW = nowW
      slowW = nowW + (slowW - nowW) * Math.exp(-durationS / timeConstantS)
      p[0] = of(p, 0) + roomDriftC * roomDriftC
      if (Number.isNaN(tempC)) return
      const g0 = of(p, 0) + of(p, 1) * powerW + of(p, 2) * slowW
      const g1 = of(p, 1) + of(p, 3) * powerW + of(p, 4) * slowW
      const g2 = of(p, 2) + of(p, 4) * powerW + of(p, 5) * slowW
      const total = g0 + g1 * powerW + g2 * slowW + readingC * readingC
      const error = tempC - predicted()
      if (Math.abs(error) > Math.max(leastFaultC, Math.min(mostLeapC, faultDeviations * Math.sqrt(total)))) {
        refused++
        if (refused < insistence) return
        // So it is: the room is another one.
        p[0] = of(p, 0) + error * error
        refused = 0
        return
      }
      refused = 0
      misfit = memory * misfit + (1 - memory) * ((error * error) / total + Math.log(total))
      const step = error / total
      mean[0] = of(mean, 0) + g0 * step
      mean[1] = of(mean, 1) + g1 * step
      mean[2] = of(mean, 2) + g2 * step
      p[0] = of(p, 0) - (g0 * g0) / total
      p[1] = of(p, 1) - (g0 * g1) / total
      p[2] = of(p, 2) - (g0 * g2) / total
      p[3] = of(p, 3) - (g1 * g1) / total
      p[4] = of(p, 4) - (g1 * g2) / total
      p[5] = of(p, 5) - (g2 * g2) / total
    },
    save: () => [...mean, ...p, slowW, powerW, misfit, refused, begun],
  }
}
