import type { RewardModel } from '../../ope/models/ridge.ts'
import { type MultiStepEvaluation, makeMultiStepEvaluator } from '../../ope/multi-step/evaluate.ts'
import { expectedValue, fittedQ } from '../../ope/multi-step/fitted-q.ts'
import { makeRoundColumns } from '../../ope/rounds.ts'
import type { Support } from '../../ope/support.ts'
import { type StepsInput, visitSteps } from './steps.ts'

/** What a policy is worth over several decisions, on a trace. */
export interface MultiStepValue extends Omit<MultiStepEvaluation, 'verdict'> {
  /** Decisions that are in no stretch: a run ended, or something that cannot be used lay between. */
  readonly unused: number
}

const folds = 3

/** Values a policy over `horizon` decisions. Takes a pass over the log a decision, and one. */
export async function judgeOverHorizon(
  input: Omit<StepsInput, 'folds'>,
  support: Support,
): Promise<{ value: MultiStepValue; verdict: MultiStepEvaluation['verdict'] }> {
  const { features, horizon, log } = input
  const actions = log.header.spaces.points.length
  const asked = { ...input, folds }
  const models = await fittedQ(
    { pass: (step) => visitSteps(asked, { step }).then(() => undefined) },
    { features: features.actions, contextSize: features.contextSize, horizon, folds },
  )
  const evaluator = makeMultiStepEvaluator({ horizon, actions, hasPropensities: input.shape.propensities === 'logged' })
  const trajectory = makeRoundColumns(horizon)
  trajectory.length = horizon
  const q = new Float64Array(actions)
  const { unused } = await visitSteps(asked, {
    stretch(slots) {
      slots.forEach(({ fold, context, target, action, reward, weight }, t) => {
        const model = models[fold]?.[horizon - t - 1] as RewardModel
        model.predict(context, q)
        trajectory.reward[t] = reward
        trajectory.weight[t] = weight
        trajectory.modelLogged[t] = q[action] as number
        trajectory.modelTarget[t] = expectedValue(target, q)
      })
      evaluator.add(trajectory)
    },
    endRun: () => evaluator.endRun(),
  })
  const { verdict, ...value } = evaluator.finish(support)
  return { value: { ...value, unused }, verdict }
}
