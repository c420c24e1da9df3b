import type { Monitor } from './spaces.ts'

/** A cluster as monitors see it. */
export interface MonitoredCluster {
  readonly id: string
  readonly cores: number
}

/**
 * The observation of every environment, so that a policy learned in one can serve in another: interference and available cores of each cluster,
 * then what concerns the board, the stream and the requirements.
 */
export function monitorsOf(clusters: readonly MonitoredCluster[]): Monitor[] {
  return [
    ...clusters.map(({ id }) => ({ name: `${id}.interference`, low: 0, high: 1 })),
    ...clusters.map(({ id, cores }) => ({ name: `${id}.availableCores`, low: 0, high: cores })),
    { name: 'pressure', low: 0, high: 1 },
    { name: 'tempC', low: 20, high: 100 },
    { name: 'queueLength', low: 0, high: 16 },
    { name: 'waitedS', low: 0, high: 1 },
    { name: 'latencyRatio', low: 0, high: 2 },
    { name: 'deadlineS', low: 0, high: 1 },
    { name: 'energyBudgetJ', low: 0, high: 1 },
    { name: 'accuracyFloor', low: 0, high: 1 },
  ]
}
