import { mean } from '../../src/core/statistics.ts'

/** A look at a process. */
export interface Sample {
  /** Since its start: s of the clock that the soak is about. */
  readonly timeS: number
  readonly residentB: number
  readonly descriptors: number
}

export interface SoakFigures {
  /** Samples after the warm-up. */
  readonly samples: number
  /** Mean resident memory of the first and of the last tenth of them, B. */
  readonly firstTenthB: number
  readonly lastTenthB: number
  /** Last over first, less 1. */
  readonly growthRatio: number
  /** Slope of the line of least squares through all of them, B/h. */
  readonly slopeBPerH: number
  readonly mostResidentB: number
  /** Open descriptors after the warm-up and at the end, and the most in between. */
  readonly firstDescriptors: number
  readonly lastDescriptors: number
  readonly mostDescriptors: number
  /** Within 5 %. */
  readonly flat: boolean
  /** No more descriptors than after the warm-up. */
  readonly keepsDescriptors: boolean
}

const allowedRatio = 0.05

/** Figures over the samples from `warmUpS` on; undefined where fewer than ten are left. */
export function judgeSoak(samples: readonly Sample[], warmUpS: number): SoakFigures | undefined {
  const warm = samples.filter(({ timeS }) => timeS >= warmUpS)
  const tenth = Math.floor(warm.length / 10)
  if (tenth < 1) return undefined
  const residentB = (part: readonly Sample[]): number => mean(part.map((sample) => sample.residentB))
  const firstTenthB = residentB(warm.slice(0, tenth))
  const lastTenthB = residentB(warm.slice(-tenth))
  const growthRatio = lastTenthB / firstTenthB - 1
  const firstDescriptors = (warm[0] as Sample).descriptors
  const lastDescriptors = (warm.at(-1) as Sample).descriptors
  return {
    samples: warm.length,
    firstTenthB,
    lastTenthB,
    growthRatio,
    slopeBPerH: 3600 * slopeOf(warm),
    mostResidentB: Math.max(...warm.map((sample) => sample.residentB)),
    firstDescriptors,
    lastDescriptors,
    mostDescriptors: Math.max(...warm.map((sample) => sample.descriptors)),
    flat: Math.abs(growthRatio) <= allowedRatio,
    keepsDescriptors: lastDescriptors <= firstDescriptors,
  }
}

/** B/s. */
function slopeOf(samples: readonly Sample[]): number {
  const middleS = mean(samples.map(({ timeS }) => timeS))
  const middleB = mean(samples.map(({ residentB }) => residentB))
  let together = 0
  let squares = 0
  for (const { timeS, residentB } of samples) {
    together += (timeS - middleS) * (residentB - middleB)
    squares += (timeS - middleS) ** 2
  }
  return together / squares
}
