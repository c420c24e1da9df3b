import { objectiveText, requirementsText } from '../report/compare-format.ts'
import { costInterval, countText, termText } from '../report/replay-format.ts'
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

function policyLines({ policies, objective, requirements }: ReplayResult): string[] {
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
        costInterval(estimateOf(policy)),
        policy.verdictFrom,
        countText(policy.diagnostics.effectiveSampleSize),
        ...(['latencyS', 'energyJ', 'accuracy', 'missRatio'] as const).map((name) => termText(name, policy.terms[name].policy.value)),
      ]),
    ]),
    '',
    ...policies.flatMap(({ policy, origin, verdict, warnings }) => [
      `${policy} (${origin}): ${verdict}`,
      ...warnings.map((warning) => `  ${warning}`),
    ]),
  ]
}

const none = { value: Number.NaN, lo: Number.NaN, hi: Number.NaN }
const estimateOf = ({ estimates, verdictFrom }: JudgedValue) => estimates.find(({ estimator }) => estimator === verdictFrom) ?? none
