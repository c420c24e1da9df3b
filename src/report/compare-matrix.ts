import { median } from '../core/statistics.ts'
import type { AgentClass, CompareResult } from '../run/compare/result.ts'
import { classes, classTitles, intervalText, isAmongBest, percentText } from './compare-format.ts'

export interface MatrixCell {
  readonly text: string
  readonly interval: string | undefined
  /** Depth of the colour in [0, 1]: 0 at the oracle and below it, 1 from a gap of 2 on. */
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
  return classes.flatMap((group) => {
    const names = new Set(results.flatMap(({ agents }) => agents.filter((agent) => agent.class === group).map(({ agent }) => agent)))
    const rows = [...names].map((name) => rowOf(name, group, results)).sort((a, b) => a.medianGap - b.medianGap)
    return rows.length === 0 ? [] : [{ class: group, title: classTitles[group], rows }]
  })
}

function rowOf(name: string, group: AgentClass, results: readonly CompareResult[]): MatrixRow {
  const found = results.map(({ agents }) => agents.find(({ agent, class: own }) => agent === name && own === group) ?? null)
  return {
    agent: name,
    cells: found.map((agent) =>
      agent === null
        ? null
        : {
            text: percentText(agent.gap.mean),
            interval: intervalText(agent.gap, percentText),
            heat: heatOf(agent.gap.mean),
            best: isAmongBest(agent),
          },
    ),
    medianGap: median(found.flatMap((agent) => (agent === null ? [] : [agent.gap.mean]))),
  }
}

// By the logarithm, so that 2 % and 10 % differ as much as 40 % and 200 %.
const least = 0.05
const most = 2
export const heatOf = (gap: number): number => (gap > 0 ? Math.min(1, Math.log1p(gap / least) / Math.log1p(most / least)) : 0)

/** What all names begin with, up to a `:`, `@` or `/`, so that it need be said once only. */
export function commonStem(names: readonly string[]): string {
  const [first = ''] = names
  if (names.length < 2) return ''
  let length = 0
  while (length < first.length && names.every((name) => name[length] === first[length])) length++
  return /^.*[:@/]/.exec(first.slice(0, length))?.[0] ?? ''
}
