import { afterEach, describe, expect, it } from 'vitest'
import { type Env, makeExpectedOutcome } from '../../src/core/env.ts'
import type { Outcome, Quality } from '../../src/core/outcome.ts'
import { outcomeDigits, quantise } from '../../src/core/quantise.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { listThreads } from '../../src/linux/task.ts'

export interface EnvContract {
  readonly name: string
  make(): Promise<Env> | Env
  /** Steps of each test; few where a step takes real time. */
  readonly steps: number
  /** The same seed gives the same bytes, and the truth is known. */
  readonly simulated?: boolean
  /** Nothing is left to chance: every seed is the same. */
  readonly exact?: boolean
  /** The same environment behind a guard that lets little change. */
  guarded(): Promise<Env> | Env
}

const qualities: readonly (readonly [keyof Outcome, keyof Outcome])[] = [
  ['latencyS', 'latencyQuality'],
  ['energyJ', 'energyQuality'],
  ['accuracy', 'accuracyQuality'],
  ['confidence', 'confidenceQuality'],
]

/** What every environment has to keep to, whatever it stands for. */
export function testEnvContract({ name, make, guarded, steps, simulated = false, exact = false }: EnvContract): void {
  describe(`env contract: ${name}`, () => {
    let env: Env | undefined
    const open = async (): Promise<Env> => {
      env = await make()
      return env
    }
    afterEach(async () => {
      await env?.close()
      env = undefined
    })
    /** The k-th allowed action, round and round. */
    const pick = (mask: Uint8Array, k: number): number => {
      const allowed = Array.from(mask.keys()).filter((a) => mask[a] === 1)
      return allowed[k % allowed.length] as number
    }

    it('describes itself: points, features and monitors of fixed number, a mask that is never empty', async () => {
      const { spaces, reset } = await open()
      expect(spaces.features).toHaveLength(spaces.points.length * spaces.featureNames.length)
      expect(Array.from(spaces.features).every(Number.isFinite)).toBe(true)
      expect(new Set(spaces.points.map((point) => JSON.stringify(point))).size).toBe(spaces.points.length)
      expect(new Set(spaces.monitors.map((monitor) => monitor.name)).size).toBe(spaces.monitors.length)
      for (const { low, high } of spaces.monitors) expect(low).toBeLessThan(high)
      const { observation, mask } = await reset({ seed: 1 })
      expect(observation).toHaveLength(spaces.monitors.length)
      expect(mask).toHaveLength(spaces.points.length)
      expect(mask).toContain(1)
    })

    it('executes what is allowed, and says what came of it', async () => {
      const it = await open()
      let { mask } = await it.reset({ seed: 2 })
      let lastS = Number.NEGATIVE_INFINITY
      for (let k = 0; k < steps; k++) {
        const action = pick(mask, k)
        const step = await it.step(action)
        expect(step.executedAction).toBe(action)
        expect(step.observation).toHaveLength(it.spaces.monitors.length)
        expect(step.mask).toContain(1)
        expect(step.mask.every((bit) => bit === 0 || bit === 1)).toBe(true)
        expect(step.timeS).toBeGreaterThan(lastS)
        expect(step.durationS).toBeGreaterThan(0)
        expect(step.truncated).toBe(false)
        for (const own of [step.senseS, step.applyS]) expect(own).toBeGreaterThanOrEqual(0)
        lastS = step.timeS
        ;({ mask } = step)
      }
    })

    it('labels its outcomes: absent is NaN and NaN is absent, and every number is in range', async () => {
      const it = await open()
      let { mask } = await it.reset({ seed: 3 })
      for (let k = 0; k < steps; k++) {
        const { outcome, requirements, durationS, mask: next } = await it.step(pick(mask, k * 3))
        for (const [field, quality] of qualities) {
          expect(['measured', 'estimated', 'absent'] satisfies Quality[]).toContain(outcome[quality])
          expect(Number.isNaN(outcome[field])).toBe(outcome[quality] === 'absent')
        }
        expect(outcome.latencyS).toBeGreaterThan(0)
        if (outcome.energyQuality !== 'absent') expect(outcome.energyJ).toBeGreaterThanOrEqual(0)
        for (const ratio of [outcome.accuracy, outcome.confidence])
          if (!Number.isNaN(ratio)) {
            expect(ratio).toBeGreaterThanOrEqual(0)
            expect(ratio).toBeLessThanOrEqual(1)
          }
        expect(outcome.deadlineMet).toBe(requirements.deadlineS === undefined || outcome.latencyS <= requirements.deadlineS)
        // What a trace writes down in few digits is what the agent learned from.
        for (const value of [outcome.latencyS, outcome.energyJ, durationS]) expect(quantise(value, outcomeDigits)).toBe(value)
        mask = next
      }
    })

    it('reuses its objects: what must be kept has to be copied', async () => {
      const it = await open()
      const start = await it.reset({ seed: 4 })
      const first = await it.step(pick(start.mask, 0))
      const { observation, mask, outcome } = first
      const second = await it.step(pick(first.mask, 1))
      expect(second).toBe(first)
      expect(second.observation).toBe(observation)
      expect(second.mask).toBe(mask)
      expect(second.outcome).toBe(outcome)
    })

    it('can be reset in the middle, and begins again', async () => {
      const it = await open()
      let { mask } = await it.reset({ seed: 5 })
      for (let k = 0; k < 3; k++) ({ mask } = await it.step(pick(mask, k)))
      const timeS = (await it.step(pick(mask, 0))).timeS
      const again = await it.reset({ seed: 5 })
      expect((await it.step(pick(again.mask, 0))).timeS).toBeLessThan(timeS)
    })

    if (simulated)
      it('gives the same bytes for the same seed, whether or not anybody looks at the truth', async () => {
        const run = async (seed: number, look: boolean): Promise<string> => {
          const it = await open()
          const expected = makeExpectedOutcome()
          let { mask, observation } = await it.reset({ seed })
          const seen: string[] = [Array.from(observation).join()]
          for (let k = 0; k < steps; k++) {
            if (look) for (let a = 0; a < mask.length; a += 7) it.truth?.expected(a, expected)
            const step = await it.step(pick(mask, k))
            ;({ mask, observation } = step)
            seen.push(
              JSON.stringify([Array.from(observation), Array.from(mask), step.outcome, step.timeS, step.durationS, step.changed, step.requirements]),
            )
          }
          return seen.join('\n')
        }
        const once = await run(7, false)
        expect(await run(7, true)).toBe(once)
        expect((await run(8, false)) === once).toBe(exact)
      })

    if (simulated)
      it('knows of every point what it is expected to give', async () => {
        const it = await open()
        const expected = makeExpectedOutcome()
        let { mask } = await it.reset({ seed: 9 })
        for (let k = 0; k < steps; k++) {
          const action = pick(mask, k * 5)
          const truth = it.truth as NonNullable<Env['truth']>
          truth.expected(action, expected)
          const asked = truth.requirements
          const { latencyS, energyJ, accuracy, missRatio, brokenRatio } = expected
          const step = await it.step(action)
          expect(step.requirements).toEqual(asked)
          expect(step.outcome.accuracy).toBe(accuracy)
          expect(missRatio).toBeGreaterThanOrEqual(0)
          expect(brokenRatio).toBeGreaterThanOrEqual(missRatio)
          expect(brokenRatio).toBeLessThanOrEqual(1)
          // Noise is noise, not another world.
          for (const ratio of [step.outcome.latencyS / latencyS, step.outcome.energyJ / energyJ]) {
            if (Number.isNaN(ratio)) continue
            expect(ratio).toBeGreaterThan(0.3)
            expect(ratio).toBeLessThan(6)
          }
          ;({ mask } = step)
        }
      })

    if (simulated)
      it('is on average what it is expected to be: latency, energy, missed deadlines, over any run of actions', async () => {
        const it = await open()
        const expected = makeExpectedOutcome()
        const sums = { latencyS: 0, energyJ: 0, missed: 0 }
        const truly = { latencyS: 0, energyJ: 0, missed: 0 }
        const n = 4000
        let { mask } = await it.reset({ seed: 10 })
        for (let k = 0; k < n; k++) {
          const action = pick(mask, k * 7 + (k >> 3))
          it.truth?.expected(action, expected)
          const step = await it.step(action)
          const { latencyS, energyJ, deadlineMet } = step.outcome
          sums.latencyS += latencyS / expected.latencyS / n
          truly.latencyS += 1 / n
          sums.energyJ += Number.isNaN(energyJ) ? 0 : energyJ / expected.energyJ / n
          truly.energyJ += Number.isNaN(energyJ) ? 0 : 1 / n
          sums.missed += deadlineMet ? 0 : 1 / n
          truly.missed += expected.missRatio / n
          ;({ mask } = step.truncated ? await it.reset({ seed: 10 + k }) : step)
        }
        // Each ratio has mean 1 and a standard deviation below 0.3: three standard errors are below 0.015.
        for (const name of ['latencyS', 'energyJ', 'missed'] as const) expect(Math.abs(sums[name] - truly[name]), name).toBeLessThan(0.015)
      })

    it("keeps to a guard's mask: a choice that it forbids never runs, another one that it allows does", async () => {
      env = await guarded()
      let { mask } = await env.reset({ seed: 11 })
      let refused = 0
      for (let k = 0; k < steps; k++) {
        const allowed = mask.slice()
        expect(allowed).toContain(1)
        for (const a of allowed.keys()) if (env.guard?.barred[a] === 1) expect(allowed[a]).toBe(0)
        // Now what is allowed, now the last point that is not.
        const masked = allowed.lastIndexOf(0)
        const action = k % 3 === 2 && masked >= 0 ? masked : pick(allowed, k * 5)
        const step = await env.step(action)
        expect(allowed[step.executedAction]).toBe(1)
        if (allowed[action] === 1) expect(step.executedAction).toBe(action)
        else refused++
        ;({ mask } = step)
      }
      expect(refused).toBeGreaterThan(0)
    })

    it('puts everything back when closed, once and again', async () => {
      const before = new Map(listThreads('/').map((tid) => [tid, getAffinity(tid)]))
      const it = await open()
      let { mask } = await it.reset({ seed: 6 })
      for (let k = 0; k < 4; k++) ({ mask } = await it.step(pick(mask, k)))
      await it.close()
      await it.close()
      const alive = new Set(listThreads('/'))
      for (const [tid, cpus] of before) if (alive.has(tid)) expect(getAffinity(tid)).toEqual(cpus)
    })
  })
}
