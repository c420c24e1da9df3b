import { limitBit } from '../../src/core/limits.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { normalBeyond } from '../maths/normal-table.ts'
import type { Belief } from './belief.ts'
import type { Costing } from './costing.ts'

/**
 * Limits that `best` is believed to break, as bits, where no allowed point is believed to keep all of them; else 0. What is not known of a point is left out: one that might do once it is
 * known is no reason to call a requirement infeasible. At what belief and costing last read; no allocation; looks at other points only where the best breaks something.
 */
export type Relaxing = (requirements: Requirements, mask: Mask, best: number) => number

export function makeRelaxing(belief: Belief, costing: Costing): Relaxing {
  const { axes, latency, power, waiting } = belief
  const { deadlineS: late, energyBudgetJ: over, accuracyFloor: below } = limitBit

  const broken = (i: number, logLeft: number, tolerated: number, logBudget: number): number => {
    const c = axes.cluster[i] as number
    const log = (latency.field.mean[i] as number) + (latency.offset[c] as number)
    const missRatio = normalBeyond((logLeft - log) / Math.sqrt(latency.noise[c] as number))
    const logEnergy = log + (power.field.mean[i] as number) + (power.offset[c] as number)
    return (missRatio > tolerated ? late : 0) + (logEnergy > logBudget ? over : 0) + (costing.belowFloor[i] === 1 ? below : 0)
  }

  return ({ deadlineS, energyBudgetJ, percentile }, mask, best) => {
    if (!belief.informed) return 0
    const logLeft = deadlineS === undefined ? Number.POSITIVE_INFINITY : Math.log(Math.max(deadlineS - waiting.waitedS, 1e-3 * deadlineS))
    const logBudget = energyBudgetJ === undefined || !belief.energyKnown ? Number.POSITIVE_INFINITY : Math.log(energyBudgetJ)
    const tolerated = 1 - percentile / 100
    const bits = broken(best, logLeft, tolerated, logBudget)
    if (bits === 0) return 0
    for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && broken(i, logLeft, tolerated, logBudget) === 0) return 0
    return bits
  }
}
