import type { Agent } from '../../core/agent.ts'
import type { Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import { makeRng } from '../../core/rng.ts'
import type { Mask, Observation } from '../../core/spaces.ts'
import type { TraceLog } from '../../trace/log.ts'
import type { DecisionRecord } from '../../trace/record.ts'
import { visitRewards } from '../logged-rewards.ts'
import { transitionOf } from '../reexecute.ts'
import { loggerOf } from './logger.ts'
import { makeValuation, type Valued } from './valuation.ts'

/** How rejection replay went. */
export interface Rejection {
  /** Decisions that the agent would have taken as logged, and learned from. */
  readonly accepted: number
  /** Share that any policy can expect: the log's least propensity. */
  readonly acceptance: number
  /** Decisions of this kind that would give a hundred accepted ones. */
  readonly needed: number
}

// As many as an estimate by weights must be worth (ope/verdict.ts).
const leastAccepted = 30
const wantedAccepted = 100

/**
 * Rejection replay (Li, Chu, Langford, Wang, "Unbiased offline evaluation of contextual-bandit-based news article recommendation algorithms", WSDM 2011): the agent, which begins with nothing, chooses at
 * every logged decision; where that is what was logged, it is told what came of it, and of all others it learns nothing. Where the logger was not uniform, a match counts with probability
 * c / propensity, c being the log's least propensity, so that every choice of the agent is accepted with the same chance (Dudík, Erhan, Langford, Li, "Sample-efficient nonstationary policy
 * evaluation for contextual bandits", UAI 2012): the accepted decisions are those of the agent learning on its own. What they earned on average is its value, learning included.
 */
export async function judgeByRejection(
  name: string,
  agent: Agent,
  log: Pick<TraceLog, 'header' | 'entries'>,
  objective: Objective,
): Promise<{ valued: Valued; rejection: Rejection }> {
  const { header } = log
  const logger = loggerOf(header)
  const propensityOf = (record: DecisionRecord): number => Math.max(record.propensity, logger.floor(record))
  let acceptance = 1
  await visitRewards(log, objective, {
    decision(record) {
      acceptance = Math.min(acceptance, propensityOf(record))
    },
  })
  const rng = makeRng(header.seed).fork('rejection')
  const valuation = makeValuation(header, false)
  const target = new Float64Array(header.spaces.points.length)
  let accepted = 0
  let pending: { readonly record: DecisionRecord; readonly requirements: Requirements; readonly index: number } | undefined
  const learn = (observation: Observation, mask: Mask): void => {
    if (pending !== undefined) agent.learn(transitionOf(pending.record, pending.requirements, objective, observation, mask))
    pending = undefined
  }
  const { rounds, dropped } = await visitRewards(log, objective, {
    async decision(record, reward, requirements, _, index) {
      const { observation, mask, action } = record
      const follows = pending !== undefined && index === pending.index + 1 && record.step === pending.record.step + 1
      // What an accepted decision led to is not known where another run begins, or something that cannot be used lies between.
      if (follows) learn(observation, mask)
      pending = undefined
      agent.distribution(observation, mask, target)
      const choice = await agent.act(observation, mask)
      const counts = rng.next() < acceptance / propensityOf(record)
      const match = choice.action === action && counts
      if (match) {
        accepted++
        pending = { record, requirements, index }
      }
      valuation.add({ record, reward, target, weight: match ? 1 / acceptance : 0, modelLogged: Number.NaN, modelTarget: Number.NaN })
    },
    endRun(end) {
      if (end !== undefined) learn(end.observation, end.mask)
      pending = undefined
      valuation.endRun()
    },
  })
  const { valued } = valuation.finish(name, dropped)
  const needed = Math.ceil(wantedAccepted / acceptance)
  const rejection = { accepted, acceptance, needed }
  if (rounds === 0 || accepted >= leastAccepted) return { valued, rejection }
  const verdict = `this log cannot answer: rejection replay accepted ${accepted} of ${rounds} decisions, expected at least ${leastAccepted}; about ${Number(needed.toPrecision(2))} decisions that were logged in this way would do, or --judge folds`
  return { valued: { ...valued, verdictCode: 'cannotAnswer', verdict }, rejection }
}
