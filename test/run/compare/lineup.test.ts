import { describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import type { Checkpoint } from '../../../src/checkpoint/schema.ts'
import type { AgentKind } from '../../../src/core/agent.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'
import { compareOn } from '../../../src/run/compare/compare.ts'
import { makeEpisodeRecord, runEpisode } from '../../../src/run/compare/episode.ts'
import { defaultAgents, lineUp } from '../../../src/run/compare/lineup.ts'
import { defaultWeights, resolveWish, type Wish } from '../../../src/run/request.ts'
import { errorOf } from '../../support/error-of.ts'
import { makeFakeClock } from '../../support/fake-clock.ts'
import { makeScriptedEnv } from '../../support/scripted-env.ts'
import { hereRunner, scriptedGround } from '../../support/scripted-ground.ts'

const wish: Wish = { percentile: 99, objective: 'weighted', weights: defaultWeights }

/** An agent that has governed the scripted world for 300 steps. */
async function trained(name = 'linucb'): Promise<Checkpoint> {
  const { requirements, objective: spec } = resolveWish(wish, scriptedGround().nominal)
  const env = makeScriptedEnv({ requirements: [{ from: 0, requirements }] })
  const objective = makeObjective(spec, env.nominal)
  // What each network scores is known from its manifest.
  const nominal = env.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const agent = findAgent(name).make({ spaces: env.spaces, seed: 9, options: {}, nominal, objective })
  await runEpisode({ env, agent, objective, clock: makeFakeClock(), seed: 9, steps: 300 }, makeEpisodeRecord(300))
  return {
    flyball: '0',
    agent: { name, options: {}, data: agent.save() },
    spaces: env.spaces,
    board: { id: 'scripted', fingerprint: 'scripted' },
    network: null,
    objective: spec,
    requirements,
    nominal: env.nominal,
    step: 300,
    seed: 9,
  }
}

describe('the agents of a comparison', () => {
  it('says of each what it begins with', () => {
    const entries = lineUp(['q-learning', 'q-learning+profile', 'static', 'static+profile', 'performance', 'oracle'], {})
    expect(entries.map((entry) => entry.class)).toEqual(['nothing', 'profiled', 'reference', 'profiled', 'nothing', 'reference'])
    expect(lineUp(['static'], { static: { point: 3 } })[0]?.class).toBe('nothing')
  })

  it('takes all by default but the slow ones, and twice those that a profile helps', () => {
    const kind = (name: string, takesProfile = false) => ({ name, takesProfile }) as AgentKind
    expect(defaultAgents([kind('bold', true), kind('plain'), kind('dqn'), kind('planner')])).toEqual(['bold', 'bold+profile', 'plain'])
    expect(defaultAgents()).toEqual(expect.arrayContaining(['q-learning', 'q-learning+profile', 'static', 'oracle', 'random']))
  })

  it('refuses who is unknown, named twice, or set without taking part', () => {
    expect(errorOf(() => lineUp(['nobody'], {}))).toMatchObject({ code: 'ERR_UNKNOWN_AGENT' })
    expect(errorOf(() => lineUp(['random', 'random'], {})).message).toContain('random is named twice')
    expect(errorOf(() => lineUp([], {})).code).toBe('ERR_USAGE')
    expect(errorOf(() => lineUp(['random'], { linucb: { alpha: 1 } })).message).toContain('linucb takes no part')
    expect(errorOf(() => lineUp(['random'], { nobody: { alpha: 1 } })).code).toBe('ERR_UNKNOWN_AGENT')
  })

  it('counts alert among those that begin with nothing where a prior stands in for its profile', () => {
    expect(lineUp(['alert']).map((entry) => entry.class)).toEqual(['profiled'])
    expect(lineUp(['alert'], { alert: { prior: true } }).map((entry) => entry.class)).toEqual(['nothing'])
  })

  it('refuses a profile for who makes nothing of it, or always has one', () => {
    for (const name of ['oracle', 'random', 'performance']) {
      const error = errorOf(() => lineUp([`${name}+profile`], {}))
      expect(error.code).toBe('ERR_USAGE')
      expect(error.message).toContain(`changes nothing for ${name}; those that take one are`)
      expect(error.message).toContain('q-learning')
    }
    expect(errorOf(() => lineUp(['alert+profile'], {})).message).toContain('alert always begins with a profile')
    expect(errorOf(() => lineUp(['static+profile+profile'], {})).message).toContain('asks for a profile twice')
  })

  it('lets a checkpoint take part in a class of its own, learning on or frozen', async () => {
    const checkpoint = await trained()
    const ground = scriptedGround()
    const run = (frozen: boolean) =>
      compareOn(
        [ground],
        { agents: lineUp(['linucb'], {}, [{ path: 'runs/first', checkpoint }], frozen), wish, steps: 100, seeds: 2, firstSeed: 1 },
        { progress() {} },
        (plans) => hereRunner([ground], plans, makeFakeClock()),
      )
    const [learning] = await run(false)
    const [frozen] = await run(true)
    expect(learning?.agents.map(({ agent, class: kind }) => [agent, kind])).toEqual([
      ['linucb', 'nothing'],
      ['linucb@runs/first', 'trained'],
    ])
    expect(frozen?.agents[1]?.agent).toBe('linucb@runs/first frozen')
    // What was learned in 300 steps is worth something in the first twenty; frozen it explores nothing and the world is always the same.
    expect(learning?.agents[1]?.windows[0]?.gap.mean).toBeLessThan((learning?.agents[0]?.windows[0]?.gap.mean as number) / 2)
    expect(frozen?.agents[1]?.longestMissRun.mean).toBe(0)
    expect(frozen?.agents[1]?.cost.lo).toBeCloseTo(frozen?.agents[1]?.cost.hi as number, 12)
    expect(learning?.agents[1]?.notes).toEqual([])
  })

  it('lets an agent begin from what a checkpoint of another board or network says, in a class of its own', async () => {
    const checkpoint = await trained('bayes')
    const { spaces } = checkpoint
    // The rows of features that go with the points that are left.
    const features = spaces.points.map((_, i) =>
      Array.from(spaces.features.subarray(i * spaces.featureNames.length, (i + 1) * spaces.featureNames.length)),
    )
    const fewer = makeSpaces({ ...spaces, points: spaces.points.slice(1), features: features.slice(1) })
    const data = findAgent('bayes').make({ spaces: fewer, seed: 1, options: {} }).save()
    const transfers = [
      { path: 'runs/other', checkpoint },
      { path: 'runs/fewer', checkpoint: { ...checkpoint, spaces: fewer, agent: { ...checkpoint.agent, data } } },
    ]
    const agents = lineUp(['bayes'], { bayes: { boldness: 0.2 } }, [], false, transfers)
    expect(agents.map(({ options }) => options)).toEqual([{ boldness: 0.2 }, { boldness: 0.2 }, { boldness: 0.2 }])
    const ground = scriptedGround()
    const [result] = await compareOn([ground], { agents, wish, steps: 60, seeds: 2, firstSeed: 1 }, { progress() {} }, (plans) =>
      hereRunner([ground], plans, makeFakeClock()),
    )
    expect(result?.agents.map(({ agent, class: kind, profileSteps }) => [agent, kind, profileSteps])).toEqual([
      ['bayes', 'nothing', 0],
      ['bayes+transfer@runs/other', 'transferred', 0],
      ['bayes+transfer@runs/fewer', 'transferred', 0],
    ])
  })

  it('refuses to carry over what its agent cannot take', async () => {
    const checkpoint = await trained()
    const error = errorOf(() => lineUp([], {}, [], false, [{ path: 'runs/other', checkpoint }]))
    expect(error).toMatchObject({ code: 'ERR_USAGE' })
    expect(error.message).toMatch(/--transfer runs\/other: linucb .*expected a checkpoint of bayes/)
  })

  it('says when a checkpoint learned under another objective, and refuses one of other spaces', async () => {
    const checkpoint = await trained()
    const ground = scriptedGround()
    const run = (changed: Checkpoint, asked: Wish) =>
      compareOn(
        [ground],
        { agents: lineUp([], {}, [{ path: 'x', checkpoint: changed }]), wish: asked, steps: 5, seeds: 1, firstSeed: 1 },
        { progress() {} },
        (plans) => hereRunner([ground], plans, makeFakeClock()),
      )
    const [result] = await run(checkpoint, { ...wish, objective: 'energy' })
    expect(result?.agents[0]?.notes).toEqual(['learned under another objective: weighted'])
    const other = { ...checkpoint, spaces: { ...checkpoint.spaces, points: checkpoint.spaces.points.slice(1), signature: 'other' } }
    await expect(run(other, wish)).rejects.toMatchObject({ code: 'ERR_SPACE_MISMATCH' })
  })
})
