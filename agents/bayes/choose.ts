import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { normalBeyond, normalImprovement } from '../maths/normal-table.ts'
import type { Belief } from './belief.ts'
import type { Costing } from './costing.ts'
import type { Heat } from './heat.ts'
import { makeOutlook, type Outlook } from './outlook.ts'

/** A choice, and what it rests on. Reused. */
export interface Verdict {
  action: number
  /** The point that is believed best now: differs from the action where that is tried for what it may teach. */
  best: number
  /** The point that costs least now: differs from the best where heat is planned for. */
  myopic: number
  /** Whether the best point is likely enough to be in time; where none is, the least expected cost decides. */
  meets: boolean
  /** By how much the action's P(miss) is above the best point's and above what is tolerated. */
  ventured: number
}

export interface Chooser extends Pick<Outlook, 'risk' | 'predict'> {
  /** By point, as of the last choice: expected cost; with misses beyond the tolerated share at their price. */
  readonly cost: Float64Array
  /** Expected cost alone. */
  readonly plain: Float64Array
  /** `hurdle`: what a trial has to be worth at least. `missCredit`: misses that exploration may still cost; it tries nothing riskier than a quarter of that. No allocation. */
  choose(requirements: Requirements, mask: Mask, missCredit: number, explore: boolean, hurdle?: number): Verdict
}

export interface ChooserSettings {
  /** Decisions that a discovery pays for. */
  readonly horizon: number
  /** The largest gain, as a share of the best cost, that is hoped for at one point. */
  readonly boldness: number
  /** How many times the penalty each miss beyond the tolerated share counts for. */
  readonly strictness: number
  /** The most that it counts for at a point that is known, as a share of the least expected cost. */
  readonly premium: number
}

/** Share of the credit that one trial may risk. */
const riskShare = 0.5
// What a miss beyond the tolerated share counts for in a trial, in penalties, when one is left of the credit.
const missPrice = 4
// Standard deviations beyond which a gain is not to be hoped for.
const hopeless = 3.5
// The largest gain, as a share of the best cost, hoped for at a point whose cluster or network was never tried.
const unseen = 0.5
// Standard deviations of noise that a point must stay clear of a limit, to be of use for long.
const headroom = 2.3

/**
 * Least expected cost among points with P(miss) <= 1 - percentile / 100; where there is none, of all. P(miss) counts what is not known of the point as well as noise.
 *
 * Another point is tried instead where what it may teach is worth more than it costs: constrained expected improvement (Gardner et al., ICML 2014) over a horizon, less the price of one decision,
 *
 *     horizon * P(in time when known) * E[max(0, best - cost)] - (expected cost - best)
 *
 * where the uncertainty that one look takes away counts. Its own P(miss) must be within the credit.
 */
export function makeChooser(
  belief: Belief,
  costing: Costing,
  { horizon, boldness, strictness, premium }: ChooserSettings,
  heat: Heat | undefined,
): Chooser {
  const { axes, latency, power, lateStart } = belief
  const outlook = makeOutlook(belief)
  const { logLeft, lateBy } = outlook
  const { cluster } = axes
  const n = cluster.length
  const lateS = lateStart.seconds
  const lateShare = lateStart.share
  const miss = new Float64Array(n)
  const cost = new Float64Array(n)
  // Without what is paid to keep the percentile.
  const plain = new Float64Array(n)
  const energyPart = new Float64Array(n)
  // Median cost when nothing is broken.
  const kept = new Float64Array(n)
  const verdict: Verdict = { action: 0, best: 0, myopic: 0, meets: false, ventured: 0 }
  const tMean = latency.field.mean
  const tVariance = latency.field.variance
  const tPrecision = latency.field.precision
  const pMean = power.field.mean
  const pVariance = power.field.variance
  const pPrecision = power.field.precision
  const tOffset = latency.offset
  const tDoubt = latency.doubt
  const tNoise = latency.noise
  const pOffset = power.offset
  const pDoubt = power.doubt
  const pNoise = power.noise
  const toll = heat?.toll ?? new Float64Array(0)
  const tUnsettled = latency.unsettled
  const pUnsettled = power.unsettled

  /** The fastest that is not below the floor, by what is known before anything is measured. */
  const fastest = (mask: Mask): number => {
    const { belowFloor } = costing
    let best = -1
    for (let i = 0; i < n; i++) {
      if (mask[i] !== 1) continue
      const lower = best < 0 ? -1 : (belowFloor[i] as number) - (belowFloor[best] as number)
      if (lower < 0 || (lower === 0 && (tMean[i] as number) < (tMean[best] as number))) best = i
    }
    return best
  }

  return {
    cost,
    plain,
    risk: outlook.risk,
    predict: outlook.predict,
    choose(requirements, mask, missCredit, explore, hurdle = 0) {
      costing.update(requirements)
      const { fixed, penalty, belowFloor } = costing
      const perS = costing.perS
      const perJ = belief.energyKnown ? costing.perJ : 0
      const { deadlineS, energyBudgetJ, percentile } = requirements
      const logDeadline = logLeft(deadlineS)
      const logBudget = energyBudgetJ === undefined || !belief.energyKnown ? Number.POSITIVE_INFINITY : Math.log(energyBudgetJ)
      const tolerated = 1 - percentile / 100
      const scaleT = latency.scale
      const scaleP = power.scale
      if (!belief.informed) {
        verdict.action = fastest(mask)
        verdict.best = verdict.action
        verdict.myopic = verdict.action
        verdict.meets = false
        verdict.ventured = 0
        return verdict
      }
      let best = -1
      let second = Number.POSITIVE_INFINITY
      let least = Number.POSITIVE_INFINITY
      for (let i = 0; i < n; i++) {
        if (mask[i] !== 1) continue
        const c = cluster[i] as number
        const m = (tMean[i] as number) + (tOffset[c] as number)
        const fresh = tPrecision[i] === 0 ? scaleT : 1
        const v = (tVariance[i] as number) * fresh + (tDoubt[c] as number) + (tNoise[c] as number)
        const late = lateBy(c, logDeadline - m, v)
        // What is done to the request after this one, whatever becomes of this one.
        let usual = (fixed[i] as number) + perS * (lateS[c] as number) + penalty * (lateShare[c] as number)
        let expected = usual
        if (perS !== 0) {
          const seconds = perS * Math.exp(m)
          usual += seconds
          expected += seconds * growth(v)
        }
        let broken = late
        if (perJ !== 0 || logBudget !== Number.POSITIVE_INFINITY) {
          const e = m + (pMean[i] as number) + (pOffset[c] as number)
          const ve = v + (pVariance[i] as number) * (pPrecision[i] === 0 ? scaleP : 1) + (pDoubt[c] as number)
          if (perJ === 0) energyPart[i] = 0
          else {
            const joules = perJ * Math.exp(e)
            energyPart[i] = joules
            usual += joules
            expected += joules * growth(ve)
          }
          if (logBudget !== Number.POSITIVE_INFINITY) {
            const over = normalBeyond((logBudget - e) / Math.sqrt(ve + (pNoise[c] as number)))
            if (over > broken) broken = over
          }
        }
        kept[i] = usual
        // A floor that is not met is broken for certain; its penalty is in what is fixed.
        if (belowFloor[i] === 1) miss[i] = 1
        else {
          expected += penalty * broken
          miss[i] = late
        }
        plain[i] = expected
        cost[i] = expected
        if (expected < least) least = expected
      }
      // Misses beyond what is tolerated are avoided, where points are known at no more than a share of what is spent anyway.
      const mostPrice = premium * least
      for (let i = 0; i < n; i++) {
        if (mask[i] !== 1) continue
        const excess = (miss[i] as number) - tolerated
        if (excess > 0) {
          const price = strictness * penalty * excess
          const unproven = tPrecision[i] === 0 && belowFloor[i] === 0
          cost[i] = (cost[i] as number) + (price < mostPrice || unproven ? price : mostPrice)
        }
        const expected = cost[i] as number
        if (best < 0) best = i
        else if (expected < (cost[best] as number)) {
          second = cost[best] as number
          best = i
        } else if (expected < second) second = expected
      }
      verdict.myopic = best
      const hot = heat?.weigh(best, cost, mask) === true
      if (hot) {
        second = Number.POSITIVE_INFINITY
        for (let i = 0; i < n; i++) {
          if (mask[i] !== 1 || i === verdict.myopic) continue
          const dear = (cost[i] as number) + (toll[i] as number)
          const least = (cost[best] as number) + (toll[best] as number)
          if (dear < least) {
            second = least
            best = i
          } else if (dear < second) second = dear
        }
      }
      verdict.best = best
      verdict.action = best
      verdict.meets = (miss[best] as number) <= tolerated
      verdict.ventured = 0
      // What surprised is looked into before anything new is tried.
      if (!explore || horizon === 0 || latency.puzzled) return verdict

      const bestCost = (cost[best] as number) + (hot ? (toll[best] as number) : 0)
      const plainBest = (plain[best] as number) + (hot ? (toll[best] as number) : 0)
      const bestCluster = cluster[best] as number
      const most = boldness * bestCost
      const allowed = missCredit * riskShare
      // Where the best itself is likely to be late, there is nothing to lose.
      const safe = Math.max(tolerated, miss[best] as number)
      let worth = hurdle
      for (let round = -1; round < n; round++) {
        // The best itself first: what another look at it may change.
        const i = round < 0 ? best : round
        if (mask[i] !== 1 || belowFloor[i] === 1 || (round >= 0 && i === best)) continue
        const risk = miss[i] as number
        const ventured = i === best ? 0 : risk - safe
        if (ventured > 0 && risk > allowed) continue
        // The penalty is risked now; it is not what the point will cost once it has turned out well.
        const heatCost = hot ? (toll[i] as number) : 0
        const gap = i === best ? second - bestCost : (kept[i] as number) + heatCost - bestCost
        // Within what has been looked at, one step at a time; a cluster or a network that nobody has tried may be anything.
        const cap = belief.groupSeen[axes.group[i] as number] === 1 ? most : unseen * bestCost
        if (gap > hopeless * cap) continue
        // A look at another cluster tells as well what has become of that.
        const c = cluster[i] as number
        const v = (tVariance[i] as number) * (tPrecision[i] === 0 ? scaleT : 1) + (c === bestCluster ? 0 : (tUnsettled[c] as number))
        const vp = (pVariance[i] as number) * (pPrecision[i] === 0 ? scaleP : 1) + (c === bestCluster ? 0 : (pUnsettled[c] as number))
        const price = (plain[i] as number) + heatCost - plainBest + (ventured > 0 ? (missPrice * penalty * ventured) / missCredit : 0)
        const both = (kept[i] as number) - (fixed[i] as number)
        // More cannot be hoped for: E[max(0, X)] <= max(0, E[X]) + 0.4 deviations. Most points end here.
        const most2 = Math.min(cap * cap, both * both * (v + vp))
        if (gap > 0 && gap * gap > hopeless * hopeless * most2) continue
        if (round >= 0 && horizon * ((gap < 0 ? -gap : 0) + 0.4 * Math.sqrt(most2)) - price <= worth) continue
        const m = (tMean[i] as number) + (tOffset[c] as number)
        const noise = tNoise[c] as number
        const joules = energyPart[i] as number
        const learned = (both * both * v * v) / (v + noise) + (joules * joules * vp * vp) / (vp + (pNoise[c] as number))
        const spread = Math.min(cap, Math.sqrt(learned))
        let lasting = 1
        if (i !== best) {
          const margin = headroom * Math.sqrt(noise)
          lasting = 1 - normalBeyond((logDeadline - margin - m) / Math.sqrt(v))
          if (logBudget !== Number.POSITIVE_INFINITY)
            lasting = Math.min(
              lasting,
              1 - normalBeyond((logBudget - margin - m - (pMean[i] as number) - (pOffset[c] as number)) / Math.sqrt(v + vp)),
            )
        }
        const value = horizon * lasting * normalImprovement(gap, spread) - price
        if (value > worth) {
          worth = value
          verdict.action = i
          verdict.ventured = ventured > 0 ? ventured : 0
        }
      }
      return verdict
    },
  }
}

/** exp(v / 2), mean over median of a log-normal number, for variances that are seldom above 1. */
const growth = (v: number): number => 1 + (v / 2) * (1 + (v / 4) * (1 + v / 6))
