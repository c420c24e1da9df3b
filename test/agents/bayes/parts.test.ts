import { describe, expect, it } from 'vitest'
import { makeAxes } from '../../../agents/bayes/axes.ts'
import { makeCosting } from '../../../agents/bayes/costing.ts'
import { makeLoad } from '../../../agents/bayes/load.ts'
import { latencyPrior, makeCovariance, priorMean } from '../../../agents/bayes/prior.ts'
import { makeWaiting } from '../../../agents/bayes/waiting.ts'
import { makeExpectedOutcome } from '../../../src/core/env.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeSpaces, monitorIndex, type NominalOutcome } from '../../../src/core/spaces.ts'

const spaces = makeSpaces({
  knobs: [
    { name: 'subnet', kind: 'subnet', values: ['25', '100'] },
    { name: 'cluster', kind: 'cluster', values: ['big', 'little'] },
    { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [1e9, 2e9, 'free'] },
    { name: 'little.freqHz', kind: 'frequency', unit: 'Hz', domain: 'little', values: [1e9, 'free'] },
  ],
  points: [
    { subnet: '25', cluster: 'big', 'big.freqHz': 1e9, 'little.freqHz': 'free' },
    { subnet: '100', cluster: 'big', 'big.freqHz': 2e9, 'little.freqHz': 'free' },
    { subnet: '100', cluster: 'little', 'big.freqHz': 'free', 'little.freqHz': 1e9 },
  ],
  monitors: monitorsOf([
    { id: 'big', cores: 4 },
    { id: 'little', cores: 4 },
  ]),
})

const observe = (seen: Readonly<Record<string, number>>): Float64Array => {
  const observation = new Float64Array(spaces.monitors.length)
  for (const [name, value] of Object.entries(seen)) observation[monitorIndex(spaces, name)] = value
  return observation
}

describe('axes of points', () => {
  const axes = makeAxes(spaces)

  it('are logarithms beside the highest value, and inactive where a clock rests', () => {
    // A domain of one value tells nothing apart.
    expect(axes.axes.map(({ role }) => role)).toEqual(['size', 'cluster', 'clock'])
    const [size, , clock] = axes.axes
    expect(Array.from(size?.x ?? [])).toEqual([Math.log(0.25), 0, 0])
    expect(Array.from(clock?.x ?? [])).toEqual([Math.log(0.5), 0, 0])
    expect(Array.from(clock?.active ?? [])).toEqual([1, 1, 0])
  })

  it('know the cluster that computes, and which points share all words', () => {
    expect(Array.from(axes.cluster)).toEqual([0, 0, 1])
    expect(Array.from(axes.group)).toEqual([0, 0, 1])
  })

  it('give a prior that falls with the clock and grows with the arithmetic, and a covariance that is one', () => {
    const mean = priorMean(axes, latencyPrior, 3, undefined)
    const { size, clock } = latencyPrior.axes
    expect(mean[0]).toBeCloseTo(size.slope * Math.log(0.25) + clock.slope * Math.log(0.5), 12)
    const k = makeCovariance(axes, latencyPrior, false)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        expect(k(i, j)).toBeCloseTo(k(j, i), 12)
        expect(k(i, j) ** 2).toBeLessThanOrEqual(k(i, i) * k(j, j))
      }
  })
})

describe('load of clusters', () => {
  it('stretches by 1 / (1 - share), less what a reading may be off', () => {
    const load = makeLoad(spaces, ['big', 'little'])
    load.read(observe({ 'big.interference': 0.52 }))
    expect(load.stretch[0]).toBeCloseTo(Math.log(2), 12)
    expect(load.stretch[1]).toBe(0)
    expect(load.doubt[0]).toBeCloseTo((0.02 / 0.48) ** 2, 12)
    expect(Array.from(load.level)).toEqual([2, 0])
  })

  it('doubts what changed while an inference ran', () => {
    const load = makeLoad(spaces, ['big', 'little'])
    load.readBetween(observe({}), observe({ 'big.interference': 0.52 }))
    expect(load.stretch[0]).toBeCloseTo(Math.log(2) / 2, 12)
    expect(load.doubt[0]).toBeGreaterThan((Math.log(2) / 2) ** 2)
  })

  it('falls back on what was usual where a monitor is absent', () => {
    const load = makeLoad(spaces, ['big', 'little'])
    const busy = observe({ 'big.interference': 0.52 })
    for (let k = 0; k < 200; k++) load.remember(busy, busy)
    load.read(observe({ 'big.interference': Number.NaN }))
    expect(load.stretch[0]).toBeCloseTo(Math.log(2), 3)
  })

  it('holds on to the last reading for a while where a monitor falls silent', () => {
    const load = makeLoad(spaces, ['big', 'little'])
    const [quiet, busy, silent] = [observe({}), observe({ 'big.interference': 0.52 }), observe({ 'big.interference': Number.NaN })]
    for (let k = 0; k < 200; k++) load.remember(busy, busy)
    for (let k = 0; k < 3; k++) load.remember(quiet, quiet)
    load.read(silent)
    // Half of what is usual comes back with the fourteenth decision without a reading: 0.95^14 = 0.49.
    expect(load.stretch[0]).toBe(0)
    for (let k = 0; k < 14; k++) load.remember(silent, silent)
    load.read(silent)
    expect(load.stretch[0]).toBeGreaterThan(0.3)
    expect(load.stretch[0]).toBeLessThan(0.4)
  })

  it('believes a jump of a reading as far as earlier ones were confirmed by the next', () => {
    const [quiet, busy] = [observe({}), observe({ 'big.interference': 0.52 })]
    const trustAfter = (rounds: number, next: Float64Array) => {
      const load = makeLoad(spaces, ['big', 'little'])
      load.remember(quiet, quiet)
      for (let k = 0; k < rounds; k++) {
        load.remember(busy, next)
        load.remember(next, quiet)
        load.remember(quiet, quiet)
      }
      load.read(busy)
      return load
    }
    const believing = trustAfter(0, quiet)
    expect(believing.fork[0]).toBeCloseTo(Math.log(2), 12)
    expect(believing.trust).toBe(0.8)
    expect(believing.stretch[0]).toBeCloseTo(0.8 * Math.log(2), 12)
    // Ten that were gone with the next reading: 4 / 15.
    const wary = trustAfter(10, quiet)
    expect(wary.trust).toBeCloseTo(4 / 15, 12)
    expect(wary.stretch[0]).toBeCloseTo((4 / 15) * Math.log(2), 12)
    // Ten bursts come and go, and each lasts.
    expect(trustAfter(10, busy).trust).toBeGreaterThan(0.8)
  })

  it('takes back a jump that the reading after the inference does not confirm', () => {
    const load = makeLoad(spaces, ['big', 'little'])
    const [quiet, busy] = [observe({}), observe({ 'big.interference': 0.52 })]
    load.remember(quiet, quiet)
    load.readBetween(busy, quiet)
    expect(load.stretch[0]).toBe(0)
    load.readBetween(busy, busy)
    expect(load.stretch[0]).toBeCloseTo(Math.log(2), 12)
  })
})

describe('waiting in the queue', () => {
  it('is what the monitor says, and no part of the service', () => {
    const waiting = makeWaiting(spaces)
    waiting.read(observe({ waitedS: 0.3 }))
    expect(waiting.waitedS).toBe(0.3)
    expect(waiting.serviceS(observe({ waitedS: 0.3 }), 0.5)).toBeCloseTo(0.2, 12)
    // Rounded up, it may be longer than the latency: a thousandth of that is left.
    expect(waiting.serviceS(observe({ waitedS: 0.3 }), 0.29999)).toBeCloseTo(0.00029999, 12)
  })

  it('is none where no monitor says so', () => {
    const waiting = makeWaiting(spaces)
    waiting.read(observe({ waitedS: Number.NaN }))
    expect(waiting.waitedS).toBe(0)
    expect(waiting.serviceS(observe({ waitedS: Number.NaN }), 0.5)).toBe(0.5)
  })
})

describe('cost as a sum of products', () => {
  const nominal: NominalOutcome[] = [
    { latencyS: 0.02, energyJ: 0.3, accuracy: 0.6 },
    { latencyS: 0.01, energyJ: 0.5, accuracy: 0.7 },
    { latencyS: 0.03, energyJ: 0.1, accuracy: 0.7 },
  ]
  const accuracy = Float64Array.from(nominal, (point) => point.accuracy)

  for (const kind of ['energy', 'accuracy', 'latency', 'weighted'] as const)
    it(`is the objective's own: ${kind}`, () => {
      const weights = { latency: 1, energy: 0.5, accuracy: 2, confidence: 0 }
      const objective = makeObjective({ kind, weights, reference: { point: 0, ...(nominal[0] as NominalOutcome) } }, nominal)
      const costing = makeCosting(objective, accuracy)
      for (const requirements of [{ percentile: 99 }, { percentile: 99, deadlineS: 0.02, accuracyFloor: 0.65 }]) {
        costing.update(requirements)
        nominal.forEach((point, i) => {
          const below = point.accuracy < (requirements.accuracyFloor ?? 0)
          expect(costing.belowFloor[i]).toBe(below ? 1 : 0)
          const asked = objective.expectedCost({ ...makeExpectedOutcome(), ...point, missRatio: 0.25, brokenRatio: 0.25 }, requirements)
          const own =
            costing.perS * point.latencyS + costing.perJ * point.energyJ + (costing.fixed[i] as number) + (below ? 0 : 0.25 * costing.penalty)
          expect(own).toBeCloseTo(asked, 12)
        })
      }
    })

  it('is a number where neither energy nor accuracy is known, as of a table of latencies', () => {
    const nominal: NominalOutcome[] = [0.01, 0.04].map((latencyS) => ({ latencyS, energyJ: Number.NaN, accuracy: Number.NaN }))
    const weights = { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 }
    const objective = makeObjective({ kind: 'weighted', weights, reference: { point: 0, ...(nominal[0] as NominalOutcome) } }, nominal)
    const costing = makeCosting(objective, new Float64Array(2).fill(Number.NaN))
    costing.update({ percentile: 99, deadlineS: 0.02 })
    // Latency over deadline; the penalty is that of the fastest, 0.01 / 0.02.
    expect([costing.perS, costing.perJ, costing.penalty]).toEqual([50, 0, 0.5])
    expect(Array.from(costing.fixed)).toEqual([0, 0])
  })
})
