import { describe, expect, it } from 'vitest'
import { copyPlantState, makeLoad } from '../../../envs/sim/plant-state.ts'
import type { SimEnv } from '../../../envs/sim/sim-env.ts'
import { makeQuietWorld, type World, type WorldCluster, type WorldState } from '../../../envs/world/world.ts'
import { makeExpectedOutcome } from '../../../src/core/env.ts'
import { monitorIndex, type OperatingPoint } from '../../../src/core/spaces.ts'
import { makeSim, makeStormyWorld } from '../../support/sim-env.ts'

/** Means of the next step over seeds, and its truth: the plant is nominal, so that only chance differs. */
function sample(env: SimEnv, action: number, seeds: number, before: readonly number[] = []) {
  const mean = { latencyS: 0, energyJ: 0, miss: 0, broken: 0 }
  const expected = makeExpectedOutcome()
  const truth = { latencyS: 0, energyJ: 0, missRatio: 0, brokenRatio: 0 }
  for (let seed = 0; seed < seeds; seed++) {
    env.reset({ seed })
    for (const earlier of before) env.step(earlier)
    env.truth.expected(action, expected)
    const { outcome, requirements } = env.step(action)
    mean.latencyS += outcome.latencyS / seeds
    mean.energyJ += outcome.energyJ / seeds
    const late = outcome.latencyS > (requirements.deadlineS ?? Number.POSITIVE_INFINITY)
    const dear = outcome.energyJ > (requirements.energyBudgetJ ?? Number.POSITIVE_INFINITY)
    mean.miss += (late ? 1 : 0) / seeds
    mean.broken += (late || dear ? 1 : 0) / seeds
    for (const name of ['latencyS', 'energyJ', 'missRatio', 'brokenRatio'] as const) truth[name] += expected[name] / seeds
  }
  return { mean, truth }
}

describe('the truth is what steps give on average', () => {
  // Standard errors: jitter 3 % over sqrt(4000) is 0.05 %, the tail 0.4 % of 3x adds 0.2 %.
  const seeds = 4000
  const fast = 191

  it('of latency and energy, the tail included', () => {
    const { mean, truth } = sample(makeSim(), fast, seeds)
    expect(mean.latencyS / truth.latencyS).toBeCloseTo(1, 2)
    expect(mean.energyJ / truth.energyJ).toBeCloseTo(1, 2)
  })

  it('of missed deadlines and broken budgets, where either is a matter of chance', () => {
    const probe = makeExpectedOutcome()
    const env = makeSim()
    env.reset({ seed: 0 })
    env.truth.expected(fast, probe)
    const { mean, truth } = sample(
      makeSim({ requirements: [{ percentile: 99, deadlineS: probe.latencyS * 1.02, energyBudgetJ: probe.energyJ }] }),
      fast,
      seeds,
    )
    expect(truth.missRatio).toBeGreaterThan(0.1)
    expect(truth.missRatio).toBeLessThan(0.5)
    expect(truth.brokenRatio).toBeGreaterThan(truth.missRatio)
    expect(Math.abs(mean.miss - truth.missRatio)).toBeLessThan(0.025)
    expect(Math.abs(mean.broken - truth.brokenRatio)).toBeLessThan(0.025)
  })

  it('of changing over and of waiting in the queue, among co-runners', () => {
    const env = makeSim({ world: makeStormyWorld, requirements: [{ percentile: 99, deadlineS: 1 }] })
    const { mean, truth } = sample(env, fast, seeds, [0, 3])
    expect(mean.latencyS / truth.latencyS).toBeCloseTo(1, 1.5)
    expect(mean.energyJ / truth.energyJ).toBeCloseTo(1, 2)
    expect(Math.abs(mean.miss - truth.missRatio)).toBeLessThan(0.02)
  })
})

/** A quiet world but for what `change` does to it. */
const worldThat =
  (change: (timeS: number, out: WorldState) => void, more: Partial<World> = {}) =>
  (clusters: readonly WorldCluster[]): World => {
    const quiet = makeQuietWorld(clusters)
    return {
      ...quiet,
      ...more,
      at(timeS, out) {
        quiet.at(timeS, out)
        change(timeS, out)
      },
    }
  }

const actionOf = (env: SimEnv, wanted: OperatingPoint): number =>
  env.spaces.points.findIndex((point) => Object.entries(wanted).every(([name, value]) => point[name] === value))
const allowed = (env: SimEnv, mask: Uint8Array, cluster: string) =>
  env.spaces.points.filter((point, a) => point['cluster'] === cluster && mask[a] === 1).map((point) => [point['cores'], point[`${cluster}.freqHz`]])

describe('what is possible', () => {
  it('follows the cores that are left, and never ends', () => {
    const env = makeSim({
      world: worldThat((timeS, out) => {
        if (timeS > 1) out.availableCores[1] = 2
        if (timeS > 2) out.availableCores[1] = 0
        if (timeS > 3) out.availableCores[0] = 0
      }),
    })
    let { mask, observation } = env.reset({ seed: 1 })
    expect(mask.every((bit) => bit === 1)).toBe(true)
    const slow = actionOf(env, { subnet: '100', cluster: 'a7', cores: 4 })
    const seen: number[][] = []
    for (let k = 0; k < 3; k++) {
      ;({ mask, observation } = env.step(slow))
      seen.push([
        allowed(env, mask, 'a7').length,
        allowed(env, mask, 'a15').length,
        observation[monitorIndex(env.spaces, 'a15.availableCores')] as number,
      ])
    }
    // Steps of 1.8 s: with two cores 1 and 2 of 1, 2 and 4 are left.
    expect(seen[0]).toEqual([96, 64, 2])
    // The safe point is all that stays when nothing is possible.
    expect(seen[1]).toEqual([1, 0, 0])
    expect(Array.from(mask.keys()).filter((a) => mask[a] === 1)).toEqual([0])
    expect(env.step(0).outcome.latencyS).toBeGreaterThan(0)
  })

  it('ends at the cap that heat sets, where the kernel shows it', () => {
    const env = makeSim({
      world: worldThat((_, out) => {
        out.ambientTempC = 60
      }),
    })
    let { mask } = env.reset({ seed: 1 })
    const fast = actionOf(env, { subnet: '100', cluster: 'a15', cores: 4, 'a15.freqHz': 2e9 })
    for (let k = 0; k < 300 && mask[fast] === 1; k++) ({ mask } = env.step(fast))
    expect(mask[fast]).toBe(0)
    const cap = env.state.visibleCaps[1] as number
    const top = Math.max(...allowed(env, mask, 'a15').map(([, freqHz]) => freqHz as number))
    expect(top).toBeLessThanOrEqual(env.plant.spec.board.clusters[1]?.freqHz[cap] as number)
  })

  it('does not tell of a firmware that throttles: points stay, and run slower', () => {
    const env = makeSim({
      board: 'raspberry-pi-4',
      world: worldThat((_, out) => {
        out.ambientTempC = 75
      }),
    })
    const start = env.reset({ seed: 1 })
    const fast = actionOf(env, { subnet: '100', cluster: 'a72', cores: 4, 'a72.freqHz': 1.5e9 })
    const first = env.step(fast).outcome.latencyS
    for (let k = 0; k < 3000; k++) env.step(fast)
    expect(start.mask.every((bit) => bit === 1)).toBe(true)
    expect(env.state.caps[0]).toBeLessThan(9)
    const last = env.step(fast)
    expect(last.executedAction).toBe(fast)
    expect(last.outcome.latencyS).toBeGreaterThan(1.05 * first)
  })
})

describe('a step', () => {
  it('heats by the energy that it counts, in the tail and while changing over too', () => {
    // One cluster: all that its rail draws is ours.
    const env = makeSim({ board: 'raspberry-pi-4' })
    const { plant } = env
    const { restW, caseKPerW } = plant.spec.cooling
    const expected = makeExpectedOutcome()
    env.reset({ seed: 1 })
    const load = makeLoad()
    let tails = 0
    let changes = 0
    const before = plant.makeState()
    for (let k = 0; k < 2000; k++) {
      const action = (k >> 2) % env.spaces.points.length
      copyPlantState(env.state, before)
      env.truth.expected(action, expected)
      plant.load(before, env.now, action, false, load)
      const { outcome, changed } = env.step(action)
      plant.thermal.advance(before, outcome.energyJ / outcome.latencyS, env.now.ambientTempC + restW * caseKPerW, outcome.latencyS)
      // Energies have six digits.
      expect(env.state.dieTempC).toBeCloseTo(before.dieTempC, 4)
      if (changed) changes++
      if (outcome.latencyS < 2 * expected.latencyS) continue
      tails++
      // Who waits does not work: three times as late, and dearer by no more than leakage and base of the rail.
      expect(outcome.energyJ - load.staticW * outcome.latencyS).toBeLessThan(1.2 * (load.busyJ + load.switchJ))
    }
    expect(tails).toBeGreaterThan(3)
    expect(changes).toBeGreaterThan(400)
  })

  it('says whether it changed over', () => {
    const env = makeSim()
    env.reset({ seed: 1 })
    expect([0, 0, 1, 1, 100].map((action) => env.step(action).changed)).toEqual([false, false, true, false, true])
  })

  it('meets the same chance whatever was chosen before', () => {
    const [one, other] = [makeSim(), makeSim()]
    const expected = makeExpectedOutcome()
    one.reset({ seed: 4 })
    other.reset({ seed: 4 })
    const ratio = (env: SimEnv, action: number): number => {
      env.truth.expected(action, expected)
      return env.step(action).outcome.latencyS / expected.latencyS
    }
    for (let k = 0; k < 20; k++) expect(ratio(one, 5)).toBeCloseTo(ratio(other, 5 + (k % 3)), 2)
  })

  it('ends with its world, and asks what the phase asks', () => {
    const env = makeSim({
      world: worldThat(
        (timeS, out) => {
          out.phase = timeS < 0.5 ? 0 : 1
        },
        { endS: 1, phases: [{}, {}] },
      ),
      requirements: [{ percentile: 99 }, { percentile: 99, deadlineS: 0.01, energyBudgetJ: 0.2, accuracyFloor: 0.6 }],
    })
    env.reset({ seed: 1 })
    const fast = env.spaces.points.length - 1
    const rows: [number | undefined, boolean, boolean][] = []
    let truncated = false
    while (!truncated) {
      const step = env.step(fast)
      ;({ truncated } = step)
      rows.push([step.requirements.deadlineS, step.outcome.deadlineMet, truncated])
    }
    expect(rows.at(0)).toEqual([undefined, true, false])
    expect(rows.at(-1)).toEqual([0.01, false, true])
    const { observation } = env.reset({ seed: 1 })
    expect(observation[monitorIndex(env.spaces, 'deadlineS')]).toBeNaN()
  })

  it('waits in the queue of a stream that is too fast, and drops what does not fit', () => {
    const env = makeSim({ world: (clusters) => makeQuietWorld(clusters, 100), requirements: [{ percentile: 99, deadlineS: 1 }] })
    env.reset({ seed: 1 })
    const fast = env.spaces.points.length - 1
    const first = env.step(fast).outcome.latencyS
    let last = first
    for (let k = 0; k < 40; k++) {
      const waitedS = k === 0 ? Number.NaN : (env.step(fast).observation[monitorIndex(env.spaces, 'waitedS')] as number)
      if (k > 0) expect(waitedS).toBeCloseTo(env.waitS, 4)
      last = env.step(fast).outcome.latencyS
      if (k > 0) expect(last).toBeGreaterThan(waitedS)
    }
    expect(env.dropped).toBeGreaterThan(100)
    // Sixteen requests of 10 ms each at most are waited for.
    expect(last).toBeGreaterThan(first + 0.15)
    expect(last).toBeLessThan(3 * first + 0.17)
  })

  it('on the quiet board knows neither world nor heat, only noise', () => {
    const env = makeSim({ world: makeStormyWorld })
    env.reset({ seed: 1, quiet: true })
    const { dieTempC } = env.state
    for (let k = 0; k < 500; k++) {
      const step = env.step(191 - (k % 2))
      expect([step.changed, step.truncated, step.observation[monitorIndex(env.spaces, 'queueLength')]]).toEqual([false, false, 0])
    }
    expect(env.state.dieTempC).toBe(dieTempC)
    expect(env.dropped).toBe(0)
  })
})
