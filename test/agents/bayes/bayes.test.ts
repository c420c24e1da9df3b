import { describe, expect, it } from 'vitest'
import { bayes } from '../../../agents/bayes.ts'
import type { Agent, Choice } from '../../../src/core/agent.ts'
import { limitBit } from '../../../src/core/limits.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeOutcome } from '../../../src/core/outcome.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { type Knob, makeSpaces, monitorIndex, type NominalOutcome, type OperatingPoint } from '../../../src/core/spaces.ts'

// A made-up board: two clocks, of which the first matters, and points that deviate by several percent in no order.
const steps = [0.4e9, 0.7e9, 1e9, 1.3e9, 1.6e9, 1.9e9, 2.2e9]
const knobs: Knob[] = ['cpu', 'gpu'].map((domain) => ({ name: `${domain}FreqHz`, kind: 'frequency', unit: 'Hz', domain, values: steps }))
const points: OperatingPoint[] = steps.flatMap((cpuFreqHz) => steps.map((gpuFreqHz) => ({ cpuFreqHz, gpuFreqHz })))
const spaces = makeSpaces({ knobs, points, monitors: monitorsOf([{ id: 'cpu', cores: 4 }]) })
const wiggle = makeRng(11)
const nominal: NominalOutcome[] = points.map((point) => {
  const [cpu, gpu] = [(point['cpuFreqHz'] as number) / 2.2e9, (point['gpuFreqHz'] as number) / 2.2e9]
  const latencyS = (0.007 / cpu + 0.002 / gpu + 0.001) * Math.exp(0.03 * wiggle.normal())
  return { latencyS, energyJ: latencyS * (3 + 12 * cpu ** 2 + 5 * gpu ** 2) * Math.exp(0.02 * wiggle.normal()), accuracy: 0.7 }
})
const objective = makeObjective(
  { kind: 'energy', weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 }, reference: { point: 48, ...(nominal[48] as NominalOutcome) } },
  nominal,
)
const fastestS = Math.min(...nominal.map(({ latencyS }) => latencyS))

/** Least energy of the points that are in time with room for noise. */
const leastJ = (deadlineS: number): number =>
  Math.min(...nominal.filter(({ latencyS }) => latencyS * 1.08 <= deadlineS).map(({ energyJ }) => energyJ))

interface Run {
  readonly agent: Agent
  readonly rng: ReturnType<typeof makeRng>
}

const begin = (seed: number): Run => ({
  agent: bayes.make({
    spaces,
    seed,
    options: {},
    objective,
    nominal: nominal.map(() => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy: 0.7 })),
  }),
  rng: makeRng(seed),
})
const mask = new Uint8Array(points.length).fill(1)

const observe = (deadlineS: number, interference = 0): Float64Array => {
  const observation = new Float64Array(spaces.monitors.length).fill(Number.NaN)
  const set = (name: string, value: number): void => {
    observation[monitorIndex(spaces, name)] = value
  }
  set('cpu.interference', interference)
  set('queueLength', 0)
  set('deadlineS', deadlineS)
  return observation
}

/** Lives through decisions; answers the actions and how many were late. `slowness`: of the board, shown by no monitor. */
function live({ agent, rng }: Run, count: number, deadlineS: number, { interference = 0, slowness = 1 } = {}): { actions: number[]; late: number } {
  const observation = observe(deadlineS, interference)
  let late = 0
  const actions = Array.from({ length: count }, () => {
    const { action } = agent.act(observation, mask) as Choice
    const { latencyS, energyJ } = nominal[action] as NominalOutcome
    const factor = Math.exp(0.03 * rng.normal()) * (slowness / (1 - interference))
    const outcome = { ...makeOutcome(), latencyS: latencyS * factor, energyJ: energyJ * factor, accuracy: 0.7 }
    if (outcome.latencyS > deadlineS) late++
    const requirements = { deadlineS, percentile: 99 }
    agent.learn({
      observation,
      mask,
      action,
      propensity: 1,
      outcome,
      requirements,
      cost: objective.cost(outcome, requirements),
      durationS: outcome.latencyS,
      nextObservation: observation,
      nextMask: mask,
    })
    return action
  })
  return { actions, late }
}

const meanJ = (actions: readonly number[]): number => actions.reduce((sum, a) => sum + (nominal[a] as NominalOutcome).energyJ, 0) / actions.length

describe('bayes', () => {
  for (const times of [1.2, 1.5, 2.5])
    it(`finds a point near the best from nothing, and is seldom late: ${times}x`, () => {
      let [gap, late] = [0, 0]
      const seeds = 5
      for (let seed = 1; seed <= seeds; seed++) {
        const run = begin(seed)
        const start = live(run, 80, times * fastestS)
        const later = live(run, 120, times * fastestS)
        gap += meanJ(later.actions) / leastJ(times * fastestS) - 1
        late += start.late + later.late
      }
      expect(gap / seeds).toBeLessThan(0.05)
      expect(late / (200 * seeds)).toBeLessThan(0.02)
    })

  it('begins with the highest clocks', () => {
    expect(live(begin(1), 1, 2 * fastestS).actions).toEqual([48])
  })

  it('answers a changed deadline at once, from what it knows', () => {
    const run = begin(2)
    live(run, 100, 2.5 * fastestS)
    const { actions } = live(run, 5, 1.4 * fastestS)
    for (const action of actions) expect((nominal[action] as NominalOutcome).latencyS).toBeLessThan(1.4 * fastestS)
  })

  it('makes room for a co-runner at the next decision, by what the monitor says', () => {
    const run = begin(3)
    const quiet = live(run, 150, 1.8 * fastestS).actions.at(-1) as number
    const busy = (run.agent.act(observe(1.8 * fastestS, 0.3), mask) as Choice).action
    expect((nominal[quiet] as NominalOutcome).latencyS / 0.7).toBeGreaterThan(1.8 * fastestS)
    expect((nominal[busy] as NominalOutcome).latencyS / 0.7).toBeLessThan(1.8 * fastestS)
  })

  it('notices that the board has become slower, says so with evidence, and is in time again', () => {
    const run = begin(4)
    live(run, 200, 1.8 * fastestS)
    expect(run.agent.changes?.()).toEqual([])
    live(run, 20, 1.8 * fastestS, { slowness: 1.3 })
    const [change] = run.agent.changes?.() ?? []
    expect(change).toMatchObject({ what: 'latency', cluster: 'cpu' })
    expect(change?.decision).toBeGreaterThanOrEqual(200)
    expect(change?.z).toBeGreaterThan(1)
    expect(live(run, 60, 1.8 * fastestS, { slowness: 1.3 }).late).toBeLessThanOrEqual(2)
  })

  it('takes the least bad point where nothing is in time, and says which requirement it relaxed', () => {
    const run = begin(5)
    live(run, 60, 0.6 * fastestS)
    const { relaxed, chosen, feasible } = run.agent.explain?.(observe(0.6 * fastestS), mask) ?? {}
    expect(relaxed).toEqual(['deadlineS'])
    // 99 % of what the fastest point gives under 3 % noise: 7 % above its median.
    expect((feasible?.deadlineS as number) / fastestS).toBeCloseTo(1.07, 1)
    expect((run.agent.act(observe(0.6 * fastestS), mask) as Choice).relaxed).toBe(limitBit.deadlineS)
    expect((run.agent.act(observe(1.5 * fastestS), mask) as Choice).relaxed).toBe(0)
    expect(chosen?.missRatio).toBeGreaterThan(0.9)
  })

  it('relaxes nothing while it only does not know yet', () => {
    const run = begin(8)
    const asked: number[] = []
    for (let i = 0; i < 20; i++) {
      asked.push((run.agent.act(observe(1.4 * fastestS), mask) as Choice).relaxed as number)
      live(run, 1, 1.4 * fastestS)
    }
    expect(asked).toEqual(new Array(20).fill(0))
    // Before the first answer nothing is predicted, and said so.
    expect(begin(9).agent.explain?.(observe(0.01), mask)).toMatchObject({
      chosen: { latencyS: Number.NaN, cost: Number.NaN, accuracy: 0.7 },
      runnersUp: [],
    })
  })

  it('explains what it predicts, what binds it and which monitor moved it', () => {
    const run = begin(6)
    live(run, 200, 1.3 * fastestS)
    const seen = observe(1.3 * fastestS)
    const { chosen, runnersUp, binding, relaxed, movedBy } = run.agent.explain?.(seen, mask) ?? {}
    expect(chosen?.action).toBe((run.agent.act(seen, mask) as Choice).action)
    if (chosen === undefined) throw new Error('bayes explains')
    const { latencyS, energyJ } = nominal[chosen.action] as NominalOutcome
    expect(chosen.latencyS / latencyS).toBeCloseTo(1, 1)
    expect(chosen.energyJ / energyJ).toBeCloseTo(1, 1)
    expect(chosen.latencyHighS).toBeGreaterThan(chosen.latencyS)
    expect(binding).toEqual(['deadlineS'])
    expect(relaxed).toEqual([])
    expect(movedBy).toEqual([])
    expect(runnersUp).toHaveLength(3)
    const slack = observe(1.8 * fastestS, 0.3)
    expect(run.agent.explain?.(slack, mask).movedBy).toMatchObject([{ monitor: 'cpu.interference' }])
  })

  it('does not change by being asked to explain', () => {
    const run = begin(7)
    live(run, 30, 1.5 * fastestS)
    const before = JSON.stringify(run.agent.save())
    run.agent.explain?.(observe(1.5 * fastestS, 0.5), mask)
    expect(JSON.stringify(run.agent.save())).toBe(before)
  })
})
