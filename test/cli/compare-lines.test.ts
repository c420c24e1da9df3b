import { describe, expect, it } from 'vitest'
import { resultsCsv } from '../../src/cli/compare/csv.ts'
import { compareLines } from '../../src/cli/compare/lines.ts'
import type { AgentResult, CompareResult, Stat } from '../../src/run/compare/result.ts'

const stat = (mean: number, half: number | null = null): Stat =>
  half === null ? { mean, lo: null, hi: null } : { mean, lo: mean - half, hi: mean + half }

const agent = (name: string, change: Partial<AgentResult> = {}): AgentResult => ({
  agent: name,
  class: 'nothing',
  profileSteps: 0,
  cost: stat(2, 0.0004),
  reward: stat(-2, 0.0004),
  energyJ: stat(0.1),
  latencyS: { p50: stat(0.02), p95: stat(0.05), p99: null },
  missRatio: stat(0.125, 0.01),
  dropRatio: stat(0),
  longestMissRun: stat(3.5),
  accuracy: stat(0.71),
  gap: stat(0.25, 0.031),
  regret: stat(10),
  windows: [{ from: 1, to: 20, gap: stat(1.5, 0.5), missRatio: stat(0.2) }],
  decideS: stat(2e-6),
  behindBest: null,
  curve: [2],
  notes: [],
  ...change,
})

const result = (agents: AgentResult[], change: Partial<CompareResult> = {}): CompareResult => ({
  env: 'sim:made-up@steady',
  labels: ['simulated: made-up'],
  objective: {
    kind: 'weighted',
    weights: { latency: 1, energy: 0, accuracy: 1, confidence: 0 },
    reference: { point: 0, knobs: { subnet: 'small' }, latencyS: 0.01, energyJ: 0.1, accuracy: 0.7 },
  },
  requirements: [{ percentile: 99, deadlineS: 0.033 }],
  infeasible: [],
  energyQuality: 'estimated',
  energyScope: 'board',
  steps: 25,
  seeds: 3,
  firstSeed: 7,
  points: 16,
  blockSteps: 1,
  oracle: { cost: stat(1.6), curve: [1.6] },
  agents,
  ...change,
})

/** Cells of an agent's row in the table of figures. */
const cellsOf = (lines: readonly string[], name: string): string[] => (lines.find((line) => line.trim().startsWith(name)) ?? '').trim().split(/ {2,}/)

describe('a comparison in the terminal', () => {
  it('writes every figure with its unit and its interval to the same place', () => {
    const lines = compareLines(result([agent('linucb')]))
    expect(cellsOf(lines, 'linucb')).toEqual([
      'linucb',
      '2.000 ±0.000',
      '25.0 ±3.1 %',
      'best',
      '100 mJ',
      '20 ms',
      '50 ms',
      'too few',
      '12.5 ±1.0 %',
      '3.5',
      '71.0',
      '2 us',
    ])
    expect(lines).toContain('16 points, 25 steps, seeds 7 to 9; ± is half of a 95 % interval over seeds')
    expect(lines).toContain('energy estimated, of the board')
    expect(lines).toContain('objective weighted (latency 1, accuracy 1)')
    expect(lines).toContain('asked: at most 33 ms for 99 % of requests')
    expect(lines.at(-1)).toBe('too few: 25 steps a run; a p95 needs 130, a p99 662')
  })

  it('ranks within each class, the best first, and references last', () => {
    const behind = (mean: number, half: number | null, distinguishable: boolean) => ({ ...stat(mean, half), distinguishable })
    const lines = compareLines(
      result([
        agent('oracle', { class: 'reference' }),
        agent('slow', { cost: stat(9), behindBest: behind(7, 1, true) }),
        agent('near', { cost: stat(2.1), behindBest: behind(0.1, 0.2, false) }),
        agent('once', { cost: stat(2.2), behindBest: behind(0.2, null, false) }),
        agent('fast'),
        agent('fast+profile', { class: 'profiled', profileSteps: 16 }),
      ]),
    )
    const table = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('gap by steps')),
    )
    const order = table.map((line) => /^ {2}(\S+)/.exec(line)?.[1]).filter((name) => name !== undefined)
    expect(order).toEqual(['fast', 'near', 'once', 'slow', 'fast+profile', 'oracle'])
    expect(['fast', 'near', 'once', 'slow', 'oracle'].map((name) => cellsOf(lines, name)[3])).toEqual([
      'best',
      'not distinguishable',
      '+0.2000, one seed',
      '+7.000 ±1.000',
      '100 mJ',
    ])
    expect(lines).toContain('the profile took 16 steps, which no figure counts')
  })

  it('shows what is unknown as unknown, and windows with their gaps', () => {
    const lines = compareLines(result([agent('linucb', { energyJ: null, accuracy: null, notes: ['learned elsewhere'] })]))
    expect(cellsOf(lines, 'linucb')[4]).toBe('-')
    expect(cellsOf(lines, 'linucb')[10]).toBe('-')
    const at = lines.findIndex((line) => line.startsWith('gap by steps'))
    expect(lines[at]).toMatch(/1-20$/)
    expect(lines[at + 2]).toMatch(/linucb +150\.0 ±50\.0 %$/)
    expect(lines).toContain('linucb: learned elsewhere')
    expect(compareLines(result([agent('linucb', { windows: [] })])).some((line) => line.startsWith('gap by steps'))).toBe(false)
  })

  it('says what is asked phase by phase, and what is infeasible', () => {
    const requirements = [{ percentile: 99 }, { percentile: 90, deadlineS: 0.001, energyBudgetJ: 0.1, accuracyFloor: 0.6, leastConfidence: 0.5 }]
    const leastBad = { point: 'subnet=25', latencyS: 0.002, energyJ: null, accuracy: 0.7 }
    const lines = compareLines(result([agent('linucb')], { requirements, infeasible: [{ phase: 1, requirements: { percentile: 99 }, leastBad }] }))
    expect(lines).toContain('asked: nothing')
    expect(lines).toContain('  then at most 1 ms for 90 % of requests, at most 100 mJ, accuracy at least 60 %, confidence at least 50 %')
    expect(lines.find((line) => line.startsWith('infeasible'))).toMatch(
      /^infeasible: phase 2 .*; least bad is subnet=25, which gives 2 ms, accuracy 70 %$/,
    )
  })
})

describe('a comparison as rows', () => {
  it('is a row a figure, quoted where it must be, empty where there is none', () => {
    const rows = resultsCsv([result([agent('a,"b"', { energyJ: null })])]).split('\n')
    expect(rows[0]).toBe('env,agent,class,figure,from,to,mean,lo,hi')
    expect(rows).toContain('sim:made-up@steady,"a,""b""",nothing,energyJ,,,,,')
    expect(rows).toContain('sim:made-up@steady,"a,""b""",nothing,gap,1,20,1.5,1,2')
    expect(rows).toContain('sim:made-up@steady,"a,""b""",nothing,regret,,,10,,')
    expect(rows).toHaveLength(1 + 14 + 1)
  })
})
