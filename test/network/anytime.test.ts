import { describe, expect, it } from 'vitest'
import { makeAnytime, sessionRunner, type UnitRunner } from '../../src/network/anytime.ts'
import { makeNetwork, type NetworkManifest, openNetwork } from '../../src/network/manifest.ts'
import { makeRoundTimes } from '../../src/network/round-times.ts'
import { openSession } from '../../src/network/session.ts'
import { makeFakeClock } from '../support/fake-clock.ts'
import { makeTempDir, twoIncrements, writeNetwork } from './support.ts'

const ms = 1e-3

/** Four increments of 10 MACs each, temperature 1. */
function fourIncrements(): NetworkManifest {
  const { units, ...rest } = twoIncrements()
  const four = [0, 1, 2, 3]
  return {
    ...rest,
    units: four.map(() => units[0] as (typeof units)[number]),
    subnets: four.map((s) => ({
      name: `${25 * (s + 1)}`,
      units: four.slice(0, s + 1),
      macs: 10 * (s + 1),
      parameters: 10,
      accuracy: { top1: 0.6, images: 100, quality: 'measured' as const },
      temperature: 1,
    })),
  }
}

/**
 * Each increment adds ln 3 to the second of two logits, so that after g of them the answer is 1 with confidence 3^g / (3^g + 1): 3/4, 9/10, 27/28, 81/82.
 * A unit takes `unitS` of a clock that stands still otherwise.
 */
function scripted(manifest = fourIncrements()) {
  const clock = makeFakeClock()
  const rounds: number[] = []
  const unitS = [10 * ms, 10 * ms, 10 * ms, 10 * ms]
  const runner: UnitRunner = {
    logits: new Float32Array(8),
    async run(bits) {
      rounds.push(bits)
      for (let u = 0; u < 4; u++)
        if ((bits & (1 << u)) !== 0) {
          runner.logits.set([0, Math.log(3)], 2 * u)
          clock.pass(unitS[u] as number)
        }
    },
  }
  const anytime = makeAnytime(makeNetwork('/nowhere', manifest), runner, clock.now, 2)
  const infer = async (request: Partial<Parameters<typeof anytime.infer>[0]>) => {
    rounds.length = 0
    const answer = await anytime.infer({ most: 3, confidence: Number.POSITIVE_INFINITY, deadlineS: Number.POSITIVE_INFINITY, ...request })
    return { ...answer, logits: Array.from(answer.logits) }
  }
  return { clock, rounds, unitS, infer }
}

describe('anytime inference', () => {
  it('stops at the size: all of it in one round when nothing could end it earlier', async () => {
    const { rounds, infer } = scripted()
    expect(await infer({ most: 2 })).toMatchObject({ subnet: 2, label: 1, stop: 'size', selected: false })
    expect(rounds).toEqual([0b0111])
    const whole = await infer({})
    expect(whole.confidence).toBeCloseTo(81 / 82, 6)
    expect(whole.logits[1]).toBeCloseTo(4 * Math.log(3), 5)
  })

  it.each([
    [0, 0, 3 / 4],
    [0.75 - 1e-6, 0, 3 / 4],
    [0.76, 1, 9 / 10],
    [0.95, 2, 27 / 28],
    [0.98, 3, 81 / 82],
  ])('at a confidence of %d answers with sub-network %i', async (threshold, subnet, confidence) => {
    const { rounds, infer } = scripted()
    const answer = await infer({ confidence: threshold })
    // The last size is a size, however sure it is.
    expect(answer).toMatchObject({ subnet, label: 1, stop: subnet === 3 ? 'size' : 'confidence', selected: true })
    expect(answer.confidence).toBeCloseTo(confidence, 6)
    expect(rounds).toEqual([0b0001, 0b0010, 0b0100, 0b1000].slice(0, subnet + 1))
  })

  it('never runs more than the size', async () => {
    const { rounds, infer } = scripted()
    expect(await infer({ most: 1, confidence: 0.999 })).toMatchObject({ subnet: 1, stop: 'size', selected: true })
    expect(rounds).toEqual([0b0001, 0b0010])
    // With one round there is nothing to pick from: its answer is nobody's selection.
    expect(await infer({ most: 0, confidence: 0.999 })).toMatchObject({ subnet: 0, stop: 'size', selected: false })
  })

  it('stops before the deadline would be broken, by the time of the round before', async () => {
    const { clock, infer } = scripted()
    // 10 ms a round: after two there are 9 ms left, too few for a third.
    expect(await infer({ deadlineS: clock.now() + 29 * ms })).toMatchObject({ subnet: 1, stop: 'deadline', selected: false })
    expect(clock.now()).toBeCloseTo(20 * ms, 9)
    expect(await infer({ deadlineS: clock.now() + 41 * ms })).toMatchObject({ subnet: 3, stop: 'size' })
  })

  it('gives an answer however late it is', async () => {
    const { clock, rounds, infer } = scripted()
    expect(await infer({ deadlineS: clock.now() - 1 })).toMatchObject({ subnet: 0, label: 1, stop: 'deadline' })
    expect(rounds).toEqual([0b0001])
  })

  it('remembers a round that takes longer than its multiply-accumulates say, at this place and no other', async () => {
    const { clock, unitS, infer } = scripted()
    unitS[3] = 50 * ms
    for (let k = 0; k < 2; k++) await infer({ confidence: 0.999, place: 0 })
    const deadline = () => clock.now() + 45 * ms
    expect(await infer({ deadlineS: deadline(), place: 0 })).toMatchObject({ subnet: 2, stop: 'deadline' })
    // Elsewhere nothing is known of it: it runs, and is late.
    expect(await infer({ deadlineS: deadline(), place: 1 })).toMatchObject({ subnet: 3, stop: 'size' })
  })

  it('learns nothing about rounds from a size that ran whole', async () => {
    const { clock, infer } = scripted()
    await infer({})
    expect(await infer({ deadlineS: clock.now() + 41 * ms })).toMatchObject({ subnet: 3, stop: 'size' })
  })

  it('looks at the answer once per round of increments that run side by side', async () => {
    const { rounds, infer } = scripted()
    expect(await infer({ confidence: 0.5, stride: 2 })).toMatchObject({ subnet: 1, stop: 'confidence' })
    expect(rounds).toEqual([0b0011])
    expect(await infer({ confidence: 0.999, stride: 3 })).toMatchObject({ subnet: 3, stop: 'size' })
    expect(rounds).toEqual([0b0111, 0b1000])
    expect(await infer({ confidence: 0.5, stride: 4 })).toMatchObject({ subnet: 3, stop: 'size', selected: false })
  })

  it('runs variants whole, and refuses to stop between them', async () => {
    const manifest = fourIncrements()
    const variants = { ...manifest, kind: 'variants' as const, subnets: manifest.subnets.map((subnet, s) => ({ ...subnet, units: [s] })) }
    const { rounds, infer } = scripted(variants)
    expect(await infer({ most: 2 })).toMatchObject({ subnet: 2, stop: 'size' })
    expect(rounds).toEqual([0b0100])
    await expect(infer({ confidence: 0.5 })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('has neither class nor confidence where there are no class scores', async () => {
    const manifest = fourIncrements()
    const detector = {
      ...manifest,
      kind: 'variants' as const,
      output: { name: 'boxes', classes: 0, labels: [] },
      subnets: manifest.subnets.map((subnet, s) => ({ ...subnet, units: [s] })),
    }
    expect(await scripted(detector).infer({ most: 1 })).toMatchObject({ subnet: 1, label: -1, confidence: Number.NaN, stop: 'size' })
  })

  it('over a session gives what its units add up to', async () => {
    const dir = makeTempDir()
    writeNetwork(dir, twoIncrements())
    const network = openNetwork(dir)
    const session = await openSession(network)
    const anytime = makeAnytime(network, sessionRunner(network, session), () => 0)
    session.input.set([1, 2, 3, 4])
    // The first unit gives [4.5, 5.5], both [16.5, 7.5]: confidence 1 / (1 + e^-1) = 0.73, then 1 / (1 + e^(-9 / 1.5)) = 0.9975.
    const first = await anytime.infer({ most: 1, confidence: 0.7, deadlineS: Number.POSITIVE_INFINITY })
    expect({ ...first, logits: Array.from(first.logits) }).toMatchObject({ logits: [4.5, 5.5], label: 1, subnet: 0, stop: 'confidence' })
    const both = await anytime.infer({ most: 1, confidence: 0.8, deadlineS: Number.POSITIVE_INFINITY })
    expect({ ...both, logits: Array.from(both.logits) }).toMatchObject({ logits: [16.5, 7.5], label: 0, subnet: 1, stop: 'size' })
    expect(both.confidence).toBeCloseTo(1 / (1 + Math.exp(-6)), 6)
    await session.close()
  })
})

describe('times of rounds', () => {
  it('allow for the second longest of the last eight', () => {
    const times = makeRoundTimes(2, 2)
    for (const elapsedS of [0.01, 0.5, 0.02, 0.03]) times.took(0, 1, elapsedS)
    expect(times.forecast(0, 1, 0)).toBe(0.03)
    // The round before says that this one will be slower still.
    expect(times.forecast(0, 1, 0.04)).toBe(0.04)
    times.took(0, 1, 0.4)
    expect(times.forecast(0, 1, 0)).toBe(0.4)
    // Seven more, and of the last eight only 0.4 is long, which is one.
    for (let k = 0; k < 7; k++) times.took(0, 1, 0.01)
    expect(times.forecast(0, 1, 0)).toBe(0.01)
    expect([times.forecast(0, 0, 0), times.forecast(1, 1, 0)]).toEqual([0, 0])
  })

  it('do not give answers away for one hiccup, and do for two, but not for ever', async () => {
    const { clock, unitS, infer } = scripted()
    const short = () => infer({ most: 1, deadlineS: clock.now() + 25 * ms })
    const slow = async () => {
      unitS[1] = 100 * ms
      await short()
      unitS[1] = 10 * ms
    }
    await slow()
    expect((await short()).stop).toBe('size')
    await slow()
    const stops: string[] = []
    for (let k = 0; k < 10; k++) stops.push((await short()).stop)
    // With the sixth round that is left out the first hiccup leaves the last eight, and the other alone does not count.
    expect(stops.indexOf('size')).toBe(6)
    expect(stops.slice(6)).toEqual(Array(4).fill('size'))
  })
})
