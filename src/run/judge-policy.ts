import type { Agent } from '../core/agent.ts'
import { makeObjective } from '../core/objective.ts'
import { type Evaluation, makeEvaluator } from '../ope/evaluate.ts'
import { makeRoundColumns } from '../ope/rounds.ts'
import { makeSupportCollector } from '../ope/support.ts'
import type { VerdictCode } from '../ope/verdict.ts'
import type { TraceReader } from '../trace/reader.ts'

/** What a frozen policy would have been worth on the logged states. Rewards are -cost a decision. */
export interface PolicyValue extends Omit<Evaluation, 'verdict' | 'rewardRange'> {
  readonly policy: string
  /** Decisions without a propensity, which an override took, and without an outcome: estimators cannot use them. */
  readonly dropped: number
  /** Decisions whose propensity was raised to the floor. */
  readonly floored: number
  readonly verdictCode: VerdictCode
  /** In words: what can be believed. */
  readonly verdict: string
}

// A learning agent's propensities can fall towards 0, and a single such decision would outweigh the log: none counts as less likely than 1 % of uniform exploration would make it.
const flooredExploration = 0.01
const chunkRounds = 1024

export function judgePolicy(policy: string, agent: Agent, reader: TraceReader): PolicyValue {
  const { header } = reader
  const { spaces } = header
  const objective = makeObjective(header.objective, header.nominal)
  const actions = spaces.points.length
  const evaluator = makeEvaluator({ hasPropensities: true, hasModel: false, actions })
  const support = makeSupportCollector(actions)
  const target = new Float64Array(actions)
  const chunk = makeRoundColumns(chunkRounds)
  const learning = !header.agent.frozen
  let requirements = header.requirements
  let dropped = 0
  let floored = 0
  const flush = (): void => {
    evaluator.add(chunk)
    chunk.length = 0
  }
  for (const entry of reader.entries()) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    if (entry.kind !== 'decision') continue
    const reward = -objective.cost(entry.outcome, requirements)
    if (Number.isNaN(entry.propensity) || Number.isNaN(reward)) {
      dropped++
      continue
    }
    agent.distribution(entry.observation, entry.mask, target)
    support.add(entry.action, target, entry)
    const floor = learning ? flooredExploration / allowed(entry.mask) : 0
    if (entry.propensity < floor) floored++
    const i = chunk.length++
    chunk.reward[i] = reward
    chunk.weight[i] = (target[entry.action] as number) / Math.max(entry.propensity, floor)
    if (chunk.length === chunkRounds) flush()
  }
  flush()
  const { verdict, rewardRange: _, warnings, ...evaluation } = evaluator.finish(support.support())
  const own = learning
    ? [
        `the log is of an agent that was learning: it changed along the way, and ${floored} of its propensities were raised to 1 % of uniform exploration`,
      ]
    : []
  return { policy, ...evaluation, warnings: [...own, ...warnings], dropped, floored, verdictCode: verdict.code, verdict: verdict.words }
}

function allowed(mask: Uint8Array): number {
  let count = 0
  for (const bit of mask) count += bit
  return count
}
