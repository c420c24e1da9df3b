import { describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { bestElsewhere, judge } from '../../../bench/agents/board/judge.ts'
import { outcomeOf } from '../../../bench/agents/board/report.ts'
import { playRounds } from '../../../bench/agents/board/rounds.ts'
import { coRunnerOf, roundSeed, sweepOrder } from '../../../bench/agents/board/world.ts'
import { parseInterfere, planCoRunners } from '../../../envs/board/interfere.ts'
import type { ResetOptions } from '../../../src/core/env.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { makeFakeClock } from '../../support/fake-clock.ts'
import { makeScriptedEnv } from '../../support/scripted-env.ts'
import { scriptedObjective } from '../../support/scripted-run.ts'

describe('the world of a seed', () => {
  it('is a co-runner that moves, of bursts, pauses and duty of its own, the same each time', () => {
    const worlds = Array.from({ length: 40 }, (_, seed) => coRunnerOf(seed))
    expect(worlds).toEqual(Array.from({ length: 40 }, (_, seed) => coRunnerOf(seed)))
    expect(new Set(worlds).size).toBe(40)
    for (const text of worlds) {
      const { count, dutyRatio, onS, offS, move } = parseInterfere(text)
      expect([count, move]).toEqual([1, true])
      expect(dutyRatio).toBeGreaterThanOrEqual(0.7)
      expect(onS).toBeGreaterThanOrEqual(0.6)
      expect(onS).toBeLessThanOrEqual(2)
      expect(offS).toBeGreaterThanOrEqual(0.1)
      expect(offS).toBeLessThanOrEqual(0.6)
    }
  })

  it('begins a round at the same moment of it, on the same core, for everyone in that round', () => {
    const plan = (seed: number) => planCoRunners(parseInterfere(coRunnerOf(1)), [0, 1], makeRng(seed))
    expect(plan(roundSeed(1, 3))).toEqual(plan(roundSeed(1, 3)))
    const rounds = Array.from({ length: 20 }, (_, round) => plan(roundSeed(1, round))[0])
    expect(new Set(rounds.map((task) => task?.phaseS)).size).toBe(20)
    expect(new Set(rounds.map((task) => (task?.start as number) % 2)).size).toBe(2)
    expect(roundSeed(1, 3)).not.toBe(roundSeed(2, 3))
  })

  it('is looked over point by point, each as often as the others, in another order each time', () => {
    const order = sweepOrder(5, 3, 7)
    expect(order).toEqual(sweepOrder(5, 3, 7))
    const sweeps = [0, 5, 10].map((from) => order.slice(from, from + 5))
    for (const sweep of sweeps) expect([...sweep].sort()).toEqual([0, 1, 2, 3, 4])
    expect(sweeps[1]).not.toEqual(sweeps[0])
  })
})

describe('the judgement', () => {
  const perSeed = [
    { learner: [1, 2], 'fixed 3': [1, 1], 'fixed 7': [9, 9] },
    { learner: [2, 4], 'fixed 3': [5, 5], 'fixed 7': [4, 4] },
    { learner: [3, 3], 'fixed 3': [5, 5], 'fixed 7': [4, 6] },
  ]
  const fixed = ['fixed 3', 'fixed 7']

  it('holds a seed against the point that was best on the others, whatever it is on that seed itself', () => {
    // Without the first seed 3 costs 5 and 7 costs 4.5; without the second 3 costs 3 and 7 costs 7.
    expect([0, 1, 2].map((seed) => bestElsewhere(perSeed, fixed, seed))).toEqual(['fixed 7', 'fixed 3', 'fixed 3'])
    expect(bestElsewhere(perSeed.slice(0, 1), fixed, 0)).toBe('fixed 3')
  })

  it('is paired by block: differences of -8 and -7, -3 and -1, -2 and -2', () => {
    const { rivals, perSeed: means, overSeeds, overBlocks, ratio, cost, rivalCost } = judge(perSeed, 'learner', fixed)
    expect(rivals).toEqual(['fixed 7', 'fixed 3', 'fixed 3'])
    expect(means).toEqual([-7.5, -2, -2])
    expect(overSeeds.mean).toBeCloseTo(-23 / 6, 12)
    // Deviation of -7.5, -2, -2 is 3.1754; t of two degrees of freedom 4.303.
    expect(overSeeds.hi - overSeeds.mean).toBeCloseTo((4.303 * Math.sqrt(((11 / 3) ** 2 + 2 * (11 / 6) ** 2) / 2)) / Math.sqrt(3), 9)
    expect(overBlocks).toMatchObject({ n: 6 })
    expect(overBlocks.mean).toBeCloseTo(-23 / 6, 12)
    expect([cost, rivalCost]).toEqual([2.5, (9 + 5 + 5) / 3])
    // Of 1.5 to 9, 3 to 5, and 3 to 5.
    expect(ratio.mean).toBeCloseTo(((1 / 6) * 0.6 * 0.6) ** (1 / 3), 12)
    expect(
      [
        { lo: 0.9, hi: 1.1 },
        { lo: 0.5, hi: 0.99 },
        { lo: 1.01, hi: 2 },
      ].map(outcomeOf),
    ).toEqual(['cannot be told from the fixed point', 'costs less than the fixed point', 'costs more than the fixed point'])
  })
})

describe('rounds', () => {
  async function play(stopAfter = Number.POSITIVE_INFINITY) {
    const env = makeScriptedEnv({ noise: 0 })
    const resets: number[] = []
    const order: string[] = []
    let decisions = 0
    const watched = {
      ...env,
      reset(options: ResetOptions) {
        resets.push(options.seed)
        return env.reset(options)
      },
    }
    const agentOf = (point: number) => findAgent('static').make({ spaces: env.spaces, seed: 0, options: { point } })
    const contest = await playRounds({
      env: watched,
      objective: makeObjective(scriptedObjective(env.nominal), env.nominal),
      clock: makeFakeClock(),
      contenders: [0, 1].map((point) => ({ name: `fixed ${point}`, agent: agentOf(point) })),
      rounds: 3,
      requests: 4,
      seedOf: (round) => 100 + round,
      stopped: () => decisions >= stopAfter,
      onDecision: (name, round, { index, choice }) => {
        decisions++
        if (index === 0) order.push(`${round}: ${name}`)
        expect(`fixed ${choice.action}`).toBe(name)
      },
    })
    return { contest, resets, order }
  }

  it('let everyone meet the same world in turned order', async () => {
    const { contest, resets, order } = await play()
    expect(resets).toEqual([100, 100, 101, 101, 102, 102])
    expect(order).toEqual(['0: fixed 0', '0: fixed 1', '1: fixed 1', '1: fixed 0', '2: fixed 0', '2: fixed 1'])
    for (const { costs, tally } of contest) {
      expect(costs).toHaveLength(3)
      expect(tally.steps).toBe(12)
    }
  })

  it('leave out a round that was broken off', async () => {
    // Nine decisions: the second round was not finished.
    const { contest } = await play(9)
    expect(contest.map(({ costs }) => costs.length)).toEqual([1, 1])
  })
})
