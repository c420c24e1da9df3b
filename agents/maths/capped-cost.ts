/**
 * A cost as learners count it: at most `cap` times `unit`, the least prior cost. A machine that stalls for a tenth of a second makes a latency cost a
 * hundred times the usual one, says nothing of the point it happened to meet, and would shut that point out for hundreds of decisions (a
 * winsorised mean: Huber, "Robust estimation of a location parameter", 1964). Judgement is not capped, only learning.
 */
export const cappedCost = (cost: number, unit: number, cap: number): number => Math.min(cost, cap * unit)

/** The option that goes with it. */
export const costCapOption = {
  name: 'costCap',
  description:
    'a cost counts for learning at most this many times the least prior cost, so that a stall of the machine is not held against the point it met',
  default: 5,
  low: 1,
  high: 1e9,
} as const
