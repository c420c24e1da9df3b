import type { Requirements } from '../../core/outcome.ts'
import { type ConfidenceSequence, makeConfidenceSequence } from '../../ope/confidence-sequence.ts'
import { makeProgressive } from '../../ope/models/progressive.ts'
import { expectedValue } from '../../ope/multi-step/fitted-q.ts'
import { makeRoundColumns } from '../../ope/rounds.ts'
import type { DecisionRecord } from '../../trace/record.ts'
import type { RewardFeatures } from '../reward-features.ts'

/** What is declared of a log before it is looked at. */
export interface DeclaredBounds {
  /** What no importance weight exceeds. */
  readonly weight: number
  /** What rewards, which are -cost, lie between. */
  readonly reward: readonly [low: number, high: number]
}

/** An interval that holds however often the growing log is looked at. */
export interface SequenceInterval {
  readonly estimator: 'ips' | 'dr'
  readonly lo: number
  readonly hi: number
}

/** Confidence sequences of IPS and of DR over a trace; the model of the latter knows at every round the rounds before alone. */
export function makeSequences(
  { actions: features, contextSize, context }: RewardFeatures,
  { weight: weightBound, reward: rewardRange }: DeclaredBounds,
) {
  const sequences = (['ips', 'dr'] as const).map((estimator): { estimator: 'ips' | 'dr'; sequence: ConfidenceSequence } => ({
    estimator,
    sequence: makeConfidenceSequence({ estimator, rewardRange, weightBound }),
  }))
  const model = makeProgressive(features, contextSize)
  const seen = new Float64Array(contextSize)
  const q = new Float64Array(features.actions)
  const one = makeRoundColumns(1)
  one.length = 1
  return {
    /** Throws ERR_RANGE for a round that breaks what was declared. */
    add({ observation, action }: DecisionRecord, requirements: Requirements, reward: number, weight: number, target: Float64Array): void {
      context(observation, requirements, seen)
      model.predict(seen, q)
      one.reward[0] = reward
      one.weight[0] = weight
      one.modelLogged[0] = q[action] as number
      one.modelTarget[0] = expectedValue(target, q)
      for (const { sequence } of sequences) sequence.add(one)
      model.learn(seen, action, reward)
    },
    intervals: (): SequenceInterval[] => sequences.map(({ estimator, sequence }) => ({ estimator, ...sequence.interval() })),
  }
}
