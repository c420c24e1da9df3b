import type { Requirements } from '../../src/core/outcome.ts'
import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** What is asked now: limits from the observation, so that a change is met by the next decision; percentile and least confidence, which no monitor shows, from the last transition. */
export interface Asked {
  readonly requirements: Requirements
  /** No allocation. */
  read(observation: Observation): void
  hear(held: Requirements): void
}

export function makeAsked(spaces: Spaces, percentile: number, leastConfidence: number): Asked {
  const requirements: Requirements = {
    deadlineS: undefined,
    energyBudgetJ: undefined,
    accuracyFloor: undefined,
    percentile,
    leastConfidence: Number.isNaN(leastConfidence) ? undefined : leastConfidence,
  }
  const monitors = (['deadlineS', 'energyBudgetJ', 'accuracyFloor'] as const).map((name) => ({ name, at: monitorIndex(spaces, name) }))
  return {
    requirements,
    read(observation) {
      for (let i = 0; i < monitors.length; i++) {
        const { name, at } = monitors[i] as (typeof monitors)[number]
        const value = at < 0 ? Number.NaN : (observation[at] as number)
        requirements[name] = Number.isNaN(value) ? undefined : value
      }
    },
    hear(held) {
      requirements.percentile = held.percentile
      requirements.leastConfidence = held.leastConfidence
    },
  }
}
