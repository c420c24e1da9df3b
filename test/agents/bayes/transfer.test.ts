import { describe, expect, it } from 'vitest'
import { bayes } from '../../../agents/bayes.ts'
import type { Agent, Choice, Transfer } from '../../../src/core/agent.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeOutcome } from '../../../src/core/outcome.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { type Knob, makeSpaces, monitorIndex, type NominalOutcome, type OperatingPoint, type Spaces } from '../../../src/core/spaces.ts'

// Made-up networks on a board with two clocks: `cpuShare` of the time at full speed follows the first clock.
const steps = [0.4e9, 0.7e9, 1e9, 1.3e9, 1.6e9, 1.9e9, 2.2e9]

interface World {
  readonly spaces: Spaces
  readonly nominal: readonly NominalOutcome[]
}

function worldOf(seed: number, cpuShare: number, scaleS: number, domains: readonly [string, string] = ['cpu', 'gpu'], factor = 1): World {
  const clocks = steps.map((f) => f * factor)
  const knobs = domains.map((domain): Knob => ({ name: `${domain}FreqHz`, kind: 'frequency', unit: 'Hz', domain, values: clocks }))
  const [first, second] = domains.map((domain) => `${domain}FreqHz`) as [string, string]
  const points: OperatingPoint[] = clocks.flatMap((a) => clocks.map((b) => ({ [first]: a, [second]: b })))
  const rng = makeRng(seed)
  const nominal = points.map((point) => {
    const [a, b] = [first, second].map((knob) => (point[knob] as number) / (2.2e9 * factor)) as [number, number]
    const latencyS = scaleS * (cpuShare / a + (0.9 - cpuShare) / b + 0.1) * Math.exp(0.02 * rng.normal())
    return { latencyS, energyJ: latencyS * (3 + 12 * a ** 2 + 5 * b ** 2) * Math.exp(0.02 * rng.normal()), accuracy: 0.7 }
  })
  return { spaces: makeSpaces({ knobs, points, monitors: monitorsOf([{ id: domains[0], cores: 4 }]) }), nominal }
}

const objectiveOf = ({ nominal }: World) =>
  makeObjective(
    { kind: 'energy', weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 }, reference: { point: 48, ...(nominal[48] as NominalOutcome) } },
    nominal,
  )
const fastestS = ({ nominal }: World): number => Math.min(...nominal.map(({ latencyS }) => latencyS))

function begin(world: World, seed: number, more: { transfer?: Transfer; data?: ReturnType<Agent['save']> } = {}): Agent {
  const nominal = world.nominal.map(() => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy: 0.7 }))
  return bayes.make({ spaces: world.spaces, seed, options: {}, objective: objectiveOf(world), nominal, ...more })
}

/** Lives through decisions at 1.8 times the fastest; answers the costs. */
function live(world: World, agent: Agent, count: number, seed: number): { costs: number[]; actions: number[] } {
  const { spaces, nominal } = world
  const rng = makeRng(seed)
  const objective = objectiveOf(world)
  const deadlineS = 1.8 * fastestS(world)
  const observation = new Float64Array(spaces.monitors.length).fill(Number.NaN)
  for (const [name, value] of [
    ['deadlineS', deadlineS],
    ['queueLength', 0],
  ] as const) {
    const at = monitorIndex(spaces, name)
    if (at >= 0) observation[at] = value
  }
  const mask = new Uint8Array(spaces.points.length).fill(1)
  const costs: number[] = []
  const actions: number[] = []
  for (let k = 0; k < count; k++) {
    const { action } = agent.act(observation, mask) as Choice
    const { latencyS, energyJ } = nominal[action] as NominalOutcome
    const factor = Math.exp(0.03 * rng.normal())
    const outcome = { ...makeOutcome(), latencyS: latencyS * factor, energyJ: energyJ * factor, accuracy: 0.7 }
    const requirements = { deadlineS, percentile: 99 }
    const cost = objective.cost(outcome, requirements)
    agent.learn({
      observation,
      mask,
      action,
      propensity: 1,
      outcome,
      requirements,
      cost,
      durationS: outcome.latencyS,
      nextObservation: observation,
      nextMask: mask,
    })
    costs.push(cost)
    actions.push(action)
  }
  return { costs, actions }
}

function learnOn(world: World, decisions = 200): Transfer {
  const agent = begin(world, 99)
  live(world, agent, decisions, 99)
  return { spaces: world.spaces, options: {}, data: JSON.parse(JSON.stringify(agent.save())) }
}

const meanCost = (world: World, transfer: Transfer | undefined, count: number, seeds = 6): number => {
  let sum = 0
  for (let seed = 1; seed <= seeds; seed++)
    for (const cost of live(world, begin(world, seed, transfer && { transfer }), count, seed).costs) sum += cost
  return sum / (seeds * count)
}

const here = worldOf(1, 0.6, 0.02)

describe('bayes with a prior from elsewhere', () => {
  it('costs less at first with that of a like network, whatever its level', () => {
    const alike = learnOn(worldOf(2, 0.55, 0.3))
    expect(meanCost(here, alike, 30)).toBeLessThan(0.98 * meanCost(here, undefined, 30))
  })

  it('costs less at first with that of a like board with other clocks', () => {
    const alike = learnOn(worldOf(3, 0.6, 0.05, ['cpu', 'gpu'], 1.37))
    expect(meanCost(here, alike, 30)).toBeLessThan(meanCost(here, undefined, 30))
  })

  it('costs hardly more with one that misleads: there the other clock matters, and a slow one draws the most', () => {
    const other = worldOf(4, 0.05, 0.02)
    const misleading: World = {
      ...other,
      nominal: other.nominal.map((point) => ({ ...point, energyJ: (point.latencyS * 0.2) / (point.energyJ / point.latencyS) })),
    }
    const [misled, nothing] = [meanCost(here, learnOn(misleading), 60), meanCost(here, undefined, 60)]
    expect(misled).toBeLessThan(1.1 * nothing)
  })

  it('drops what misled it', () => {
    const agent = begin(here, 1, { transfer: learnOn(worldOf(4, 0.05, 0.02)) })
    live(here, agent, 100, 1)
    const { belief } = agent.save() as unknown as { belief: { latency: { field: { logWeights: readonly (number | null)[] } } } }
    // The first is a start from nothing, the second believes all of it.
    expect(belief.latency.field.logWeights[1] ?? Number.NEGATIVE_INFINITY).toBeLessThan(-2)
  })

  it('goes on from what was saved to the last bit, without the checkpoint that it began from', () => {
    const agent = begin(here, 7, { transfer: learnOn(worldOf(2, 0.55, 0.3)) })
    live(here, agent, 15, 7)
    const again = begin(here, 7, { data: JSON.parse(JSON.stringify(agent.save())) })
    expect(live(here, again, 40, 8)).toEqual(live(here, agent, 40, 8))
    expect(again.save()).toEqual(agent.save())
    expect(JSON.stringify(agent.save()).length).toBeLessThan(2 ** 20)
  })

  it('can itself be carried over', () => {
    const agent = begin(here, 7, { transfer: learnOn(worldOf(2, 0.55, 0.3)) })
    live(here, agent, 100, 7)
    const third = worldOf(5, 0.65, 0.1)
    const transfer = { spaces: here.spaces, options: {}, data: JSON.parse(JSON.stringify(agent.save())) }
    expect(meanCost(third, transfer, 30)).toBeLessThan(meanCost(third, undefined, 30))
  })

  it('takes nothing over where no knob does the same', () => {
    const spaces = makeSpaces({ knobs: [{ name: 'batch', kind: 'other', values: [1, 2] }], points: [{ batch: 1 }, { batch: 2 }], monitors: [] })
    const strange = bayes.make({ spaces, seed: 1, options: {} })
    const agent = begin(here, 3, { transfer: { spaces, options: {}, data: strange.save() } })
    expect(live(here, agent, 1, 3).actions).toEqual(live(here, begin(here, 3), 1, 3).actions)
  })
})
