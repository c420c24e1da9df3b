import type { ExpectedOutcome } from '../../src/core/env.ts'
import { logNormalExceeds } from '../../src/core/normal.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Load } from './plant-state.ts'

/**
 * Means of a load over jitter (log-normal, mean 1) and tail (in which threads wait: only the static power goes on), and the probabilities that it breaks what is asked.
 * `waitS`: in the queue before. No allocation.
 */
export function fillExpected(
  load: Load,
  tailFactor: number,
  accuracy: number,
  waitS: number,
  requirements: Requirements,
  out: ExpectedOutcome,
): void {
  const { switchS, switchJ, serviceS, busyJ, staticW, sigma, tailShare } = load
  const latencyS = switchS + serviceS * (1 + tailShare * (tailFactor - 1))
  out.latencyS = waitS + latencyS
  out.energyJ = busyJ + switchJ + staticW * latencyS
  out.accuracy = accuracy
  out.confidence = Number.NaN
  out.missRatio = 0
  out.brokenRatio = 0
  const { deadlineS, energyBudgetJ } = requirements
  if (deadlineS === undefined && energyBudgetJ === undefined) return
  const mu = (-sigma * sigma) / 2
  // The jitter beyond which the deadline is missed, and the budget is overdrawn, without and with the tail: both grow with it, so the lesser decides.
  const late = deadlineS === undefined ? Number.POSITIVE_INFINITY : (deadlineS - waitS - switchS) / serviceS
  const usual = logNormalExceeds(late, mu, sigma)
  const slow = logNormalExceeds(late / tailFactor, mu, sigma)
  out.missRatio = usual + tailShare * (slow - usual)
  out.brokenRatio = out.missRatio
  if (energyBudgetJ === undefined) return
  const leftJ = energyBudgetJ - switchJ - staticW * switchS
  const dear = leftJ / (busyJ + staticW * serviceS)
  const dearTail = leftJ / (busyJ + staticW * serviceS * tailFactor)
  const usualBroken = dear < late ? logNormalExceeds(dear, mu, sigma) : usual
  const slowBroken = dearTail < late / tailFactor ? logNormalExceeds(dearTail, mu, sigma) : slow
  out.brokenRatio = usualBroken + tailShare * (slowBroken - usualBroken)
}
