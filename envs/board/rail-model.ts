/**
 * What a rail takes, as far as duration and the inference threads' modelled energy tell: E = basePowerW * durationS + scale * modelJ, fitted to what the sensor
 * measured by least squares that forget slowly. For decisions that the sensor is too slow for, or misses. Scalar, no allocation.
 */
export interface RailModel {
  /** A stretch of which the sensor's energy is known. */
  learn(durationS: number, modelJ: number, energyJ: number): void
  /** J; NaN before it knows enough. */
  predict(durationS: number, modelJ: number): number
}

/** Weight of a stretch after one more: some 700 count. */
const memory = 0.999
/** Stretches before a prediction. */
const least = 5

export function makeRailModel(): RailModel {
  const sum = { tt: 0, tm: 0, mm: 0, te: 0, me: 0 }
  const fit = { basePowerW: Number.NaN, scale: 0 }
  let seen = 0

  /** Both not below 0: a rail gives nothing back. */
  const solve = (): void => {
    const { tt, tm, mm, te, me } = sum
    const determinant = tt * mm - tm * tm
    // Where the threads' share never varied, time alone tells.
    if (determinant > 1e-9 * tt * mm) {
      fit.basePowerW = (te * mm - me * tm) / determinant
      fit.scale = (tt * me - tm * te) / determinant
    } else {
      fit.basePowerW = te / tt
      fit.scale = 0
    }
    if (fit.scale < 0) {
      fit.scale = 0
      fit.basePowerW = te / tt
    } else if (fit.basePowerW < 0) {
      fit.basePowerW = 0
      fit.scale = me / mm
    }
  }

  return {
    learn(durationS, modelJ, energyJ) {
      if (!(durationS > 0 && energyJ >= 0)) return
      const known = Number.isNaN(modelJ) ? 0 : modelJ
      sum.tt = memory * sum.tt + durationS * durationS
      sum.tm = memory * sum.tm + durationS * known
      sum.mm = memory * sum.mm + known * known
      sum.te = memory * sum.te + durationS * energyJ
      sum.me = memory * sum.me + known * energyJ
      seen++
      solve()
    },
    predict: (durationS, modelJ) => (seen < least ? Number.NaN : fit.basePowerW * durationS + fit.scale * (Number.isNaN(modelJ) ? 0 : modelJ)),
  }
}
