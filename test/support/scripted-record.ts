import type { Spaces } from '../../src/core/spaces.ts'
import type { DecisionRecord } from '../../src/trace/record.ts'

/** A decision that could have been logged: every third monitor absent, the fourth action masked, energy absent. */
export const scriptedRecord = (spaces: Spaces): DecisionRecord => ({
  step: 0,
  timeS: 1.234568,
  observation: Float64Array.from(spaces.monitors, (_, i) => (i % 3 === 0 ? Number.NaN : i / 7)),
  mask: Uint8Array.from(spaces.points, (_, a) => (a === 3 ? 0 : 1)),
  action: 2,
  executedAction: 2,
  propensity: 1 / 3,
  greedy: 2,
  epsilon: 0.1,
  outcome: {
    latencyS: 0.0123,
    energyJ: Number.NaN,
    accuracy: 0.7,
    confidence: 0.9,
    deadlineMet: true,
    latencyQuality: 'measured',
    energyQuality: 'absent',
    accuracyQuality: 'estimated',
    confidenceQuality: 'measured',
  },
  durationS: 0.033,
})
