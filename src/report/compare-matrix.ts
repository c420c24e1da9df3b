import { median } from '../core/statistics.ts'
import type { AgentClass, CompareResult } from '../run/compare/result.ts'
import { classes, classTitles, intervalText, isAmongBest, percentText } from './compare-format.ts'

export interface MatrixCell {
  readonly text: string
  readonly interval: string | undefined
  /** Depth of the colour in [0, 1]: 0 at the oracle and below it, 1 at the largest gap. */
  readonly heat: number
  readonly best: boolean
}

export interface MatrixRow {
  readonly agent: string
  /** One an environment, null where the agent was not there. */
  readonly cells: readonly (MatrixCell | null)[]
  /** Of the mean gaps over the environments. */
  readonly medianGap: number
}

export interface MatrixGroup {
  readonly class: AgentClass
  readonly title: string
  readonly rows: readonly MatrixRow[]
}

/** Agents by environments, class by class, least median gap first. */
export function matrixGroups(results: readonly CompareResult[]): MatrixGroup[] {
  const most = Math.max(1, ...results.flatMap(({ agents }) => agents.map(({ gap }) => gap.mean)))
  return classes.flatMap((group) => {
    const names = new Set(results.flatMap(({ agents }) => agents.filter((agent) => agent.class === group).map(({ agent }) => agent)))
    const rows = [...names].map((name) => rowOf(name, group, results, most)).sort((a, b) => a.medianGap - b.medianGap)
    return rows.length === 0 ? [] : [{ class: group, title: classTitles[group], rows }]
  })
}

function rowOf(name: string, group: AgentClass, results: readonly CompareResult[], most: number): MatrixRow {
  const found = results.map(({ agents }) => agents.find(({ agent, class: own }) => agent === name && own === group) ?? null)
  return {
    agent: name,
    cells: found.map((agent) =>
      agent === null
        ? null
        : {
            text: percentText(agent.gap.mean),
            interval: intervalText(agent.gap, percentText),
            heat: heatOf(agent.gap.mean, most),
            best: isAmongBest(agent),
          },
    ),
    medianGap: median(found.flatMap((agent) => (agent === null ? [] : [agent.gap.mean]))),
  }
}

// By the logarithm, so that 5 % and 10 % differ as much as 50 % and 100 %.
const least = 0.05
export const heatOf = (gap: number, most: number): number => (gap > 0 ? Math.min(1, Math.log1p(gap / least) / Math.log1p(most / least)) : 0)

export interface ColumnGroup {
  /** `sim:odroid-xu4@`: what the names of neighbouring environments begin with. */
  readonly stem: string
  readonly results: readonly CompareResult[]
}

export const stemOf = (env: string): string => /^.*@/.exec(env)?.[0] ?? /^[^:]*:/.exec(env)?.[0] ?? ''

/** Neighbours of one stem. */
export function columnGroups(results: readonly CompareResult[]): ColumnGroup[] {
  const groups: { stem: string; results: CompareResult[] }[] = []
  for (const result of results) {
    const stem = stemOf(result.env)
    const last = groups.at(-1)
    if (last?.stem === stem) last.results.push(result)
    else groups.push({ stem, results: [result] })
  }
  return groups
}

/** `sim:odroid-xu4@steady, drift; table:x`: each stem once. */
export const envsText = (results: readonly CompareResult[]): string =>
  columnGroups(results)
    .map(({ stem, results: own }) => `${stem}${own.map(({ env }) => env.slice(stem.length)).join(', ')}`)
    .join('; ')
