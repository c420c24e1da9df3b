import { objectiveText, percentText, requirementsText } from '../report/compare-format.ts'
import { costInterval, countText, doubtNote, judgedCost, round4, termText } from '../report/replay-format.ts'
import type { JudgedValue, ReplayedTrace, ReplayResult } from '../run/replay.ts'
import { bold, formatTable } from './print.ts'

export function replayLines(result: ReplayResult): string[] {
  const executed = result.traces.flatMap((trace) => executionLines(trace, result.traces.length > 1))
  if (result.policies.length === 0) return executed
  return [...executed, '', ...policyLines(result), ...averageLines(result)]
}

const mostAverages = 12

/** What a log without propensities can say by itself. */
function averageLines({ averages }: ReplayResult): string[] {
  if (averages.length === 0) return []
  const more = averages.length - mostAverages
  return [
    '',
    'what points cost where they were taken; whoever chose them at easy moments only makes them look cheap',
    ...formatTable(
      [
        ['point', '', 'decisions', 'cost a decision, 95 %'],
        ...averages.slice(0, mostAverages).map((average) => [`${average.action}`, average.point, `${average.rounds}`, costInterval(average)]),
      ],
      'left',
    ),
    ...(more > 0 ? [`and ${more} more: --json`] : []),
  ]
}

function executionLines({ execution, torn, agent, trace }: ReplayedTrace, several: boolean): string[] {
  const { decisions, reproduced, overridden, firstMismatch } = execution
  const where = several ? `${trace}: ` : ''
  const lines =
    execution.skipped !== undefined
      ? [bold(`${where}${decisions} decisions; not executed again: ${execution.skipped}`)]
      : firstMismatch === undefined
        ? [bold(`${where}${agent}: all ${decisions} decisions reproduced exactly (action and propensity)`)]
        : [
            bold(`${where}${agent}: ${reproduced} of ${decisions} decisions reproduced, then step ${firstMismatch.step} differs`),
            `logged    action ${firstMismatch.logged.action} with propensity ${firstMismatch.logged.propensity}`,
            `replayed  action ${firstMismatch.replayed.action} with propensity ${firstMismatch.replayed.propensity}`,
            'the trace was altered, or written by another version of the agent',
          ]
  if (overridden > 0) lines.push(`${overridden} decisions were overridden; only their proposed action was compared`)
  if (torn !== null) lines.push(`${torn.file}: line ${torn.line} is cut off and was dropped`)
  return lines
}

function policyLines(result: ReplayResult): string[] {
  const { policies, objective, requirements, advice } = result
  const [first] = policies as [JudgedValue, ...JudgedValue[]]
  const { terms } = first
  const logged = [
    '(logged)',
    costInterval(first.logged),
    '',
    '',
    termText('latencyS', terms.latencyS.logged),
    termText('energyJ', terms.energyJ.logged),
  ]
  return [
    `what other policies would have cost on the logged states; ${objectiveText(objective)}, asked: ${requirementsText(requirements)}`,
    '',
    ...formatTable([
      ['policy', 'cost a decision, 95 %', 'by', 'eff. rounds', 'latency', 'energy', 'accuracy', 'misses'],
      [...logged, termText('accuracy', terms.accuracy.logged), termText('missRatio', terms.missRatio.logged)],
      ...policies.map((policy) => [
        policy.policy,
        judgedCost(estimateOf(policy, policy.verdictFrom), policy.answersNextRequest),
        policy.verdictFrom,
        countText(policy.diagnostics.effectiveSampleSize),
        ...(['latencyS', 'energyJ', 'accuracy', 'missRatio'] as const).map((name) => termText(name, policy.terms[name].policy.value)),
      ]),
    ]),
    ...(policies.every(({ answersNextRequest }) => answersNextRequest) ? [] : [doubtNote]),
    '',
    ...horizonLines(policies),
    ...modelLines(result),
    ...policies.flatMap(verdictLines),
    ...(advice === null ? [] : [advice]),
  ]
}

function horizonLines(policies: readonly JudgedValue[]): string[] {
  const over = policies.flatMap(({ policy, verdictCode, overHorizon }) =>
    overHorizon === null ? [] : [{ policy, believed: verdictCode !== 'cannotAnswer', ...overHorizon }],
  )
  const [first] = over
  if (first === undefined) return []
  return [
    `over ${first.horizon} decisions from the logged states`,
    '',
    ...formatTable([
      ['policy', 'cost a decision, 95 %', 'by weights alone', 'by fitted Q', 'eff. stretches'],
      ['(logged)', costInterval(first.logged), '', '', ''],
      ...over.map((value) => [
        value.policy,
        judgedCost(estimateOf(value, value.verdictFrom), value.believed),
        costInterval(estimateOf(value, 'per-decision-ips')),
        costInterval(estimateOf(value, 'fitted-q')),
        `${countText(value.effectiveSampleSize.at(-1) as number)} of ${value.trajectories}`,
      ]),
    ]),
    ...(over.every(({ believed }) => believed) ? [] : [doubtNote]),
    '',
  ]
}

function modelLines({ models }: ReplayResult): string[] {
  if (models.length < 2) return []
  const errors = models.map(({ model, error }) => `${model} ${round4(error)}`).join(', ')
  return [`reward model: ${models[0]?.model}, the least root mean squared error of ${errors}`, '']
}

function verdictLines({ policy, origin, question, verdict, dropped, rejection, confidenceSequence, warnings }: JudgedValue): string[] {
  return [
    `${policy} (${origin}), ${question}: ${verdict}`,
    ...(dropped > 0 ? [`  ${dropped} decisions left out: overridden, or without a propensity or an outcome that the cost needs`] : []),
    ...(rejection === null ? [] : [`  ${rejection.accepted} decisions accepted; of any agent about ${percentText(rejection.acceptance)} are`]),
    ...confidenceSequence.map(({ estimator, lo, hi }) => `  for the next request, valid at any time, ${estimator}: ${round4(-hi)} to ${round4(-lo)}`),
    ...warnings.map((warning) => `  ${warning}`),
  ]
}

const none = { value: Number.NaN, lo: Number.NaN, hi: Number.NaN }
const estimateOf = ({ estimates }: Pick<JudgedValue, 'estimates'>, name: string) => estimates.find(({ estimator }) => estimator === name) ?? none
