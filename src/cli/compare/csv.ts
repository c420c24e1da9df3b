import type { AgentResult, CompareResult, Stat } from '../../run/compare/result.ts'

/** Every figure of every agent as one row: env, agent, class, figure, steps from and to, mean and interval. Empty where there is none. */
export function resultsCsv(results: readonly CompareResult[]): string {
  const rows = results.flatMap(({ env, agents }) =>
    agents.flatMap((agent) =>
      figuresOf(agent).map(({ name, from, to, stat }) => [env, agent.agent, agent.class, name, from, to, stat?.mean, stat?.lo, stat?.hi]),
    ),
  )
  return [['env', 'agent', 'class', 'figure', 'from', 'to', 'mean', 'lo', 'hi'], ...rows].map((row) => `${row.map(cellOf).join(',')}\n`).join('')
}

interface Figure {
  readonly name: string
  readonly from?: number
  readonly to?: number | null
  readonly stat: Stat | null
}

function figuresOf(agent: AgentResult): Figure[] {
  const { cost, energyJ, latencyS, missRatio, dropRatio, longestMissRun, accuracy, gap, regret, decideS, windows } = agent
  const { p50, p95, p99 } = latencyS
  return [
    ...Object.entries({ cost, gap, regret, energyJ, 'latencyS.p50': p50, 'latencyS.p95': p95, 'latencyS.p99': p99 }),
    ...Object.entries({ missRatio, dropRatio, longestMissRun, accuracy, decideS }),
  ]
    .map(([name, stat]): Figure => ({ name, stat }))
    .concat(
      windows.flatMap(({ from, to, gap, missRatio }) => [
        { name: 'gap', from, to, stat: gap },
        { name: 'missRatio', from, to, stat: missRatio },
      ]),
    )
}

/** Quoted where it would break the row (RFC 4180). */
function cellOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' && /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value)
}
