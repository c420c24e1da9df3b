import type { Agent, Choice, Explanation } from '../core/agent.ts'
import { FlyballError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { type Mask, monitorIndex, type Observation, type Spaces } from '../core/spaces.ts'

/** A decision and why it was taken, with what is needed to read it. */
export interface ExplainedDecision {
  readonly step: number
  readonly action: number
  readonly propensity: number
  /** Chance took it, not the policy (epsilon). */
  readonly drawn: boolean
  readonly explanation: Explanation
  /** What was asked. */
  readonly requirements: Requirements
  readonly spaces: Spaces
  /** Unit of the costs. */
  readonly objective: ObjectiveSpec
}

/** What a decision is read with. */
export type ExplainedWith = Pick<ExplainedDecision, 'spaces' | 'objective' | 'requirements'>

/** To be called between the decision and what is learned from it: then it is what the agent believed. Undefined from agents that explain nothing. */
export function explainDecision(
  agent: Agent,
  step: number,
  observation: Observation,
  mask: Mask,
  { action, propensity, greedy }: Pick<Choice, 'action' | 'propensity' | 'greedy'>,
  { spaces, objective, requirements }: ExplainedWith,
): ExplainedDecision | undefined {
  const explanation = agent.explain?.(observation, mask, action)
  if (explanation === undefined) return undefined
  const asked = requirementsSeen(spaces, observation, requirements)
  return { step, action, propensity, drawn: action !== greedy, explanation, requirements: asked, spaces, objective }
}

/** Limits as an observation shows them, the rest as it was asked. */
export function requirementsSeen(spaces: Spaces, observation: Observation, asked: Requirements): Requirements {
  const seen = limits.flatMap((limit) => {
    const index = monitorIndex(spaces, limit)
    return index < 0 ? [] : [[limit, Number.isNaN(observation[index]) ? undefined : (observation[index] as number)] as const]
  })
  return { ...asked, ...Object.fromEntries(seen) }
}

/** Throws ERR_USAGE for an agent that has nothing to explain. */
export function checkExplains(name: string, agent: Agent): void {
  if (agent.explain === undefined)
    throw new FlyballError('ERR_USAGE', `--explain: agent ${name} has nothing to explain its choices by, expected another, e.g. bayes`)
}
