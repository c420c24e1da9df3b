/**
 * Temporal-difference maths on costs (reward = -cost, so the best action is the one of least value). Suffixes as in rlax: Tm1 is the
 * step that was taken, T what followed.
 */

/** Error of Watkins' Q-learning ("Learning from delayed rewards", 1989): costT + discountT * min_a qT(a) - qTm1(aTm1). */
export function qLearningError(qTm1: number, costT: number, discountT: number, leastQT: number): number {
  return costT + discountT * leastQT - qTm1
}

/**
 * Weight of the n-th visit (n from 1): 1 / (n + priorVisits), never below the floor. The first part is the running mean in which the
 * prior counts as `priorVisits` visits; the floor keeps the table following a board that drifts.
 */
export function learningRate(n: number, priorVisits: number, floor: number): number {
  return Math.max(floor, 1 / (n + priorVisits))
}

/** Value of an action whose own cost is `cost` when the best action, of cost `leastCost`, is taken for ever after. */
export function discountedPrior(cost: number, leastCost: number, discount: number): number {
  return cost + (discount / (1 - discount)) * leastCost
}
