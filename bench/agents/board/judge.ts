import { type Interval, interval95, mean } from '../../../src/core/statistics.ts'

/** Block costs by contender, of one seed. */
export type SeedCosts = Readonly<Record<string, readonly number[]>>

/** The fixed point that cost least on the seeds other than this one; on its own where it is the only one. */
export function bestElsewhere(perSeed: readonly SeedCosts[], fixed: readonly string[], seed: number): string {
  const others = perSeed.length === 1 ? perSeed : perSeed.filter((_, s) => s !== seed)
  const cost = (name: string): number => mean(others.map((costs) => mean(costs[name] as readonly number[])))
  return fixed.reduce((best, name) => (cost(name) < cost(best) ? name : best))
}

export interface Judgement {
  /** By seed, what the learner was held against. */
  readonly rivals: readonly string[]
  /** Learner less rival, block by block; then its mean over the blocks of each seed. */
  readonly perSeed: readonly number[]
  readonly overSeeds: Interval
  readonly overBlocks: Interval
  /** Learner over rival, the geometric mean over seeds: one that met a busier machine counts for no more than the others. */
  readonly ratio: Interval
  readonly cost: number
  readonly rivalCost: number
}

/** The learner against the fixed point that was best elsewhere, paired by block. */
export function judge(perSeed: readonly SeedCosts[], learner: string, fixed: readonly string[]): Judgement {
  const rivals = perSeed.map((_, seed) => bestElsewhere(perSeed, fixed, seed))
  const costs = (seed: number, name: string): readonly number[] => (perSeed[seed] as SeedCosts)[name] as readonly number[]
  const differences = rivals.map((rival, seed) => costs(seed, learner).map((cost, block) => cost - (costs(seed, rival)[block] as number)))
  const means = differences.map((blocks) => mean(blocks))
  const log = interval95(rivals.map((rival, seed) => Math.log(mean(costs(seed, learner)) / mean(costs(seed, rival)))))
  return {
    rivals,
    perSeed: means,
    overSeeds: interval95(means),
    overBlocks: interval95(differences.flat()),
    ratio: { mean: Math.exp(log.mean), lo: Math.exp(log.lo), hi: Math.exp(log.hi), n: log.n },
    cost: mean(rivals.map((_, seed) => mean(costs(seed, learner)))),
    rivalCost: mean(rivals.map((rival, seed) => mean(costs(seed, rival)))),
  }
}
