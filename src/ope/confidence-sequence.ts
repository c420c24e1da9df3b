import { FlyballError } from '../core/errors.ts'
import type { RoundColumns } from './rounds.ts'

export interface SequenceSettings {
  /** `dr` needs a model that no logged outcome after its round went into. */
  readonly estimator: 'ips' | 'dr'
  /** What rewards lie between: declared, not looked up in the log. */
  readonly rewardRange: readonly [low: number, high: number]
  /** What no weight exceeds: declared. */
  readonly weightBound: number
  /** Chance of ever being wrong. Default 0.05. */
  readonly alpha?: number
}

export interface ConfidenceSequence {
  /** Throws ERR_RANGE for a round that breaks what was declared: the sequence would be worth nothing. */
  add(chunk: RoundColumns): void
  /** Covers the mean of the target's value over the rounds so far, at all times at once. Of no rounds: the range. */
  interval(): { readonly lo: number; readonly hi: number }
}

/**
 * Anytime-valid interval for a policy's value: it may be looked at after every round, and logging may stop when it says enough, and it
 * still ever fails in at most a share alpha of logs. Empirical Bernstein with predictable plug-ins (Waudby-Smith and Ramdas, "Estimating means of bounded
 * random variables by betting", JRSS B 2024, theorem 2; Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
 * sequences", Annals of Statistics 2021), in the one-sided form for importance weights of Waudby-Smith, Wu, Ramdas, Karampatziakis, Mineiro ("Anytime-valid
 * off-policy inference for contextual bandits", ACM/IMS Journal of Data Science 2024): the lower end needs contributions that are bounded below only, and
 * the upper end is the lower end of 1 - reward. Contributions, of rewards scaled to [0, 1]:
 *
 *     ips: w r >= 0     dr: q(target) + w (r - q) >= -weightBound
 */
export function makeConfidenceSequence({ estimator, rewardRange, weightBound, alpha = 0.05 }: SequenceSettings): ConfidenceSequence {
  const [low, high] = rewardRange
  if (!(low < high) || !(weightBound > 0))
    throw new FlyballError(
      'ERR_RANGE',
      `rewards from ${low} to ${high} and weights up to ${weightBound}, expected two rising numbers and one above 0`,
    )
  const below = estimator === 'ips' ? 0 : weightBound
  const lower = makeLowerBound(below, alpha / 2)
  const upper = makeLowerBound(below, alpha / 2)
  const width = high - low
  let round = 0
  const scaled = (value: number): number => (value - low) / width
  // A model may predict what cannot be: kept within the range it is as good a control variate.
  const kept = (value: number): number => Math.min(1, Math.max(0, scaled(value)))

  return {
    add({ length, reward, weight, modelLogged, modelTarget }) {
      for (let i = 0; i < length; i++) {
        round++
        const r = reward[i] as number
        const w = weight[i] as number
        if (!(r >= low && r <= high))
          throw new FlyballError('ERR_RANGE', `round ${round}: the reward is ${r}, expected ${low} to ${high} as declared`)
        if (!(w <= weightBound))
          throw new FlyballError('ERR_RANGE', `round ${round}: the importance weight is ${w}, expected at most ${weightBound} as declared`)
        if (estimator === 'ips') {
          lower.add(w * scaled(r))
          upper.add(w * (1 - scaled(r)))
        } else {
          const q = kept(modelLogged[i] as number)
          const expected = kept(modelTarget[i] as number)
          const value = expected + w * (scaled(r) - q)
          lower.add(value)
          upper.add(1 - value)
        }
      }
    },
    interval: () => ({ lo: low + width * Math.max(0, lower.value()), hi: high - width * Math.max(0, upper.value()) }),
  }
}

/** Most that is staked on a single round. */
const mostStake = 0.5

/** Lower end for the mean of contributions of at least -below whose mean is in [0, 1]; -Infinity before the first. O(1) in time and memory. */
function makeLowerBound(below: number, alpha: number): { add(value: number): void; value(): number } {
  const scale = 1 / (1 + below)
  const cost = Math.log(1 / alpha)
  let n = 0
  let sum = 0.5 * scale
  // As if one round had been seen that was off by half.
  let squares = 0.25 * scale * scale
  let staked = 0
  let won = 0
  let paid = 0
  return {
    add(value) {
      const x = value * scale
      const variance = squares / (n + 1)
      const stake = Math.min(mostStake, Math.sqrt((2 * cost) / (variance * (n + 1) * Math.log(n + 2))))
      // What is expected must not lie more than 1 above what can come.
      const guess = Math.min(sum / (n + 1), scale)
      staked += stake
      won += stake * x
      paid += (x - guess) ** 2 * (-Math.log1p(-stake) - stake)
      n++
      sum += x
      squares += (x - sum / (n + 1)) ** 2
    },
    value: () => (n === 0 ? Number.NEGATIVE_INFINITY : (won - cost - paid) / staked / scale),
  }
}
