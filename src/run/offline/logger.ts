import { findAgent } from '../../../agents/index.ts'
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
/** Whether what decided went on learning. An explorer is as fixed as the incumbent that it explores around. */
export function isLearning({ agent: { name, frozen, initial }, runs }: Pick<TraceHeader, 'agent' | 'runs'>): boolean {
  if (runs !== undefined) return runs.some(({ learning }) => learning)
  const decides = (initial?.['incumbent'] as IncumbentSpec | undefined) ?? { agent: name, frozen }
  return !decides.frozen && findAgent(decides.agent).rule === undefined
}

export function loggerOf(header: TraceHeader): Logger {
  const learning = isLearning(header)
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
