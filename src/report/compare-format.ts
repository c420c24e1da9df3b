import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { formatQuantity } from '../core/units.ts'
import type { AgentClass, AgentResult, CompareResult, Stat } from '../run/compare/result.ts'

/** In the order they are shown. */
export const classTitles: Readonly<Record<AgentClass, string>> = {
  nothing: 'from nothing',
  transferred: 'transferred',
  profiled: 'profiled',
  trained: 'trained',
  reference: 'reference',
}
export const classes = Object.keys(classTitles) as AgentClass[]

/** A ratio in %, without digits that mean nothing: `3.1 %`, `240 %`; `-` for what is absent. */
export function percentText(ratio: number): string {
  if (!Number.isFinite(ratio)) return '-'
  const percent = 100 * ratio
  const text = percent.toFixed(Math.abs(percent) < 9.95 ? 1 : 0)
  return `${Number(text) === 0 ? '0' : text} %`
}

/** A ratio that was asked, to a tenth of a percent: `86.3 %`, `68 %`. */
const askedPercent = (ratio: number): string => `${Number((100 * ratio).toFixed(1))} %`

/** A mean of counts: one digit after the point, none from 100 on. */
export const countText = (count: number): string => (Number.isFinite(count) ? String(Number(count.toFixed(count < 99.95 ? 1 : 0))) : '-')

export const timeText = (timeS: number): string => formatQuantity(timeS, 'time')
export const energyText = (energyJ: number): string => formatQuantity(energyJ, 'energy')

/** `1.2 to 3.4 %`; undefined where there is no interval, as with one seed, and where both ends read like the figure itself. */
export function intervalText({ mean, lo, hi }: Stat, text: (value: number) => string): string | undefined {
  if (lo === null || hi === null) return undefined
  const [low, high] = [text(lo), text(hi)]
  if (low === high && low === text(mean)) return undefined
  const unit = / [^ ]+$/.exec(high)?.[0]
  return unit !== undefined && low.endsWith(unit) ? `${low.slice(0, -unit.length)} to ${high}` : `${low} to ${high}`
}

/** `at most 33 ms for 99 % of requests, at most 100 mJ`. */
export function requirementsText({ deadlineS, percentile, energyBudgetJ, accuracyFloor, leastConfidence }: Requirements): string {
  const parts = [
    ...(deadlineS === undefined ? [] : [`at most ${formatQuantity(deadlineS, 'time', 4)} for ${percentile} % of requests`]),
    ...(energyBudgetJ === undefined ? [] : [`at most ${energyText(energyBudgetJ)}`]),
    ...(accuracyFloor === undefined ? [] : [`accuracy at least ${askedPercent(accuracyFloor)}`]),
    ...(leastConfidence === undefined ? [] : [`confidence at least ${askedPercent(leastConfidence)}`]),
  ]
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

export function objectiveText({ kind, weights }: ObjectiveSpec): string {
  if (kind !== 'weighted') return kind
  const used = Object.entries(weights).filter(([, weight]) => weight > 0)
  return `weighted (${used.map(([name, weight]) => `${name} ${weight}`).join(', ')})`
}

const scopes = { rail: 'of the rail', board: 'of the board', cpuTime: 'of the CPU time' } as const

/** What a simulated board's sensor shows is measured for its governor, but not for a reader. */
function energyOf({ labels, energyQuality, energyScope }: CompareResult): string {
  if (energyQuality === 'absent') return 'energy unknown'
  const simulated = energyQuality === 'measured' && labels.some((label) => label.startsWith('simulated'))
  return `energy ${simulated ? 'of a simulated sensor' : energyQuality}, ${scopes[energyScope]}`
}

/** All that is to be known about the figures of an environment. */
export const labelsOf = (result: CompareResult): string[] => [...result.labels, energyOf(result)]

/** What stands beside every figure: whether it is simulated, measured or estimated, and what was laid over it; all where no label says so. */
export function briefLabelsText(result: CompareResult): string {
  const brief = result.labels.filter((label) => /^(simulated|measured|estimated|overlay)/.test(label))
  return [...(brief.length === 0 ? result.labels : brief), energyOf(result)].join('; ')
}

/** `1 to 20`. */
export const seedsText = ({ seeds, firstSeed }: CompareResult): string => (seeds === 1 ? `${firstSeed}` : `${firstSeed} to ${firstSeed + seeds - 1}`)

const longestName = 18

/** A name as a chart has room for it: of a long one, as of a checkpoint's path, the ends. */
export const chartName = (agent: string): string => (agent.length <= longestName ? agent : `${agent.slice(0, 7)}…${agent.slice(-10)}`)

/** Agents of one class, least cost first. */
export const ranked = ({ agents }: CompareResult, group: AgentClass): AgentResult[] =>
  agents.filter((agent) => agent.class === group).sort((a, b) => a.cost.mean - b.cost.mean)

/** All agents, class by class. */
export const inOrder = (result: CompareResult): AgentResult[] => classes.flatMap((group) => ranked(result, group))

/** The best of its class, or not to be told from it; one seed tells nothing about others. */
export const isAmongBest = ({ class: group, behindBest }: AgentResult): boolean =>
  group !== 'reference' && (behindBest === null || (behindBest.lo !== null && !behindBest.distinguishable))
