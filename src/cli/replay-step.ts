import type { Limit } from '../core/agent.ts'
import { limits } from '../core/limits.ts'
import { describePoint, type OperatingPoint } from '../core/spaces.ts'
import { formatQuantity } from '../core/units.ts'
import { objectiveText, percentText, requirementsText } from '../report/compare-format.ts'
import { explanationRows, limitText, predictsNothing, reasonTexts } from '../report/explanation.ts'
import { pointNames } from '../report/point-text.ts'
import type { ReplayedDecision } from '../run/explain-step.ts'
import { bold, formatTable } from './print.ts'

/** One decision for people, one screen. */
export function stepLines(decision: ReplayedDecision): string[] {
  const { record, spaces, requirements, objective, explained, began, agent, mismatch } = decision
  const name = pointNames(spaces)
  const { step, action, executedAction, propensity } = record
  const start = began.from === 'nothing' ? `nothing, seed ${began.seed}` : `a checkpoint at decision ${began.step}${began.frozen ? ', frozen' : ''}`
  const relived = step - began.step
  return [
    bold(`decision ${step}: ${name(action)}`),
    `agent       ${agent}, begun with ${start}; ${mismatch === null ? `this and the ${relived} decisions before are reproduced exactly` : `decision ${mismatch.step} is not reproduced: the trace was altered, or written by another version of the agent`}`,
    `point       ${action} (${describePoint(spaces.points[action] as OperatingPoint)})`,
    ...(executedAction === action ? [] : [`executed    ${name(executedAction)}, which overrode it`]),
    `propensity  ${Number.isNaN(propensity) ? 'not logged, as it was overridden' : `${propensity}${record.epsilon > 0 ? ` (${percentText(record.epsilon)} of decisions are drawn by chance)` : ''}`}`,
    `asked       ${requirementsText(requirements)}; objective ${objectiveText(objective)}`,
    ...seenLines(decision),
    `came of it  ${outcomeText(decision)}`,
    ...(explained === null
      ? []
      : [
          '',
          ...(predictsNothing(explained)
            ? ['the agent follows a rule, which predicts nothing']
            : ['predicted before it was taken', ...formatTable(explanationRows(explained), 'left').map((line) => `  ${line}`), '']),
          ...reasonLines(reasonTexts(explained)),
        ]),
  ]
}

const reasonLines = (reasons: readonly string[]): string[] =>
  reasons.length === 0 ? ['no requirement and no monitor by itself makes the difference'] : reasons.map((reason) => `- ${reason}`)

/** Monitors but the requirements, which are asked; three to a line would be too wide, all in one unreadable. */
function seenLines({ record, spaces }: ReplayedDecision): string[] {
  const texts = spaces.monitors.flatMap(({ name }, i) => {
    const value = record.observation[i] as number
    return (limits as readonly string[]).includes(name) || Number.isNaN(value) ? [] : [`${name} ${value}`]
  })
  const absent = spaces.monitors
    .filter(({ name }, i) => Number.isNaN(record.observation[i]) && !limits.includes(name as Limit))
    .map(({ name }) => name)
  const masked = record.mask.reduce((sum, bit) => sum + (bit === 0 ? 1 : 0), 0)
  return [
    `seen        ${texts.length === 0 ? 'nothing' : texts.join(', ')}${absent.length === 0 ? '' : `; absent: ${absent.join(', ')}`}`,
    ...(masked === 0 ? [] : [`masked      ${masked} of ${record.mask.length} points are not allowed`]),
  ]
}

function outcomeText({ record, requirements }: ReplayedDecision): string {
  const { latencyS, energyJ, energyQuality, deadlineMet } = record.outcome
  const deadline =
    requirements.deadlineS === undefined
      ? ''
      : deadlineMet
        ? ', in time'
        : `, late: the deadline is ${limitText('deadlineS', requirements.deadlineS)}`
  return `${formatQuantity(latencyS, 'time')}${deadline}, ${formatQuantity(energyJ, 'energy')} (${energyQuality})`
}

/** The same as a document. */
export function stepDocument({ record, spaces, explained, ...rest }: ReplayedDecision): object {
  const { observation, mask, ...logged } = record
  const pointOf = (action: number): OperatingPoint | undefined => spaces.points[action]
  const withPoint = <T extends { readonly action: number }>(one: T): object => ({ ...one, point: pointOf(one.action) })
  const explanation = explained?.explanation
  return {
    ...rest,
    decision: {
      ...logged,
      point: pointOf(record.action),
      observation: Object.fromEntries(spaces.monitors.map(({ name }, i) => [name, observation[i]])),
      masked: mask.reduce((sum, bit) => sum + (bit === 0 ? 1 : 0), 0),
    },
    explanation:
      explained === null || explanation === undefined
        ? null
        : {
            ...explanation,
            drawn: explained.drawn,
            chosen: withPoint(explanation.chosen),
            runnersUp: explanation.runnersUp.map(withPoint),
            movedBy: explanation.movedBy.map(({ monitor, insteadOf }) => ({ monitor, insteadOf, point: pointOf(insteadOf) })),
          },
  }
}
