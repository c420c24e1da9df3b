import { costText } from '../core/cost-text.ts'
import type { AgentClass, AgentResult, CompareResult, Stat } from '../run/compare/result.ts'
import {
  classes,
  classTitles,
  countText,
  energyText,
  inOrder,
  intervalText,
  isAmongBest,
  percentText,
  ranked,
  requirementsText,
  timeText,
} from './compare-format.ts'

/** A figure, and under it its interval. */
export interface Cell {
  readonly text: string
  readonly interval?: string | undefined
  /** The text may break. */
  readonly words?: boolean
}

export interface RankedRow {
  readonly rank: number
  readonly agent: string
  readonly best: boolean
  readonly cells: readonly Cell[]
}

export interface RankedGroup {
  readonly class: AgentClass
  readonly title: string
  readonly rows: readonly RankedRow[]
}

export const rankedHeader = [
  'gap',
  'cost a step',
  'behind the best',
  'energy an inference',
  'p50',
  'p95',
  'p99',
  'misses',
  'longest run of misses',
  'accuracy',
  'decision time',
  'regret',
] as const

const figure = (stat: Stat, text: (value: number) => string): Cell => ({ text: text(stat.mean), interval: intervalText(stat, text) })
const optional = (stat: Stat | null, text: (value: number) => string, none: string): Cell => (stat === null ? { text: none } : figure(stat, text))

/** One ranking a class, never mixed; a class without agents is left out. */
export function rankedGroups(result: CompareResult): RankedGroup[] {
  return classes.flatMap((group) => {
    const rows = ranked(result, group).map((agent, i) => ({
      rank: i + 1,
      agent: agent.agent,
      best: isAmongBest(agent),
      cells: cellsOf(agent, result),
    }))
    return rows.length === 0 ? [] : [{ class: group, title: classTitles[group], rows }]
  })
}

function cellsOf(agent: AgentResult, { objective }: CompareResult): Cell[] {
  const cost = (value: number): string => costText(value, objective)
  const { latencyS } = agent
  return [
    figure(agent.gap, percentText),
    figure(agent.cost, cost),
    behind(agent, cost),
    optional(agent.energyJ, energyText, 'unknown'),
    optional(latencyS.p50, timeText, 'too few'),
    optional(latencyS.p95, timeText, 'too few'),
    optional(latencyS.p99, timeText, 'too few'),
    figure(agent.missRatio, percentText),
    figure(agent.longestMissRun, countText),
    optional(agent.accuracy, percentText, 'unknown'),
    figure(agent.decideS, timeText),
    figure(agent.regret, cost),
  ]
}

function behind({ class: group, behindBest }: AgentResult, cost: (value: number) => string): Cell {
  if (group === 'reference') return { text: '' }
  if (behindBest === null) return { text: 'best' }
  if (behindBest.lo === null) return { text: `${cost(behindBest.mean)}, one seed`, words: true }
  return behindBest.distinguishable
    ? figure(behindBest, cost)
    : { text: 'not distinguishable', interval: intervalText(behindBest, cost), words: true }
}

/** What nobody could have met, phase by phase, with the point that comes nearest. */
export function infeasibleTexts({ infeasible, requirements }: CompareResult): string[] {
  return infeasible.map(({ phase, requirements: asked, leastBad: { point, latencyS, energyJ, accuracy } }) => {
    const where = requirements.length > 1 ? `phase ${phase + 1} (${requirementsText(asked)})` : requirementsText(asked)
    const gives = [
      timeText(latencyS),
      ...(energyJ === null ? [] : [energyText(energyJ)]),
      ...(accuracy === null ? [] : [`accuracy ${percentText(accuracy)}`]),
    ]
    return `infeasible: ${where} is met by no point even on the quiet board; least bad is ${point}, which gives ${gives.join(', ')}`
  })
}

/** What is asked, phase by phase. */
export const askedTexts = ({ requirements }: CompareResult): string[] =>
  requirements.map((asked, i) => (i === 0 ? requirementsText(asked) : `then ${requirementsText(asked)}`))

/** Notes of the agents, each said once with all whom it concerns. */
export function noteTexts(result: CompareResult): string[] {
  const by = new Map<string, string[]>()
  for (const { agent, notes, profileSteps } of inOrder(result)) {
    const profile = profileSteps === 0 ? [] : [`began with a profile of ${profileSteps} steps, which no figure counts`]
    for (const note of [...profile, ...notes]) by.set(note, [...(by.get(note) ?? []), agent])
  }
  return [...by].map(([note, agents]) => `${agents.join(', ')}: ${note}`)
}
