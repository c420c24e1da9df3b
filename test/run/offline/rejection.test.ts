import { describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import type { Agent, Transition } from '../../../src/core/agent.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { judgeByRejection } from '../../../src/run/offline/rejection.ts'
import type { TraceEntry } from '../../../src/trace/record.ts'
import { scriptedRecord } from '../../support/scripted-record.ts'
import { scriptedHeader } from '../../support/scripted-run.ts'

const header = scriptedHeader('explorer', 1)
const objective = makeObjective(header.objective, header.nominal)
const base = scriptedRecord(header.spaces)
const actions = header.spaces.points.length
// Nothing is asked, and nothing but cores is seen.
const observation = Float64Array.from(header.spaces.monitors, ({ name }) => (name.endsWith('availableCores') ? 4 : Number.NaN))
const everything = base.mask.slice().fill(1)
const costs = header.nominal.map((point) => objective.nominalCost(point, { percentile: 99 }))

/** Every point gives what its profile says; point 0 is taken far more often than the others. */
function logOf(decisions: number, epsilon: number, seed: number) {
  const rng = makeRng(seed)
  const entries = Array.from({ length: decisions }, (_, step): TraceEntry => {
    const action = rng.next() < epsilon ? rng.int(actions) : 0
    const { latencyS, energyJ, accuracy } = header.nominal[action] as (typeof header.nominal)[number]
    return {
      kind: 'decision',
      ...base,
      observation,
      mask: everything,
      step,
      timeS: step,
      action,
      executedAction: action,
      propensity: epsilon / actions + (action === 0 ? 1 - epsilon : 0),
      outcome: { ...base.outcome, latencyS, energyJ, accuracy, deadlineMet: true },
    }
  })
  return { header: { ...header, requirements: { percentile: 99 } }, entries: () => entries }
}

/** Chooses uniformly, and takes note of what it is taught. */
function listener(seed: number): { agent: Agent; heard: Transition[] } {
  const rng = makeRng(seed)
  const heard: Transition[] = []
  const agent = {
    act: () => ({ action: rng.int(actions), propensity: 1 / actions, greedy: 0, epsilon: 1 }),
    distribution: (_, __, out) => void out.fill(1 / actions),
    learn: (transition) => void heard.push({ ...transition }),
    save: () => ({ version: 1, rng: [0, 0, 0, 0] as const }),
  } as Agent
  return { agent, heard }
}

describe('rejection replay', () => {
  it('accepts matches alone, each choice with the same chance, and teaches nothing else', async () => {
    const { agent, heard } = listener(5)
    const { rejection, valued } = await judgeByRejection('uniform', agent, logOf(40_000, 0.4, 2), objective)
    // c = 0.4 / 16 of decisions.
    expect(rejection.acceptance).toBeCloseTo(0.025, 12)
    expect(rejection.needed).toBe(4000)
    expect(rejection.accepted).toBeGreaterThan(1000 - 4 * Math.sqrt(1000))
    expect(rejection.accepted).toBeLessThan(1000 + 4 * Math.sqrt(1000))
    // The last has no successor.
    expect(heard.length).toBeGreaterThanOrEqual(rejection.accepted - 1)
    const taken = Array.from({ length: actions }, (_, a) => heard.filter(({ action }) => action === a).length)
    // Without the correction point 0 would be taken in more than a third.
    for (const count of taken) expect(count).toBeLessThan(62.5 + 5 * Math.sqrt(62.5))
    expect(valued.diagnostics.effectiveSampleSize).toBeCloseTo(rejection.accepted, 6)
    expect(valued.questionCode).toBe('nextRequest')
  })

  it('covers what the agent earns at about the stated rate', async () => {
    const truth = -costs.reduce((sum, cost) => sum + cost, 0) / actions
    let covered = 0
    for (let seed = 1; seed <= 12; seed++) {
      const { valued } = await judgeByRejection('uniform', listener(seed).agent, logOf(4000, 0.4, 100 + seed), objective)
      const snips = valued.estimates.find(({ estimator }) => estimator === 'snips')
      if ((snips?.lo as number) <= truth && (snips?.hi as number) >= truth) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(10)
  })

  it('lets an agent learn: later decisions are better', async () => {
    const agent = findAgent('linucb').make({ spaces: header.spaces, seed: 1, options: {}, objective, nominal: undefined as never })
    const { rejection, valued } = await judgeByRejection('linucb', agent, logOf(20_000, 1, 3), objective)
    expect(rejection.accepted).toBeGreaterThan(1000)
    const logged = valued.logged.value
    expect(valued).toMatchObject({ verdictCode: 'better' })
    const snips = valued.estimates.find(({ estimator }) => estimator === 'snips')?.value as number
    expect(snips).toBeGreaterThan(logged)
    // It comes near the best point.
    expect(-snips).toBeLessThan(1.1 * Math.min(...costs))
  })

  it('refuses where too few are accepted, and says how many decisions it takes', async () => {
    const { valued, rejection } = await judgeByRejection('uniform', listener(5).agent, logOf(300, 0.4, 2), objective)
    expect(rejection.accepted).toBeLessThan(30)
    expect(valued.verdictCode).toBe('cannotAnswer')
    expect(valued.verdict).toMatch(/rejection replay accepted \d+ of 300 decisions, expected at least 30; about 4000 decisions .* or --judge folds$/)
  })
})
