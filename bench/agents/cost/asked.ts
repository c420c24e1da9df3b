/** What a decision of an agent may cost; `learning` false: its decision alone, as it is deployed. */
export interface CostTarget {
  readonly agent: string
  readonly learning: boolean
  readonly p50S?: number
  readonly p99S?: number
}

export const costTargets: readonly CostTarget[] = [
  { agent: 'q-learning', learning: true, p99S: 5e-6 },
  { agent: 'linucb', learning: true, p50S: 30e-6, p99S: 100e-6 },
  { agent: 'thompson', learning: true },
  { agent: 'bayes', learning: true, p50S: 60e-6, p99S: 200e-6 },
  { agent: 'dqn', learning: false, p50S: 40e-6 },
]

export const mostStateB = 1e6

/** What a garbage collection may leave more than there was before: the rest of what was compiled in between, not one byte a decision. */
export const mostHeapB = 512 * 1024
