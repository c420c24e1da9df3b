import { describe, expect, it } from 'vitest'
import { makeAxes } from '../../../agents/bayes/axes.ts'
import { makeSurface } from '../../../agents/linear/surface.ts'
import { linUcb } from '../../../agents/linucb.ts'
import { thompson } from '../../../agents/thompson.ts'
import type { Agent, AgentInput, AgentKind, Choice } from '../../../src/core/agent.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeOutcome } from '../../../src/core/outcome.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { type Knob, makeSpaces, monitorIndex, type NominalOutcome, type OperatingPoint } from '../../../src/core/spaces.ts'

const clusters = ['a', 'b'] as const
const levels = [0.5e9, 0.7e9, 1e9, 1.4e9, 2e9]
const knobs: Knob[] = [
  { name: 'subnet', kind: 'subnet', values: [25, 50, 100] },
  { name: 'cluster', kind: 'cluster', values: clusters },
  { name: 'freqHz', kind: 'frequency', unit: 'Hz', values: levels },
]
const points: OperatingPoint[] = [25, 50, 100].flatMap((subnet) =>
  clusters.flatMap((cluster) => levels.map((freqHz) => ({ subnet, cluster, freqHz }))),
)
const spaces = makeSpaces({ knobs, points, monitors: monitorsOf(clusters.map((id) => ({ id, cores: 4 }))) })
const n = points.length

/** The smallest network's 10 ms at 2 GHz on cluster b, a third slower on a; power grows with the square of the clock, and a draws half as much. */
const nominal = points.map(({ subnet, cluster, freqHz }): NominalOutcome => {
  const latencyS = (0.01 * (subnet as number) * 2e9 * (cluster === 'a' ? 4 / 3 : 1)) / (25 * (freqHz as number))
  return {
    latencyS,
    energyJ: latencyS * (cluster === 'a' ? 0.5 : 1) * (0.5 + ((freqHz as number) / 1e9) ** 2),
    accuracy: 0.5 + 0.002 * (subnet as number),
  }
})
const reference = { point: n - 1, ...(nominal.at(-1) as NominalOutcome) }
const objective = makeObjective({ kind: 'energy', weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 }, reference }, nominal)
const scores = nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))

function observe(deadlineS: number, load: Readonly<Record<'a' | 'b', number>> = { a: 0, b: 0 }, accuracyFloor = Number.NaN): Float64Array {
  const observation = new Float64Array(spaces.monitors.length)
  const set = (name: string, value: number): void => {
    observation[monitorIndex(spaces, name)] = value
  }
  for (const id of clusters) set(`${id}.interference`, load[id])
  set('deadlineS', deadlineS)
  set('accuracyFloor', accuracyFloor)
  for (const absent of ['tempC', 'energyBudgetJ']) set(absent, Number.NaN)
  return observation
}

/** Latency at a load: what is left of a cluster is shared. */
const latencyOf = (action: number, observation: Float64Array): number =>
  (nominal[action] as NominalOutcome).latencyS / (1 - (observation[monitorIndex(spaces, `${points[action]?.['cluster']}.interference`)] as number))

const costOf = (action: number, observation: Float64Array): number => {
  const latencyS = latencyOf(action, observation)
  const { latencyS: quietS, energyJ, accuracy } = nominal[action] as NominalOutcome
  const { deadlineS, accuracyFloor } = asked(observation)
  return objective.cost(
    { ...makeOutcome(), latencyS, energyJ: (energyJ * latencyS) / quietS, accuracy },
    { deadlineS, accuracyFloor, percentile: 99 },
  )
}

const asked = (observation: Float64Array): { deadlineS: number; accuracyFloor: number | undefined } => {
  const floor = observation[monitorIndex(spaces, 'accuracyFloor')] as number
  return { deadlineS: observation[monitorIndex(spaces, 'deadlineS')] as number, accuracyFloor: Number.isNaN(floor) ? undefined : floor }
}

const everything = new Uint8Array(n).fill(1)

interface Run {
  readonly agent: Agent
  live(observation: Float64Array, steps: number): number[]
  /** Cost of what it takes when it explores nothing, over the least there is, less 1. */
  gap(observation: Float64Array): number
}

function begin(kind: AgentKind, more: Partial<AgentInput> = {}): Run {
  const agent = kind.make({ spaces, seed: 1, options: { epsilon: 0 }, objective, nominal: scores, ...more })
  const rng = makeRng(1)
  return {
    agent,
    live: (observation, steps) =>
      Array.from({ length: steps }, () => {
        const { action } = agent.act(observation, everything) as Choice
        const factor = Math.exp(0.03 * rng.normal())
        const latencyS = latencyOf(action, observation) * factor
        const { latencyS: quietS, energyJ, accuracy } = nominal[action] as NominalOutcome
        const outcome = { ...makeOutcome(), latencyS, energyJ: (energyJ * latencyS) / quietS, accuracy }
        const { deadlineS, accuracyFloor } = asked(observation)
        const requirements = { deadlineS, accuracyFloor, percentile: 99 }
        agent.learn({
          observation,
          mask: everything,
          action,
          propensity: 1,
          outcome,
          requirements,
          cost: objective.cost(outcome, requirements),
          durationS: latencyS,
          nextObservation: observation,
          nextMask: everything,
        })
        return action
      }),
    gap(observation) {
      const { action } = kind
        .make({ spaces, seed: 1, options: {}, objective, data: agent.save(), frozen: true })
        .act(observation, everything) as Choice
      return costOf(action, observation) / Math.min(...points.map((_, i) => costOf(i, observation))) - 1
    },
  }
}

describe('features of points', () => {
  const axes = makeAxes(spaces)

  it('are the level, each logarithm with its square, words, and products', () => {
    const { names, rows, width, left } = makeSurface(axes, n, 100)
    expect(names.slice(0, 5)).toEqual(['level', 'size', 'size^2', 'cluster=0', 'cluster=1'])
    expect(names).toEqual(expect.arrayContaining(['clock^2', 'clock2', 'size*clock', 'size*cluster=1']))
    expect(width % 4).toBe(0)
    // Half the arithmetic on cluster a at a quarter of its highest clock: exponents and bends with their standard deviations.
    const point = points.findIndex(({ subnet, cluster, freqHz }) => subnet === 50 && cluster === 'a' && freqHz === 0.5e9)
    const of = (name: string): number => rows[point * width + names.indexOf(name)] as number
    expect([of('level'), of('cluster=0'), of('cluster=1')]).toEqual([3, 1, 0])
    expect(of('size')).toBeCloseTo(0.3 * Math.log(0.5), 12)
    expect(of('clock^2')).toBeCloseTo(0.15 * Math.log(0.25) ** 2, 12)
    expect(of('size*clock')).toBeCloseTo(0.1 * Math.log(0.5) * Math.log(0.25), 12)
    expect(of('clock2')).toBeCloseTo(0, 12)
    expect(Math.max(...left)).toBe(0)
  })

  it('that find no room count for the residual', () => {
    const all = makeSurface(axes, n, 100)
    const few = makeSurface(axes, n, 4)
    expect(few.names).toHaveLength(4)
    expect(few.names).toContain('level')
    for (let i = 0; i < n; i++) {
      const sum = ({ rows, width }: typeof all): number =>
        rows.subarray(i * width, (i + 1) * width).reduce((total, value) => total + value * value, 0)
      expect((few.left[i] as number) + sum(few)).toBeCloseTo(sum(all), 12)
    }
  })
})

for (const kind of [linUcb, thompson])
  describe(kind.name, () => {
    it('begins with the point that physics calls the fastest, of those that meet the floor', () => {
      expect(
        begin(kind)
          .live(observe(0.022), 1)
          .map((a) => points[a]?.['freqHz']),
      ).toEqual([2e9])
      const [first] = begin(kind).live(observe(0.1, { a: 0, b: 0 }, 0.65), 1)
      expect(points[first as number]).toMatchObject({ subnet: 100, freqHz: 2e9 })
    })

    it('finds the best of thirty points within forty decisions, and answers a changed deadline or floor from what it knows', () => {
      const run = begin(kind)
      run.live(observe(0.022), 40)
      expect(run.gap(observe(0.022))).toBeLessThan(0.05)
      run.live(observe(0.022), 60)
      for (const changed of [observe(0.033), observe(0.0165), observe(0.13, { a: 0, b: 0 }, 0.65)]) expect(run.gap(changed)).toBeLessThan(0.25)
    })

    it('leaves the cluster that a co-runner is on, at a load that it has not met before', () => {
      const run = begin(kind, { nominal })
      run.live(observe(0.022), 50)
      expect(run.gap(observe(0.022, { a: 0.5, b: 0 }))).toBeLessThan(0.1)
      expect(run.gap(observe(0.022, { a: 0, b: 0.5 }))).toBeLessThan(0.1)
      const { movedBy } = run.agent.explain?.(observe(0.022, { a: 0.5, b: 0 }), everything) ?? {}
      expect(movedBy?.map(({ monitor }) => monitor)).toContain('a.interference')
    })

    it('learns of what it measures, not of what it costs', () => {
      const run = begin(kind)
      run.live(observe(0.022), 60)
      const { chosen } = run.agent.explain?.(observe(0.022), everything) ?? {}
      expect(chosen?.tried).toBe(true)
      const truth = nominal[chosen?.action as number] as NominalOutcome
      expect((chosen?.latencyS as number) / truth.latencyS).toBeCloseTo(1, 1)
      expect((chosen?.energyJ as number) / truth.energyJ).toBeCloseTo(1, 1)
    })

    it('refuses what an earlier layout saved', () => {
      const saved = { ...begin(kind).agent.save(), version: kind === linUcb ? 1 : 0 }
      expect(() => begin(kind, { data: saved })).toThrow(
        expect.objectContaining({ code: 'ERR_CHECKPOINT_SCHEMA', message: expect.stringContaining(kind.name) }),
      )
    })
  })

describe('thompson', () => {
  it('gives every winner of a draw its share, and no more than one once nothing is left to learn', () => {
    const out = new Float64Array(n)
    const run = begin(thompson, { options: { epsilon: 0, draws: 8 } })
    run.live(observe(0.022), 3)
    run.agent.distribution(observe(0.022), everything, out)
    expect(out.filter((p) => p > 0).length).toBeGreaterThan(1)
    expect(out.every((p) => Number.isInteger(8 * p))).toBe(true)
    run.live(observe(0.022), 1500)
    run.agent.distribution(observe(0.022), everything, out)
    expect(Math.max(...out)).toBeGreaterThanOrEqual(7 / 8)
  })
})
