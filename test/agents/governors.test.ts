import { describe, expect, it } from 'vitest'
import { ondemandWant } from '../../agents/baselines/ondemand.ts'
import { schedutilWant } from '../../agents/baselines/schedutil.ts'
import { agentOf, findAgent } from '../../agents/index.ts'
import type { Agent, AgentInput, Choice } from '../../src/core/agent.ts'
import { makeOutcome } from '../../src/core/outcome.ts'
import { type Knob, makeSpaces, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const { spaces, nominal } = makeScriptedEnv()

function make(name: string, input: Partial<AgentInput> = {}): { agent: Agent; where: Spaces } {
  const where = input.spaces ?? spaces
  return { agent: findAgent(name).make({ spaces: where, seed: 1, options: {}, ...input }), where }
}

interface Asked {
  readonly mask?: Uint8Array
  readonly accuracyFloor?: number
}

function pointNow({ agent, where }: { agent: Agent; where: Spaces }, { mask, accuracyFloor }: Asked = {}): OperatingPoint {
  const observation = new Float64Array(where.monitors.length).fill(Number.NaN)
  const floor = where.monitors.findIndex((monitor) => monitor.name === 'accuracyFloor')
  if (accuracyFloor !== undefined) observation[floor] = accuracyFloor
  const choice = agent.act(observation, mask ?? new Uint8Array(where.points.length).fill(1)) as Choice
  expect(choice.propensity).toBe(1)
  return where.points[choice.action] as OperatingPoint
}

const pointOf = (name: string, input: Partial<AgentInput> = {}, asked: Asked = {}): OperatingPoint => pointNow(make(name, input), asked)

const masked = (where: Spaces, forbidden: (point: OperatingPoint) => boolean): Uint8Array =>
  Uint8Array.from(where.points, (point) => (forbidden(point) ? 0 : 1))

const clocked = (...values: number[]): Spaces =>
  makeSpaces({ knobs: [{ name: 'freqHz', kind: 'frequency', values }], points: values.map((freqHz) => ({ freqHz })), monitors: [] })

/** One decision at the point that it takes: so many seconds of work in so many seconds. */
function decide(made: { agent: Agent; where: Spaces }, latencyS: number, durationS: number): OperatingPoint {
  const { agent, where } = made
  const point = pointNow(made)
  const observation = new Float64Array(where.monitors.length)
  const mask = new Uint8Array(where.points.length).fill(1)
  agent.learn({
    observation,
    mask,
    action: where.points.indexOf(point),
    propensity: 1,
    outcome: { ...makeOutcome(), latencyS },
    requirements: { percentile: 99 },
    cost: 1,
    durationS,
    nextObservation: observation,
    nextMask: mask,
  })
  return pointNow(made)
}

describe('kernel governors fill in the other knobs', () => {
  it('with the largest network, the strongest cluster and all its cores; powersave too, which only lowers the clock', () => {
    expect(pointOf('performance')).toEqual({ subnet: 100, cluster: 'big', 'little.freqHz': 600e6, 'big.freqHz': 2000e6 })
    expect(pointOf('powersave')).toEqual({ subnet: 100, cluster: 'big', 'little.freqHz': 600e6, 'big.freqHz': 1000e6 })
    const knobs: Knob[] = [
      { name: 'cores', kind: 'cores', values: [1, 2, 4] },
      { name: 'freqHz', kind: 'frequency', values: [1e9, 2e9] },
    ]
    const points = [1, 2, 4].flatMap((cores) => [1e9, 2e9].map((freqHz) => ({ cores, freqHz })))
    const other = makeSpaces({ knobs, points, monitors: [] })
    expect(pointOf('powersave', { spaces: other })).toEqual({ cores: 4, freqHz: 1e9 })
    expect(pointOf('performance', { spaces: other }, { mask: masked(other, ({ cores }) => cores === 4) })).toEqual({ cores: 2, freqHz: 2e9 })
  })

  it('with the sub-network asked for, and a larger one where the floor needs it', () => {
    expect(pointOf('performance', { options: { subnet: 0 } })).toMatchObject({ subnet: 25, cluster: 'big', 'big.freqHz': 2000e6 })
    expect(pointOf('powersave', { options: { subnet: 99 } })).toMatchObject({ subnet: 100, cluster: 'big' })
    // Accuracies are 0.55, 0.63, 0.67 and 0.69.
    expect(pointOf('performance', { nominal, options: { subnet: 0 } }, { accuracyFloor: 0.65 })).toMatchObject({ subnet: 75, cluster: 'big' })
    expect(pointOf('performance', { nominal, options: { subnet: 0 } }, { accuracyFloor: 0.99 })).toMatchObject({ subnet: 100, cluster: 'big' })
  })

  it('with another cluster or sub-network where the mask leaves no choice', () => {
    expect(pointOf('performance', {}, { mask: masked(spaces, (point) => point['cluster'] === 'big') })).toMatchObject({
      ...{ subnet: 100, cluster: 'little', 'little.freqHz': 1200e6 },
    })
    expect(pointOf('performance', {}, { mask: masked(spaces, (point) => point['subnet'] === 100) })).toMatchObject({ subnet: 75, cluster: 'big' })
  })

  it('with the first value of a knob of kind other, wherever the points do not differ else', () => {
    const knobs: Knob[] = [
      { name: 'batch', kind: 'other', values: [8, 1] },
      { name: 'freqHz', kind: 'frequency', values: [1e9, 2e9] },
    ]
    const points = [1e9, 2e9].flatMap((freqHz) => [8, 1].map((batch) => ({ batch, freqHz })))
    const other = makeSpaces({ knobs, points, monitors: [] })
    for (const name of ['performance', 'ondemand', 'schedutil']) expect(pointOf(name, { spaces: other })).toEqual({ batch: 8, freqHz: 2e9 })
    expect(pointOf('powersave', { spaces: other })).toEqual({ batch: 8, freqHz: 1e9 })
  })

  it('judge a network by its accuracy where that is known, else by its place among the values', () => {
    const names = ['resnet', 'alexnet', 'mobilenet']
    const other = makeSpaces({
      knobs: [{ name: 'subnet', kind: 'subnet', values: names }],
      points: names.map((subnet) => ({ subnet })),
      monitors: [],
    })
    const measured = [0.76, 0.57, 0.71].map((accuracy) => ({ latencyS: 1, energyJ: 1, accuracy }))
    expect(pointOf('performance', { spaces: other })).toEqual({ subnet: 'mobilenet' })
    expect(pointOf('performance', { spaces: other, nominal: measured })).toEqual({ subnet: 'resnet' })
    expect(pointOf('performance', { spaces: other, nominal: measured, options: { subnet: 1 } })).toEqual({ subnet: 'mobilenet' })
  })

  it('believe capacity over clocks: an old cluster at a high clock is not the strong one', () => {
    const points = [
      { cluster: 'new', 'new.freqHz': 1e9, 'old.freqHz': 2e9 },
      { cluster: 'old', 'new.freqHz': 1e9, 'old.freqHz': 2e9 },
    ]
    const input = {
      knobs: [
        { name: 'cluster', kind: 'cluster', values: ['new', 'old'] },
        { name: 'new.freqHz', kind: 'frequency', domain: 'new', values: [1e9] },
        { name: 'old.freqHz', kind: 'frequency', domain: 'old', values: [2e9] },
      ] satisfies Knob[],
      points,
      monitors: [],
    }
    expect(pointOf('performance', { spaces: makeSpaces(input) })).toBe(points[1])
    for (const feature of ['speed', 'capacity'])
      expect(pointOf('performance', { spaces: makeSpaces({ ...input, featureNames: [feature], features: [[1], [0.6]] }) })).toBe(points[0])
  })

  it('tell clusters apart by the profile where there is neither feature nor clock', () => {
    const other = makeSpaces({
      knobs: [{ name: 'cluster', kind: 'cluster', values: ['a', 'b'] }],
      points: ['a', 'b'].map((cluster) => ({ cluster })),
      monitors: [],
    })
    const latencies = [0.03, 0.01].map((latencyS) => ({ latencyS, energyJ: 1, accuracy: 1 }))
    expect(pointOf('performance', { spaces: other, nominal: latencies })).toEqual({ cluster: 'b' })
  })

  it('set every domain: the idle cluster at its lowest, but performance at its highest', () => {
    const knobs: Knob[] = [
      { name: 'cluster', kind: 'cluster', values: ['a', 'b'] },
      { name: 'a.freqHz', kind: 'frequency', domain: 'a', values: [1e9, 2e9] },
      { name: 'b.freqHz', kind: 'frequency', domain: 'b', values: [1e9, 3e9] },
    ]
    const points = ['a', 'b'].flatMap((cluster) => [1e9, 2e9].flatMap((a) => [1e9, 3e9].map((b) => ({ cluster, 'a.freqHz': a, 'b.freqHz': b }))))
    const other = makeSpaces({ knobs, points, monitors: [] })
    expect(pointOf('performance', { spaces: other })).toEqual({ cluster: 'b', 'a.freqHz': 2e9, 'b.freqHz': 3e9 })
    for (const name of ['ondemand', 'schedutil']) expect(pointOf(name, { spaces: other })).toEqual({ cluster: 'b', 'a.freqHz': 1e9, 'b.freqHz': 3e9 })
  })

  it('take the nearest point where the points are no full product', () => {
    const knobs: Knob[] = ['cpu', 'mem'].map((domain) => ({ name: `${domain}FreqHz`, kind: 'frequency', domain, values: [1e9, 2e9, 3e9] }))
    const points = [
      { cpuFreqHz: 3e9, memFreqHz: 1e9 },
      { cpuFreqHz: 2e9, memFreqHz: 3e9 },
      { cpuFreqHz: 1e9, memFreqHz: 2e9 },
    ]
    const other = makeSpaces({ knobs, points, monitors: [] })
    // Off the highest by 2, 1 and 3 of 2 GHz; off the lowest by 2, 3 and 1.
    expect(pointOf('performance', { spaces: other })).toBe(points[1])
    expect(pointOf('powersave', { spaces: other })).toBe(points[2])
  })
})

describe('ondemand', () => {
  it('is the highest above the threshold, else in proportion from the lowest', () => {
    expect(ondemandWant(0.81, 200e6, 2000e6, 0.8)).toBe(2000e6)
    expect(ondemandWant(0.8, 200e6, 2000e6, 0.8)).toBe(1640e6)
    expect(ondemandWant(0.5, 200e6, 2000e6, 0.8)).toBe(1100e6)
    expect(ondemandWant(0, 200e6, 2000e6, 0.8)).toBe(200e6)
  })

  it('takes the closest frequency, the lower of two as close', () => {
    const made = make('ondemand', { spaces: clocked(200e6, 1000e6, 1200e6, 1400e6, 2000e6) })
    expect(pointNow(made)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.005, 0.01)).toEqual({ freqHz: 1000e6 })
    // The load is that of the clock in use: 0.7 of the time at 1 GHz wants 1.46 GHz.
    expect(decide(made, 0.007, 0.01)).toEqual({ freqHz: 1400e6 })
    // At 0.95 still in proportion, above it the highest: 0.9 wants 1.82 GHz, 0.96 all.
    const fine = make('ondemand', { spaces: clocked(200e6, 1800e6, 2000e6) })
    expect(decide(fine, 0.009, 0.01)).toEqual({ freqHz: 1800e6 })
    expect(decide(fine, 0.0096, 0.01)).toEqual({ freqHz: 2000e6 })
    const ticking = make('ondemand', { spaces: clocked(200e6, 1800e6, 2000e6), options: { upThreshold: 0.8 } })
    expect(decide(ticking, 0.009, 0.01)).toEqual({ freqHz: 2000e6 })
  })

  it('counts no wait as work: 9 ms of which 5 were waiting, and 4 ms to the next decision, is back to back', () => {
    const made = make('ondemand', { spaces: clocked(200e6, 1100e6, 2000e6), options: { samplingS: 0.014 } })
    expect(decide(made, 0.009, 0.004)).toEqual({ freqHz: 2000e6 })
    // 4 ms of work in 4 ms and 3 in 10: half of the time.
    expect(decide(made, 0.003, 0.01)).toEqual({ freqHz: 1100e6 })
  })

  it('waits for a full window', () => {
    const made = make('ondemand', { spaces: clocked(200e6, 2000e6), options: { samplingS: 0.02 } })
    expect(decide(made, 0.001, 0.01)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.001, 0.01)).toEqual({ freqHz: 200e6 })
    // 0.1 and 1 of the time make 0.55: 1.19 GHz is nearer to 2 GHz.
    expect(decide(made, 0.001, 0.01)).toEqual({ freqHz: 200e6 })
    expect(decide(made, 0.01, 0.01)).toEqual({ freqHz: 2000e6 })
  })
})

describe('schedutil', () => {
  const opps = clocked(200e6, 1000e6, 1200e6, 1400e6, 2000e6)

  it('asks for a quarter more than was used, rounded up to an OPP: half of 2 GHz makes 1.25 GHz, 1.4 GHz', () => {
    expect(schedutilWant(0.5, 2000e6)).toBe(1250e6)
    const made = make('schedutil', { spaces: opps })
    expect(pointNow(made)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.005, 0.01)).toEqual({ freqHz: 1400e6 })
  })

  it('counts utilisation at the highest clock: the same work at 1.4 GHz leaves it there', () => {
    const made = make('schedutil', { spaces: opps })
    decide(made, 0.005, 0.01)
    expect(decide(made, (0.005 * 2000) / 1400, 0.01)).toEqual({ freqHz: 1400e6 })
    // Half of that work makes 0.25: 625 MHz, 1 GHz. There it takes half of the time: again 0.25.
    expect(decide(made, (0.0025 * 2000) / 1400, 0.01)).toEqual({ freqHz: 1000e6 })
    expect(decide(made, 0.005, 0.01)).toEqual({ freqHz: 1000e6 })
  })

  it('does not take the next OPP for a rounding error: 0.56 of 2 GHz wants exactly 1.4 GHz', () => {
    const made = make('schedutil', { spaces: opps })
    expect(decide(made, 0.0056, 0.01)).toEqual({ freqHz: 1400e6 })
  })

  it('goes to the highest clock when no idle time is left, whatever the clock was', () => {
    const made = make('schedutil', { spaces: opps })
    decide(made, 0.0001, 0.01)
    expect(pointNow(made)).toEqual({ freqHz: 200e6 })
    expect(decide(made, 0.01, 0.01)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.02, 0.01)).toEqual({ freqHz: 2000e6 })
  })

  it('averages over a half-life when asked to: one window of it goes half of the way', () => {
    const made = make('schedutil', { spaces: opps, options: { halfLifeS: 0.01 } })
    // Utilisation 1, then 0.5 + 0.5 * 0.2 = 0.6: 1.5 GHz. Then 0.3 + 0.1 = 0.4: 1 GHz.
    expect(decide(made, 0.002, 0.01)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.002, 0.01)).toEqual({ freqHz: 1000e6 })
  })

  it('changes no more often than its rate limit allows', () => {
    const made = make('schedutil', { spaces: opps, options: { rateLimitS: 0.025 } })
    expect(decide(made, 0.0001, 0.01)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.0001, 0.01)).toEqual({ freqHz: 2000e6 })
    expect(decide(made, 0.0001, 0.01)).toEqual({ freqHz: 200e6 })
  })

  it('clocks several domains by the share of each that was used', () => {
    const knobs: Knob[] = ['gpu', 'mem'].map((domain) => ({ name: `${domain}FreqHz`, kind: 'frequency', domain, values: [1e9, 2e9, 4e9] }))
    const points = [1e9, 2e9, 4e9].flatMap((gpuFreqHz) => [1e9, 2e9, 4e9].map((memFreqHz) => ({ gpuFreqHz, memFreqHz })))
    const made = make('schedutil', { spaces: makeSpaces({ knobs, points, monitors: [] }) })
    expect(decide(made, 0.003, 0.01)).toEqual({ gpuFreqHz: 2e9, memFreqHz: 2e9 })
    expect(decide(made, 0.007, 0.01)).toEqual({ gpuFreqHz: 2e9, memFreqHz: 2e9 })
    expect(decide(made, 0.009, 0.01)).toEqual({ gpuFreqHz: 4e9, memFreqHz: 4e9 })
  })
})

describe('the saved state of a governor', () => {
  it.each(['ondemand', 'schedutil'])(
    'of %s is refused where a load or a time is no amount: no clock would meet it once the window closes',
    (name) => {
      const where = clocked(6e8, 12e8)
      const { agent } = make(name, { spaces: where })
      const saved = agent.save()
      const again = (change: object): Agent =>
        agentOf(name, { spaces: where, seed: 1, options: {}, data: { ...saved, ...change } as typeof saved }, 'x')
      expect(pointNow({ agent: again({}), where })).toEqual(pointNow({ agent, where }))
      for (const change of [
        { busyS: [0, 'x'] },
        { busyS: [-1, 0] },
        { load: [null, 'y'] },
        { load: ['y'] },
        { windowS: 'z' },
        { windowS: -1 },
        { busyS: [1e308, 0] },
      ])
        expect(() => again(change), JSON.stringify(change)).toThrow(expect.objectContaining({ code: 'ERR_CHECKPOINT_CORRUPT' }))
    },
  )
})
