import type { Estimator } from '../estimator.ts'
import { clippedIps } from './clipped-ips.ts'
import { dm } from './dm.ts'
import { dr } from './dr.ts'
import { dros } from './dros.ts'
import { ips } from './ips.ts'
import { sndr } from './sndr.ts'
import { snips } from './snips.ts'
import { switchDr } from './switch-dr.ts'

/** Hyperparameter of the estimators that have one, where none is chosen: as in the reference values of Open Bandit Pipeline. */
const usual = 10

/** One of each, in the order of tables. */
export const estimators: readonly Estimator[] = [ips, clippedIps(usual), snips, dm, dr, sndr, switchDr(usual), dros(usual)]

/** An estimator at each value of its hyperparameter, among which SLOPE chooses: from the least biased, at infinity, to the least variable. */
export interface Family {
  readonly name: string
  readonly members: readonly Estimator[]
}

const bounds = [Number.POSITIVE_INFINITY, 1000, 500, 200, 100, 50, 20, 10, 5, 2]

export const families: readonly Family[] = [
  { name: 'clipped-ips-auto', members: bounds.map(clippedIps) },
  { name: 'switch-dr-auto', members: bounds.map(switchDr) },
  // Shrinkage halves a weight at the root of lambda.
  { name: 'dros-auto', members: bounds.map((bound) => dros(bound * bound)) },
]
