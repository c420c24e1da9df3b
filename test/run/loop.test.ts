import { describe, expect, it } from 'vitest'
import type { Agent, Choice, Transition } from '../../src/core/agent.ts'
import type { Env } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import type { PhaseTimes } from '../../src/run/decision-times.ts'
import { type LoopInput, runLoop } from '../../src/run/loop.ts'
import { makeTally } from '../../src/run/tally.ts'
import { makeFakeClock } from '../support/fake-clock.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { busyScript, scriptedObjective } from '../support/scripted-run.ts'

/** An agent that takes one allowed action after the other and remembers everything. */
function makeWitness(asynchronous = false) {
  const seen: { observation: number[]; mask: number[] }[] = []
  const learned: Transition[] = []
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  const agent: Agent = {
    act(observation: Observation, mask: Mask) {
      seen.push({ observation: Array.from(observation), mask: Array.from(mask) })
      const allowed = Array.from(mask.keys()).filter((a) => mask[a] === 1)
      choice.action = allowed[seen.length % allowed.length] as number
      choice.propensity = 1 / seen.length
      return asynchronous ? Promise.resolve(choice) : choice
    },
    distribution() {},
    learn: (transition) => void learned.push(structuredClone(transition)),
    save: () => ({ version: 1, rng: [1, 2, 3, 4] }),
  }
  return { agent, seen, learned }
}

async function run(changes: Partial<LoopInput> & { asynchronous?: boolean; env?: Env } = {}) {
  const scripted = makeScriptedEnv(busyScript)
  const env = changes.env ?? scripted
  const objective = makeObjective(scriptedObjective(scripted.nominal), scripted.nominal)
  const witness = makeWitness(changes.asynchronous)
  const start = await env.reset({ seed: 9 })
  const first = Array.from(start.observation)
  const tally = makeTally(8)
  const end = await runLoop({ env, agent: witness.agent, objective, clock: makeFakeClock(), tally, start, from: 0, to: 30, ...changes })
  return { ...witness, scripted, objective, tally, end, first }
}

describe('the loop', () => {
  it('hands each decision what the one before led to', async () => {
    const { seen, learned, first, end, tally } = await run()
    expect(seen).toHaveLength(30)
    expect(learned).toHaveLength(30)
    expect(tally.steps).toBe(30)
    expect(seen[0]?.observation).toEqual(first)
    learned.forEach((transition, k) => {
      expect(Array.from(transition.observation)).toEqual(seen[k]?.observation)
      expect(Array.from(transition.mask)).toEqual(seen[k]?.mask)
      if (k + 1 < 30) {
        expect(Array.from(transition.nextObservation)).toEqual(seen[k + 1]?.observation)
        expect(Array.from(transition.nextMask)).toEqual(seen[k + 1]?.mask)
      }
      expect(transition.mask[transition.action]).toBe(1)
      expect(transition.propensity).toBe(1 / (k + 1))
    })
    expect(end.next).toBe(30)
    expect(Array.from(end.observation)).toEqual(Array.from(learned[29]?.nextObservation ?? []))
    expect(Array.from(end.mask)).toEqual(Array.from(learned[29]?.nextMask ?? []))
  })

  it('judges by the requirements of the step', async () => {
    const { learned, objective, tally } = await run()
    for (const { cost, outcome, requirements } of learned) expect(cost).toBe(objective.cost(outcome, requirements))
    expect(tally.meanCost).toBeCloseTo(learned.reduce((sum, { cost }) => sum + cost, 0) / 30, 9)
    // The script changes its deadline at step 13.
    expect(learned[12]?.requirements.deadlineS).toBe(0.012)
    expect(learned[13]?.requirements.deadlineS).toBe(0.006)
  })

  it('tells of a decision before the agent learns from it, and of the next one afterwards', async () => {
    const order: string[] = []
    const witness = makeWitness()
    const agent: Agent = { ...witness.agent, learn: () => void order.push('learn') }
    await run({
      agent,
      from: 5,
      to: 7,
      onDecision: ({ index }) => void order.push(`decision ${index}`),
      afterStep: ({ index }) => {
        order.push(`next ${index}`)
        return false
      },
    })
    expect(order).toEqual(['decision 5', 'learn', 'next 6', 'decision 6', 'learn', 'next 7'])
  })

  it('learns from what was executed, without a propensity, when an override came between', async () => {
    const env = makeScriptedEnv(busyScript)
    const decided: number[] = []
    const { learned } = await run({
      env,
      to: 3,
      onDecision: ({ choice }) => void decided.push(choice.action),
      afterStep: ({ index }) => {
        if (index === 1) env.overrideNext(0)
        return false
      },
    })
    expect(decided[1]).not.toBe(0)
    expect(learned.map(({ action }) => action)).toEqual([decided[0], 0, decided[2]])
    expect(learned.map(({ propensity }) => propensity)).toEqual([1, Number.NaN, 1 / 3])
  })

  it('ends when it is told to, and when the environment does', async () => {
    const stopped = await run({ afterStep: ({ index }) => index === 4 })
    expect(stopped.end.next).toBe(4)
    expect(stopped.learned).toHaveLength(4)
    const short = await run({ env: makeScriptedEnv({ ...busyScript, steps: 6 }) })
    expect(short.end.next).toBe(6)
    const none = await run({ from: 8, to: 8 })
    expect(none.end.next).toBe(8)
    expect(none.learned).toHaveLength(0)
    expect(Array.from(none.end.observation)).toEqual(none.first)
  })

  it('is the same with agents and environments that answer later', async () => {
    const { step, ...rest } = makeScriptedEnv(busyScript)
    const later = await run({ asynchronous: true, env: { ...rest, step: async (action) => step(action) } })
    const now = await run()
    expect(later.seen).toEqual(now.seen)
    expect(later.learned).toEqual(now.learned)
  })

  it('measures acting and learning, and takes sensing and applying from the environment', async () => {
    const clock = makeFakeClock()
    const witness = makeWitness()
    const agent: Agent = {
      ...witness.agent,
      act(observation, mask) {
        clock.pass(0.002)
        return witness.agent.act(observation, mask)
      },
      learn: () => clock.pass(0.003),
    }
    const { step, ...rest } = makeScriptedEnv(busyScript)
    const env: Env = {
      ...rest,
      step: async (action) => {
        clock.pass(1)
        return { ...(await step(action)), aheadS: 0.006, senseS: 0.004, applyS: 0.005, changed: true }
      },
    }
    const times: PhaseTimes[] = []
    await run({ env, agent, clock, to: 2, tally: { add: (_, __, phases) => void times.push({ ...phases }) } })
    for (const { aheadS, senseS, actS, learnS, applyS, changed } of times) {
      expect([aheadS, senseS, applyS, changed]).toEqual([0.006, 0.004, 0.005, true])
      expect(actS).toBeCloseTo(0.002, 12)
      expect(learnS).toBeCloseTo(0.003, 12)
    }
  })
})
