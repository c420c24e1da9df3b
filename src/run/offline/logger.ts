import type { IncumbentSpec } from '../../core/agent.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { DecisionRecord } from '../../trace/record.ts'

/** Who wrote a log, as far as its propensities are concerned. */
export interface Logger {
  /** It changed along the way. */
  readonly learning: boolean
  /** Least propensity that counts in a decision; 0 of a logger that stood still. */
  floor(record: Pick<DecisionRecord, 'mask'>): number
}

// A learning agent's propensities can fall towards 0, and a single such decision would outweigh the log: none counts as less likely than 1 % of uniform exploration would make it.
const flooredExploration = 0.01
// Baselines and references decide by rule: their state is what they measure.
const byRule = ['alert', 'ladder', 'static', 'performance', 'powersave', 'ondemand', 'schedutil', 'random', 'oracle', 'planner']

export function loggerOf({ agent }: TraceHeader): Logger {
  // An explorer is as fixed as the incumbent that it explores around.
  const decides = (agent.initial?.['incumbent'] as IncumbentSpec | undefined) ?? { agent: agent.name, frozen: agent.frozen }
  const learning = !decides.frozen && !byRule.includes(decides.agent)
  return { learning, floor: ({ mask }) => (learning ? flooredExploration / allowedIn(mask) : 0) }
}

export function allowedIn(mask: Uint8Array): number {
  let count = 0
  for (const bit of mask) count += bit
  return count
}

/** What no importance weight can exceed by the way the log was recorded: 1 over the share of an action under uniform exploration. Undefined where that says nothing. */
export function declaredWeightBound({ agent, spaces }: TraceHeader): number | undefined {
  const { name, options } = agent
  if (name === 'random') return spaces.points.length
  // A softmax or a safe set has no share that every action is sure of.
  const epsilon = options['epsilon'] ?? 0.2
  if (name !== 'explorer' || options['within'] || options['temperature'] || typeof epsilon !== 'number' || !(epsilon > 0)) return undefined
  return spaces.points.length / epsilon
}
