import { parseScenario } from '../../envs/world/scenario/read.ts'
import type { Scenario } from '../../envs/world/scenario/schema.ts'

/** A scenario of 100 s with a request every second, and what a test adds. Read as a file is. */
export function scenarioOf(extra: object = {}): Scenario {
  return parseScenario(JSON.stringify({ ...bareScenario, ...extra }), 'test')
}

export const bareScenario = {
  schema: 'flyball-scenario/1',
  name: 'test',
  description: 'for a test',
  durationS: 100,
  arrivals: [{ kind: 'periodic', rateHz: 1 }],
} as const
