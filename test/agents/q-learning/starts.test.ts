import { describe, expect, it } from 'vitest'
import { makeDiscretiser } from '../../../agents/maths/discretise.ts'
import { makeStarts, type Starts, type StartsData } from '../../../agents/q-learning/starts.ts'
import type { AgentInput } from '../../../src/core/agent.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeOutcome } from '../../../src/core/outcome.ts'
import { makeSpaces, type NominalOutcome } from '../../../src/core/spaces.ts'

const levels = [0.5e9, 1e9, 2e9]
const spaces = makeSpaces({
  knobs: [{ name: 'freqHz', kind: 'frequency', unit: 'Hz', values: levels }],
  points: levels.map((freqHz) => ({ freqHz })),
  monitors: ['cpu.interference', 'waitedS', 'deadlineS'].map((name) => ({ name, low: 0, high: 1 })),
})
const nominal: NominalOutcome[] = levels.map((freqHz) => ({ latencyS: 0.01 * (2e9 / freqHz), energyJ: 1, accuracy: 0.7 }))
const reference = { point: 2, ...(nominal[2] as NominalOutcome) }
const objective = makeObjective({ kind: 'latency', weights: { latency: 1, energy: 0, accuracy: 0, confidence: 0 }, reference }, nominal)
const unknown = nominal.map(() => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy: 0.7 }))
const discretiser = makeDiscretiser(spaces)
const stateAt = (share: number, waitedS = 0, deadlineS = 0.1): number => discretiser.stateOf(Float64Array.of(share, waitedS, deadlineS))
const everything = Uint8Array.of(1, 1, 1)

const make = (more: Partial<AgentInput> = {}, optimism = 0, data?: StartsData): Starts =>
  makeStarts({ spaces, seed: 1, options: {}, objective, nominal: unknown, ...more }, discretiser, optimism, data)

function look(starts: Starts, action: number, latencyS: number, share = 0, waitedS = 0): void {
  const observation = Float64Array.of(share, waitedS, 0.1)
  const outcome = { ...makeOutcome(), latencyS: latencyS + waitedS, energyJ: 1 }
  const step = { observation, mask: everything, action, propensity: 1, outcome, requirements: { percentile: 99 }, cost: 1, durationS: 1 }
  starts.learn({ ...step, nextObservation: observation, nextMask: everything })
}

const costs = (starts: Starts, state: number, deadlineS?: number): number[] => {
  const out = new Float64Array(3)
  starts.fill(out, { percentile: 99, deadlineS }, state)
  return Array.from(out)
}

describe('starts of a table', () => {
  it('are those of a profile: on the quiet board as measured, stretched beside a co-runner', () => {
    const starts = make({ nominal })
    expect(starts.epoch).toBe(1)
    costs(starts, stateAt(0)).forEach((cost, i) => {
      expect(cost / (nominal[i] as NominalOutcome).latencyS).toBeCloseTo(1, 1)
    })
    const [, quiet] = costs(starts, stateAt(0)) as [number, number]
    // The second bin reaches from 0.1 to 0.4: a quarter is taken from the cluster.
    const [, loaded] = costs(starts, stateAt(0.3)) as [number, number]
    expect(loaded / quiet).toBeCloseTo(1 / 0.75, 6)
  })

  it('follow from one look at another point: by physics, so much cheaper as nobody has tried them', () => {
    const starts = make()
    expect(starts.epoch).toBe(0)
    expect(starts.fastest(everything, { percentile: 99 })).toBe(2)
    expect(starts.fastest(Uint8Array.of(1, 1, 0), { percentile: 99 })).toBe(1)
    look(starts, 2, 0.01)
    const bold = make({}, 0.2)
    look(bold, 2, 0.01)
    const [plainHalf, plainFast] = costs(starts, stateAt(0)).slice(1) as [number, number]
    const [boldHalf, boldFast] = costs(bold, stateAt(0)).slice(1) as [number, number]
    // Half the clock at an exponent of 0.85.
    expect(plainHalf / plainFast).toBeCloseTo(2 ** 0.85, 1)
    expect(boldFast).toBe(plainFast)
    expect(boldHalf / plainHalf).toBeCloseTo(Math.exp(-0.2), 12)
  })

  it('learn of a point in one state for all: what a co-runner took and what had passed in the queue are none of its own', () => {
    const [quiet, loaded, late] = [make(), make(), make()]
    for (let k = 0; k < 30; k++) {
      look(quiet, 1, 0.02)
      look(loaded, 1, 0.04, 0.5)
      look(late, 1, 0.02, 0, 0.05)
    }
    for (const other of [loaded, late])
      costs(other, stateAt(0)).forEach((cost, i) => {
        expect(cost / (costs(quiet, stateAt(0))[i] as number)).toBeCloseTo(1, 1)
      })
  })

  it('hold a point that will be late at the penalty: sooner where a part of the deadline is lost', () => {
    const starts = make({ nominal })
    const penalty = 0.01
    expect((costs(starts, stateAt(0), 0.03)[0] as number) - (costs(starts, stateAt(0))[0] as number)).toBeCloseTo(penalty, 4)
    expect((costs(starts, stateAt(0), 0.03)[1] as number) - (costs(starts, stateAt(0))[1] as number)).toBeCloseTo(0, 4)
    const waited = stateAt(0, 0.015, 0.03)
    expect((costs(starts, waited, 0.03)[1] as number) - (costs(starts, waited)[1] as number)).toBeCloseTo(penalty, 4)
  })

  it('never make a point below the floor the best where another meets it, however busy the board is', () => {
    const mixed = nominal.map((point, i) => ({ ...point, accuracy: i === 1 ? 0.7 : 0.5 }))
    const starts = makeStarts({ spaces, seed: 1, options: {}, objective: makeObjective(objective.spec, mixed), nominal: mixed }, discretiser, 0)
    for (const share of [0, 0.3, 0.9]) {
      const out = new Float64Array(3)
      starts.fill(out, { percentile: 99, accuracyFloor: 0.6 }, stateAt(share))
      expect(out.indexOf(Math.min(...out))).toBe(1)
    }
  })

  it('change after 1, 2, 3, 4, 6, 8, 11 decisions, and not in between', () => {
    const starts = make()
    const epochs: number[] = []
    let before = costs(starts, stateAt(0))
    for (let k = 1; k <= 11; k++) {
      const { epoch } = starts
      look(starts, k % 3, 0.01 * (1 + (k % 5)))
      if (starts.epoch !== epoch) epochs.push(k)
      else expect(costs(starts, stateAt(0))).toEqual(before)
      before = costs(starts, stateAt(0))
    }
    expect(epochs).toEqual([1, 2, 3, 4, 6, 8, 11])
  })

  it('go on from what was saved to the last bit', () => {
    const one = make()
    for (let k = 0; k < 7; k++) look(one, k % 3, 0.01 + 0.001 * k, 0.1 * k)
    const other = make({}, 0, JSON.parse(JSON.stringify(one.save())))
    for (let k = 0; k < 5; k++) for (const each of [one, other]) look(each, k % 3, 0.012, 0.1 * k)
    expect(JSON.stringify(other.save())).toBe(JSON.stringify(one.save()))
    expect(costs(other, stateAt(0.5))).toEqual(costs(one, stateAt(0.5)))
  })
})
