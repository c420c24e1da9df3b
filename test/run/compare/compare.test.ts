import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { agentKinds, findAgent } from '../../../agents/index.ts'
import type { Agent } from '../../../src/core/agent.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { monitorIndex } from '../../../src/core/spaces.ts'
import { parseDeadline } from '../../../src/core/units.ts'
import { compareOn } from '../../../src/run/compare/compare.ts'
import { makeEpisodeRecord, roundOf, runEpisode } from '../../../src/run/compare/episode.ts'
import { hindsightCosts } from '../../../src/run/compare/hindsight.ts'
import { lineUp } from '../../../src/run/compare/lineup.ts'
import { profileOnce } from '../../../src/run/compare/seed-run.ts'
import type { Ground } from '../../../src/run/grounds/ground.ts'
import { resolveWish, type Wish } from '../../../src/run/request.ts'
import { comparisonSchema } from '../../support/compare-schema.ts'
import { makeFakeClock } from '../../support/fake-clock.ts'
import { makeScriptedEnv } from '../../support/scripted-env.ts'
import { hereRunner, scriptedGround } from '../../support/scripted-ground.ts'

const wish: Wish = {}
const events = { progress() {} }

const compareHere = (
  ground: Ground,
  agents: string,
  settings: { steps: number; seeds: number; wish?: Wish; options?: Parameters<typeof lineUp>[1] },
) =>
  compareOn([ground], { wish, firstSeed: 1, ...settings, agents: lineUp(agents.split(','), settings.options ?? {}) }, events, (plans) =>
    hereRunner([ground], plans, makeFakeClock()),
  ).then(([result]) => result as NonNullable<typeof result>)

const costsOf = async (ground: Ground, agent: string, settings: Parameters<typeof compareHere>[2]): Promise<number> =>
  (await compareHere(ground, agent, settings)).agents[0]?.cost.mean as number

describe('a comparison', () => {
  it('measures gaps that are known by construction', async () => {
    // Nothing disturbs and nothing is noisy. Reference: 25 % on big at 2 GHz, 1.5 ms and 7.2 mJ, so that its own cost is 1 + 0.5 + 0.45 = 1.95, the least
    // there is. `performance` takes 100 % there: 6 ms, 28.8 mJ, top-1 0.69: 4 + 2 + 0.31 = 6.31.
    const result = await compareHere(scriptedGround({ noise: 0 }), 'oracle,static,performance', { steps: 100, seeds: 2 })
    const [oracle, fixed, performance] = result.agents
    expect(oracle?.gap).toEqual({ mean: 0, lo: 0, hi: 0 })
    expect(oracle?.cost.mean).toBeCloseTo(1.95, 12)
    expect(fixed?.gap.mean).toBe(0)
    expect(fixed?.class).toBe('reference')
    expect(performance?.gap.mean).toBeCloseTo(6.31 / 1.95 - 1, 12)
    expect(performance?.regret.mean).toBeCloseTo(100 * (6.31 - 1.95), 9)
    expect(performance?.latencyS.p50?.mean).toBeCloseTo(0.006, 12)
    expect(performance?.energyJ?.mean).toBeCloseTo(0.0288, 12)
    expect(performance?.accuracy?.mean).toBeCloseTo(0.69, 12)
    expect(result.oracle.cost).toEqual(oracle?.cost)
    expect(result.oracle.curve).toHaveLength(100)
  })

  it('charges the probability of a miss, not the miss that happened', async () => {
    // The deadline is the median latency of `performance`: half of the requests miss it, each costing 1.2 more: the fastest point again, 1.5 of 6 ms,
    // 0.25 + 0.5 + 0.45.
    const ground = scriptedGround({ noise: 0.05 })
    const result = await compareHere(ground, 'performance', { steps: 50, seeds: 2, wish: { ...wish, deadline: parseDeadline('6ms', 'test') } })
    const mean = Math.exp(0.05 ** 2 / 2)
    expect(result.agents[0]?.cost.mean).toBeCloseTo(mean + 2 * mean + 0.31 + 0.5 * 1.2, 4)
    expect(result.agents[0]?.missRatio.mean).toBeGreaterThan(0.3)
    expect(result.agents[0]?.missRatio.mean).toBeLessThan(0.7)
  })

  it('lets every agent meet the same random numbers, whoever else takes part', async () => {
    const ground = scriptedGround({ coRunners: [{ cluster: 'big', share: 0.7, from: 20, to: 60, everySteps: 100 }] })
    const settings = { steps: 120, seeds: 2, wish: { ...wish, deadline: parseDeadline('1.5x', 'test') } }
    const alone = await compareHere(ground, 'linucb', settings)
    const together = await compareHere(ground, 'q-learning,random,static,linucb,q-learning+profile', settings)
    expect({ ...together.agents[3], behindBest: null }).toEqual(alone.agents[0])
    expect(together.oracle).toEqual(alone.oracle)
  })

  it('chooses the fixed point with hindsight over the very run', async () => {
    // Big is gone for a while, then crowded: static is never worse than any fixed point.
    const ground = scriptedGround({ bigOffline: (step) => step >= 10 && step < 30, coRunners: [{ cluster: 'big', share: 0.9, from: 30, to: 100 }] })
    const settings = { steps: 100, seeds: 2 }
    const best = await costsOf(ground, 'static', settings)
    const { spaces } = ground
    const all = await Promise.all(spaces.points.map((_, point) => costsOf(ground, 'static', { ...settings, options: { static: { point } } })))
    expect(best).toBeLessThanOrEqual(Math.min(...all) + 1e-12)
  })

  it('sums up what a fixed point would have cost, with the nominally best one standing in', () => {
    const env = makeScriptedEnv({ noise: 0, bigOffline: (step) => step === 1 })
    const { nominal } = env
    const resolved = resolveWish(wish, nominal)
    const objective = makeObjective(resolved.objective, nominal)
    const priorCost = Float64Array.from(nominal, (point) => objective.nominalCost(point, resolved.requirements))
    const costs = hindsightCosts(env, objective, priorCost, 1, 2)
    // Of a deadline of 12 ms point 3 takes an eighth; masked once, the best of little stands in: 25 % at 1.2 GHz, 6.25 ms and 2.25 mJ.
    const own = 1.5 / 12 + 0.5 + 0.45
    const standIn = 6.25 / 12 + (0.5 * 2.25) / 7.2 + 0.45
    expect(costs[3]).toBeCloseTo(own + standIn, 5)
    expect(costs[1]).toBeCloseTo(2 * standIn, 5)
  })

  it('profiles every point once, with the noise of the seed', () => {
    const env = makeScriptedEnv({ noise: 0.05 })
    const profile = profileOnce(env, 3)
    expect(profile).toHaveLength(16)
    expect(profile).toEqual(profileOnce(env, 3))
    expect(profile).not.toEqual(profileOnce(env, 4))
    profile.forEach(({ latencyS, accuracy }, a) => {
      expect(Math.abs(Math.log(latencyS / (env.nominal[a]?.latencyS as number)))).toBeLessThan(0.25)
      expect(accuracy).toBe(env.nominal[a]?.accuracy)
    })
  })

  it('lets every agent that it names take part', async () => {
    const names = agentKinds.map(({ name }) => name).filter((name) => name !== 'planner')
    const { agents } = await compareHere(scriptedGround(), names.join(','), { steps: 25, seeds: 1 })
    expect(agents.map(({ agent }) => agent)).toEqual(names)
    expect(agents.find(({ agent }) => agent === 'explorer')?.class).toBe('profiled')
  })

  it('keeps profiled agents apart from those that begin from nothing', async () => {
    const result = await compareHere(scriptedGround(), 'q-learning,q-learning+profile,static,static+profile', { steps: 60, seeds: 3 })
    expect(result.agents.map((agent) => [agent.agent, agent.class, agent.profileSteps])).toEqual([
      ['q-learning', 'nothing', 0],
      ['q-learning+profile', 'profiled', 16],
      ['static', 'reference', 0],
      ['static+profile', 'profiled', 16],
    ])
    const [nothing, profiled] = result.agents
    // Sixteen points unseen must be tried; a profile spares most of that.
    expect(nothing?.windows[0]?.gap.mean).toBeGreaterThan((profiled?.windows[0]?.gap.mean as number) + 0.2)
    // The only one of its class is not behind anyone.
    expect(nothing?.behindBest).toBeNull()
  })

  it('resolves what is asked phase by phase', async () => {
    const phases = [{}, { deadline: { times: 2 }, accuracyFloor: 0.66 }, { deadline: null }]
    const ground = scriptedGround({ noise: 0 }, phases, [0, 10, 20])
    const result = await compareHere(ground, 'oracle', { steps: 30, seeds: 1, wish: { ...wish, deadline: parseDeadline('12ms', 'test') } })
    // The fastest point of at least 0.66 is 75 % on big at 2 GHz: 4.5 ms.
    expect(result.requirements).toEqual([
      { percentile: 99, deadlineS: 0.012 },
      { percentile: 99, deadlineS: 0.009, accuracyFloor: 0.66 },
      { percentile: 99 },
    ])
    expect(result.infeasible).toEqual([])
    expect(result.objective.reference.latencyS).toBeCloseTo(0.0015, 12)
    expect(result.objective.reference.knobs).toEqual(ground.spaces.points[result.objective.reference.point])
    expect(result.objective.reference.knobs).toMatchObject({ subnet: 25, cluster: 'big', 'big.freqHz': 2000e6 })
  })

  it('runs what is infeasible and names the least-bad point', async () => {
    const phases = [{}, { accuracyFloor: 0.9 }]
    const asked = { ...wish, deadline: parseDeadline('1ms', 'test') }
    const result = await compareHere(scriptedGround({ noise: 0 }, phases, [0, 10]), 'oracle,performance', { steps: 20, seeds: 1, wish: asked })
    expect(result.infeasible.map(({ phase }) => phase)).toEqual([0, 1])
    expect(result.infeasible[0]?.leastBad).toMatchObject({ latencyS: expect.closeTo(0.0015, 12), accuracy: 0.55 })
    expect(result.infeasible[0]?.leastBad.point).toContain('subnet=25 cluster=big')
    // Asked an accuracy alone, all of the largest network are as near: the fastest is named.
    const floor = await compareHere(scriptedGround({ noise: 0 }), 'oracle', {
      steps: 5,
      seeds: 1,
      wish: { ...wish, deadline: undefined, accuracyFloor: 0.9 },
    })
    expect(floor.infeasible[0]?.leastBad.point).toMatch(/subnet=100 cluster=big .*big.freqHz=2000MHz/)
    expect(result.requirements[1]).toMatchObject({ accuracyFloor: 0.9 })
    expect(result.agents[1]?.missRatio.mean).toBe(1)
    expect(result.agents[1]?.longestMissRun.mean).toBe(20)
  })

  it('measures a gap where every answer is right, and where nothing costs anything says so before it runs', async () => {
    const plain = scriptedGround({ noise: 0 })
    const right: Ground = { ...plain, nominal: plain.nominal.map((point) => ({ ...point, accuracy: 1 })) }
    const { agents } = await compareHere(right, 'static,performance', { steps: 10, seeds: 1, wish: { ...wish, objective: 'accuracy' } })
    for (const { gap, cost } of agents) expect([Number.isFinite(gap.mean), cost.mean > 0]).toEqual([true, true])
    const weights = { latency: 0, energy: 0, accuracy: 0, confidence: 1 }
    await expect(compareHere(plain, 'static', { steps: 10, seeds: 1, wish: { weights } })).rejects.toMatchObject({
      code: 'ERR_RANGE',
      message: expect.stringContaining('confidence of an answer is unknown'),
    })
    const result = await compareHere(plain, 'static', { steps: 10, seeds: 1, wish: { weights: { ...weights, latency: 1 } } })
    expect(result.labels.join()).toContain('none costs anything')
  })

  it('has the documented shape, through JSON', async () => {
    const phases = [{}, { deadline: { seconds: 1e-4 } }]
    const result = await compareHere(scriptedGround({}, phases), 'q-learning,static+profile,oracle', { steps: 700, seeds: 2 })
    const document = v.parse(comparisonSchema, JSON.parse(JSON.stringify(result)))
    expect(document.agents[0]?.windows.map(({ from, to }) => [from, to])).toEqual([
      [1, 20],
      [1, 50],
      [21, 50],
      [51, 100],
      [51, 500],
      [101, 500],
      [501, null],
    ])
    expect(document.agents[0]?.curve).toHaveLength(175)
    expect(document.blockSteps).toBe(4)
    expect(document.infeasible).toHaveLength(1)
  })

  it('lets the planner follow the plan of the ground, and leaves it out where nothing is to plan', async () => {
    const plain = scriptedGround()
    const settings = { steps: 30, seeds: 2 }
    const planned: Ground = { ...plain, heat: true, planner: () => () => 7 }
    const result = await compareHere(planned, 'planner,static', { ...settings, options: { static: { point: 7 } } })
    expect(result.agents[0]?.class).toBe('reference')
    expect(result.agents[0]?.cost).toEqual(result.agents[1]?.cost)
    const without = await compareHere(plain, 'planner,static', settings)
    expect(without.agents.map(({ agent }) => agent)).toEqual(['static'])
    expect(without.labels.join()).toContain('the planner plans for heat, and scripted has none')
  })

  it('says before anything runs what cannot be', async () => {
    const ground = scriptedGround()
    const silent: Ground = { ...ground, energyQuality: 'absent', nominal: ground.nominal.map((point) => ({ ...point, energyJ: Number.NaN })) }
    const settings = { steps: 5, seeds: 1 }
    const refused = (on: Ground, agents: string, more: object = {}) => expect(compareHere(on, agents, { ...settings, ...more })).rejects
    await refused(silent, 'random', { wish: { ...wish, objective: 'energy' } }).toMatchObject({
      code: 'ERR_RANGE',
      message: expect.stringContaining('scripted: '),
    })
    await refused(silent, 'random', { wish: { ...wish, energyBudgetJ: 0.1 } }).toMatchObject({ code: 'ERR_RANGE' })
    await refused(ground, 'linucb', { options: { linucb: { nothing: 1 } } }).toMatchObject({ code: 'ERR_UNKNOWN_OPTION' })
    await refused(ground, 'planner').toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('heat') })
  })

  it('begins the world anew where it ends before the run, with the same numbers for every agent', async () => {
    const env = makeScriptedEnv({ steps: 10 })
    const seen: number[] = []
    const agent = findAgent('performance').make({ spaces: env.spaces, seed: 1, options: {} })
    const pressure = monitorIndex(env.spaces, 'pressure')
    const spy: Agent = {
      ...agent,
      act(observation, mask) {
        seen.push(observation[pressure] as number)
        return agent.act(observation, mask)
      },
    }
    const objective = makeObjective(resolveWish(wish, env.nominal).objective, env.nominal)
    await runEpisode({ env, agent: spy, objective, clock: makeFakeClock(), seed: 5, steps: 25 }, makeEpisodeRecord(25))
    const first = await makeScriptedEnv().reset(roundOf(5, 1))
    expect(seen).toHaveLength(25)
    expect(seen[10]).toBe(first.observation[pressure])
    expect(new Set(seen).size).toBe(25)
  })
})
