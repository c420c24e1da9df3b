import type { Limit, LimitValues, PredictedPoint } from '../core/agent.ts'
import { costText } from '../core/cost-text.ts'
import { limits } from '../core/limits.ts'
import { formatQuantity } from '../core/units.ts'
import type { ExplainedDecision } from '../run/explained.ts'
import { energyText, percentText, timeText } from './compare-format.ts'
import { pointNames } from './point-text.ts'

const unknown = 'unknown'
const known = (value: number, text: (value: number) => string): string => (Number.isNaN(value) ? unknown : text(value))
const joined = (parts: readonly string[]): string => parts.join(', ').replace(/, ([^,]*)$/, ' and $1')

/** `36 ms`, `100 mJ`, `86.3 %`. */
export function limitText(limit: Limit, value: number): string {
  if (limit === 'accuracyFloor') return `${Number((100 * value).toFixed(1))} %`
  return formatQuantity(value, limit === 'deadlineS' ? 'time' : 'energy')
}

export const limitNames: Readonly<Record<Limit, string>> = { deadlineS: 'deadline', energyBudgetJ: 'energy budget', accuracyFloor: 'accuracy floor' }

/** `the deadline (36 ms) and the accuracy floor (86 %)`. */
export const limitsText = (asked: LimitValues): string =>
  joined(limits.flatMap((limit) => (asked[limit] === undefined ? [] : [`the ${limitNames[limit]} (${limitText(limit, asked[limit])})`])))

/** `41 ms could be kept`; empty where nothing could. */
export function feasibleText(feasible: LimitValues): string {
  const texts = limits.flatMap((limit) => (feasible[limit] === undefined ? [] : [limitText(limit, feasible[limit])]))
  return texts.length === 0 ? '' : `${joined(texts)} could be kept`
}

const onlyOf = (chosen: readonly Limit[], values: LimitValues): LimitValues => Object.fromEntries(chosen.map((limit) => [limit, values[limit]]))

/** The agent follows a rule that compares no points. */
export const predictsNothing = ({ explanation: { chosen, runnersUp } }: ExplainedDecision): boolean =>
  runnersUp.length === 0 && [chosen.cost, chosen.latencyS, chosen.energyJ].every(Number.isNaN)

/** `31 ms (99 % below 36 ms), 84 mJ, misses 0.3 %`; what an agent does not predict is said to be unknown. */
function predictionText(point: PredictedPoint, decision: ExplainedDecision): string {
  const { requirements, objective } = decision
  const { latencyS, latencyHighS, energyJ, missRatio, cost } = point
  const parts: readonly (readonly [string, number, string])[] = [
    [
      'latency',
      latencyS,
      `${timeText(latencyS)}${Number.isNaN(latencyHighS) ? '' : ` (${requirements.percentile} % below ${timeText(latencyHighS)})`}`,
    ],
    ['energy', energyJ, energyText(energyJ)],
    ...(requirements.deadlineS === undefined ? [] : [['misses', missRatio, `misses ${percentText(missRatio)}`] as const]),
  ]
  if (predictsNothing(decision)) return 'by a rule, which predicts nothing'
  const missing = parts.filter(([, value]) => Number.isNaN(value)).map(([name]) => name)
  return [
    ...(missing.length === 0 ? [] : [`cost ${known(cost, (value) => costText(value, objective))}`]),
    ...parts.flatMap(([, value, text]) => (Number.isNaN(value) ? [] : [text])),
    ...(missing.length === 0 ? [] : [`${joined(missing)} ${unknown}`]),
  ].join(', ')
}

/** Why: what bound the choice, what moved it, whether it is a trial. Each a clause. */
export function reasonTexts(decision: ExplainedDecision): string[] {
  const { explanation, requirements, spaces, propensity, drawn } = decision
  const { chosen, runnersUp, trial, binding, relaxed, feasible, movedBy, barred } = explanation
  const name = pointNames(spaces)
  const instead = feasibleText(feasible)
  const best = runnersUp[0] === undefined ? '' : `, believed best: ${name(runnersUp[0].action)}`
  return [
    ...(drawn ? [`drawn by chance (propensity ${percentText(propensity)})${trial ? best : ''}`] : trial ? [`tried to learn${best}`] : []),
    ...(relaxed.length === 0
      ? []
      : [`no point keeps ${limitsText(onlyOf(relaxed, requirements))}, so the least bad is taken${instead === '' ? '' : `; ${instead}`}`]),
    ...(binding.length === 0 ? [] : [`bound by ${limitsText(onlyOf(binding, requirements))}`]),
    ...movedBy.map(({ monitor, insteadOf }) => `${quietText(monitor)} it would be ${name(insteadOf)}`),
    ...(barred === undefined || barred === chosen.action ? [] : [`were everything allowed it would be ${name(barred)}`]),
  ]
}

/** A monitor that reads quiet, in words. */
function quietText(monitor: string): string {
  const [, cluster = ''] = /^(.*)\.[^.]*$/.exec(monitor) ?? []
  if (monitor.endsWith('.interference')) return `without others' load on ${cluster} (${monitor})`
  if (monitor.endsWith('.availableCores')) return `with all cores of ${cluster} (${monitor})`
  return (
    {
      queueLength: 'with nobody in the queue',
      waitedS: 'had the request not waited (waitedS)',
      pressure: 'without pressure',
      tempC: 'on a cool board (tempC)',
    }[monitor] ?? `with ${monitor} quiet`
  )
}

/** One line: `big at 1.4 GHz, 50 % net: 31 ms (99 % below 36 ms), 84 mJ, misses 0.3 %; next: …; bound by the deadline (36 ms)`. */
export function explanationLine(decision: ExplainedDecision): string {
  const { explanation, step, spaces } = decision
  const { chosen, runnersUp, trial } = explanation
  const [next] = runnersUp
  const name = pointNames(spaces)
  const dearer = next === undefined ? Number.NaN : next.cost / chosen.cost - 1
  const after = next === undefined || trial ? [] : [`next: ${name(next.action)}${Number.isFinite(dearer) ? `, ${percentText(dearer)} dearer` : ''}`]
  return `decision ${step}: ${[`${name(chosen.action)}: ${predictionText(chosen, decision)}`, ...after, ...reasonTexts(decision)].join('; ')}`
}

/** The chosen point and the runners-up as a table: a row of titles, then one for each point. */
export function explanationRows(decision: ExplainedDecision): string[][] {
  const { explanation, requirements, objective, spaces } = decision
  const name = pointNames(spaces)
  const row = (title: string, { action, latencyS, latencyHighS, energyJ, accuracy, missRatio, cost, tried }: PredictedPoint): string[] => [
    title,
    name(action),
    known(latencyS, timeText),
    known(latencyHighS, timeText),
    known(energyJ, energyText),
    known(accuracy, percentText),
    known(missRatio, percentText),
    known(cost, (value) => costText(value, objective)),
    tried ? 'yes' : 'no',
  ]
  const points = [row('chosen', explanation.chosen), ...explanation.runnersUp.map((point, i) => row(i === 0 ? 'next' : '', point))]
  // An agent that learns costs alone predicts neither latency nor energy.
  const said = (_: string, column: number): boolean => points.some((cells) => cells[column] !== unknown)
  return [['', 'point', 'latency', `${requirements.percentile} % below`, 'energy', 'accuracy', 'misses', 'cost', 'tried'], ...points].map((cells) =>
    cells.filter(said),
  )
}
