import type { Limit } from './agent.ts'

export const limits: readonly Limit[] = ['deadlineS', 'energyBudgetJ', 'accuracyFloor']

/** Limits as a number, so that a decision can tell them without allocating: 1, 2 and 4. */
export const limitBit: Readonly<Record<Limit, number>> = { deadlineS: 1, energyBudgetJ: 2, accuracyFloor: 4 }

export const limitsOf = (bits: number): Limit[] => limits.filter((limit) => (bits & limitBit[limit]) !== 0)
