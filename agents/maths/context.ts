import type { Observation, Spaces } from '../../src/core/spaces.ts'

/** The observation as a vector for linear models. `x` is reused: x[0] is 1, then one entry in [0, 1] per monitor used. */
export interface Context {
  readonly names: readonly string[]
  readonly x: Float64Array
  fill(observation: Observation): void
}

// Each class of requirements has a model of its own; the last latency says more about the last action than about the board.
const leftOut = new Set(['deadlineS', 'energyBudgetJ', 'accuracyFloor', 'leastConfidence', 'percentile', 'latencyRatio'])
// A disjoint model needs about as many decisions per point as it has entries; more could not be learned in a run.
const mostEntries = 16
// Below this leakage and throttling do not matter, and a constant entry would only double the intercept.
const coolC = 50

/**
 * Every monitor but the requirements and the last latency, scaled by its range so that 0 is the quiet board: interference, pressure and
 * queue as they are, `availableCores` as the share that is lost, `tempC` from 50 C up. An absent monitor is 0: as on a quiet board.
 */
export function makeContext(spaces: Spaces): Context {
  const used = spaces.monitors
    .map((monitor, index) => ({ ...monitor, index }))
    .filter(({ name }) => !leftOut.has(name))
    .slice(0, mostEntries - 1)
  const x = new Float64Array(used.length + 1)
  const from = new Float64Array(used.length)
  const perUnit = new Float64Array(used.length)
  const index = Int32Array.from(used, (monitor) => monitor.index)
  used.forEach(({ name, low, high }, i) => {
    const lost = isNamed(name, 'availableCores')
    const start = lost ? high : isNamed(name, 'tempC') ? Math.max(low, Math.min(coolC, high - 1)) : low
    const range = lost ? low - high : high - start
    from[i] = start
    perUnit[i] = range === 0 ? 0 : 1 / range
  })
  x[0] = 1
  return {
    names: ['1', ...used.map((monitor) => monitor.name)],
    x,
    fill(observation) {
      for (let i = 0; i < index.length; i++) {
        const scaled = ((observation[index[i] as number] as number) - (from[i] as number)) * (perUnit[i] as number)
        // False for NaN too.
        x[i + 1] = scaled > 0 ? Math.min(1, scaled) : 0
      }
    },
  }
}

const isNamed = (name: string, suffix: string): boolean => name === suffix || name.endsWith(`.${suffix}`)
