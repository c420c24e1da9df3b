import { describe, expect, it } from 'vitest'
import { makeObjective } from '../../../src/core/objective.ts'
import type { LoggedStep } from '../../../src/ope/multi-step/fitted-q.ts'
import { loggerOf } from '../../../src/run/offline/logger.ts'
import { visitSteps } from '../../../src/run/offline/steps.ts'
import { rewardFeatures } from '../../../src/run/reward-features.ts'
import type { TraceEntry } from '../../../src/trace/record.ts'
import { scriptedRecord } from '../../support/scripted-record.ts'
import { scriptedHeader } from '../../support/scripted-run.ts'

const header = scriptedHeader('random', 1)
const objective = makeObjective(header.objective, header.nominal)
const features = rewardFeatures(header.spaces, header.nominal, objective, header.requirements)
const actions = header.spaces.points.length
const scripted = scriptedRecord(header.spaces)
const base = { ...scripted, outcome: { ...scripted.outcome, energyJ: 0.05 } }

// The monitor `latencyRatio` tells which observation a context is of.
const at = header.spaces.monitors.findIndex(({ name }) => name === 'latencyRatio')
const { high } = header.spaces.monitors[at] as { high: number }
const tagOf = (context: Float64Array): number => Math.round(((context[at] as number) + 1) * (high / 2) * 100)
const observation = (tag: number): Float64Array => {
  const seen = base.observation.slice()
  seen[at] = tag / 100
  return seen
}
const decision = (step: number, tag: number, more: object = {}): TraceEntry => ({
  kind: 'decision',
  ...base,
  step,
  timeS: step / 30,
  observation: observation(tag),
  propensity: 0.25,
  ...more,
})
const end = (step: number, tag: number): TraceEntry => ({ kind: 'segmentEnd', step, observation: observation(tag), mask: base.mask })

/** Contexts by their tags: of stretches, of steps with what they led to, and where runs end. */
async function visited(entries: TraceEntry[], horizon = 2) {
  const stretches: number[][] = []
  const steps: (readonly [number, number | undefined])[] = []
  let runs = 0
  const { unused } = await visitSteps(
    {
      log: { header, entries: () => entries },
      objective,
      features,
      policy: { distribution: (_, __, out) => out.fill(1 / actions) },
      logger: loggerOf(header),
      horizon,
      shape: { decisions: entries.length, propensities: 'logged' },
      folds: 3,
    },
    {
      step: ({ context, next }: LoggedStep) => void steps.push([tagOf(context), next && tagOf(next.context)]),
      stretch: (slots) => void stretches.push(slots.map(({ context }) => tagOf(context))),
      endRun: () => void runs++,
    },
  )
  return { stretches, steps, unused, runs }
}

describe('stretches of a trace', () => {
  it('are decisions in a row, each with what it led to; what is left of a run is counted', async () => {
    expect(await visited([decision(0, 1), decision(1, 2), decision(2, 3), decision(3, 4), decision(4, 5), end(5, 6)])).toEqual({
      stretches: [
        [1, 2],
        [3, 4],
      ],
      steps: [
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
      ],
      unused: 1,
      runs: 1,
    })
  })

  it('never reach over the end of a run, orderly or not, nor over the border of two logs', async () => {
    const border = await visited([decision(0, 1), { kind: 'run', step: 1, run: 1 }, decision(1, 3), decision(2, 4)])
    expect(border).toMatchObject({ stretches: [[3, 4]], unused: 1, runs: 1 })
    expect(border.steps[0]).toEqual([1, undefined])
    const orderly = await visited([decision(0, 1), end(1, 2), decision(0, 3), decision(1, 4)])
    expect(orderly).toMatchObject({ stretches: [[3, 4]], unused: 1, runs: 1 })
    expect(orderly.steps).toEqual([
      [1, 2],
      [3, 4],
      [4, undefined],
    ])
    const killed = await visited([decision(0, 1), decision(0, 3), decision(1, 4)])
    expect(killed).toMatchObject({ stretches: [[3, 4]], unused: 1, runs: 1 })
    expect(killed.steps[0]).toEqual([1, undefined])
    // Another run whose steps happen to go on: its clock begins anew.
    expect(await visited([decision(0, 1, { timeS: 5 }), decision(1, 2, { timeS: 0 }), decision(2, 3)])).toMatchObject({
      stretches: [[2, 3]],
      runs: 1,
    })
  })

  it('break where a decision was overridden, or has no outcome', async () => {
    for (const spoilt of [{ propensity: Number.NaN }, { outcome: { ...base.outcome, latencyS: Number.NaN } }]) {
      const { stretches, steps, unused, runs } = await visited([
        decision(0, 1),
        decision(1, 2, spoilt),
        decision(2, 3),
        decision(3, 4),
        decision(4, 5),
        decision(5, 6),
      ])
      expect(stretches).toEqual([
        [3, 4],
        [5, 6],
      ])
      expect(steps[0]).toEqual([1, undefined])
      expect({ unused, runs }).toEqual({ unused: 1, runs: 0 })
    }
  })

  it('weigh by target over behaviour, the floor of a learning logger in its place', async () => {
    const weights: number[] = []
    const learning = { ...header, agent: { ...header.agent, name: 'q-learning' } }
    for (const one of [header, learning])
      await visitSteps(
        {
          log: { header: one, entries: () => [decision(0, 1, { propensity: 1e-6 })] },
          objective,
          features,
          policy: { distribution: (_, __, out) => void out.fill(0).set([0.5], base.action) },
          logger: loggerOf(one),
          horizon: 1,
          shape: { decisions: 1, propensities: 'logged' },
          folds: 3,
        },
        { stretch: ([slot]) => void weights.push(slot?.weight as number) },
      )
    // One of the points is masked.
    expect(weights).toEqual([0.5 / 1e-6, 0.5 / (0.01 / (actions - 1))])
  })
})
