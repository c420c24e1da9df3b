import { describe, expect, it } from 'vitest'
import { unknownPoint } from '../../agents/maths/explain-policy.ts'
import type { Agent, Choice, DetectedChange } from '../../src/core/agent.ts'
import { limitBit } from '../../src/core/limits.ts'
import { explainDecision } from '../../src/run/explained.ts'
import { type ExplainWhen, makeWatch } from '../../src/run/watch.ts'
import type { EventEntry } from '../../src/trace/event.ts'
import { makeScriptedSpaces } from '../support/scripted-env.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

const spaces = makeScriptedSpaces()
const { objective } = scriptedHeader('bayes', 1)
const context = { spaces, objective, requirements: { deadlineS: 0.012, percentile: 99 } }
const observation = Float64Array.from(spaces.monitors, ({ name }) => (name === 'deadlineS' ? 0.02 : Number.NaN))
const mask = new Uint8Array(spaces.points.length).fill(1)

function watching(explain?: ExplainWhen) {
  const detected: DetectedChange[] = []
  const agent = {
    changes: () => detected,
    explain: (_o, _m, action = 0) => ({
      ...{ chosen: { ...unknownPoint, action }, runnersUp: [], trial: false, binding: [], movedBy: [] },
      ...{ relaxed: ['deadlineS' as const], feasible: { deadlineS: 0.025 } },
    }),
  } as Pick<Agent, 'changes' | 'explain'> as Agent
  const events: EventEntry[] = []
  const explained: [number, number, boolean][] = []
  const watch = makeWatch({
    agent,
    explain,
    context,
    event: (event) => events.push(event),
    explained: ({ step, action, drawn }) => explained.push([step, action, drawn]),
  })
  let step = 0
  /** One decision, with what the agent says and finds. */
  const decide = (choice: Partial<Choice> = {}, found: readonly DetectedChange[] = []): void => {
    watch.chosen(step, observation, mask, { action: 0, propensity: 1, greedy: choice.action ?? 0, epsilon: 0, ...choice })
    watch.work()
    detected.push(...found)
    watch.learned(++step)
  }
  return { watch, events, explained, decide, detected }
}

const change = (decision: number, z = 4): DetectedChange => ({ decision, what: 'latency', cluster: 'big', z })

describe('a watch', () => {
  it('tells a change before the next decision, each once, and keeps it', () => {
    const { watch, events, decide } = watching()
    decide({}, [change(0)])
    expect(events).toEqual([])
    decide({}, [change(1, -5), { ...change(1), what: 'power' }])
    watch.work()
    expect(events).toEqual([
      { kind: 'change', step: 1, what: 'latency', cluster: 'big', z: 4 },
      { kind: 'change', step: 2, what: 'latency', cluster: 'big', z: -5 },
      { kind: 'change', step: 2, what: 'power', cluster: 'big', z: 4 },
    ])
    expect(watch.noticed().changes.map(({ step }) => step)).toEqual([1, 2, 2])
  })

  it('tells all of them though the agent forgets its oldest ones', () => {
    const { events, decide, detected } = watching()
    const two = [change(0), change(0)]
    decide({}, two)
    decide()
    detected.splice(0, 2)
    decide({}, [change(2)])
    decide()
    expect(events.map(({ step }) => step)).toEqual([1, 1, 3])
  })

  it('tells nothing of what was found before it began', () => {
    const events: EventEntry[] = []
    const agent = { changes: () => [change(0)] } as Partial<Agent> as Agent
    const watch = makeWatch({ agent, context, event: (event) => events.push(event) })
    watch.learned(1)
    watch.work()
    expect(events).toEqual([])
  })

  it('tells what the guard did before the decision that sees it', () => {
    const did = { cause: 'heat', sensor: 'soc', tempC: 81, limitC: 80, points: 3, before: 4 } as const
    let pending = [did]
    const events: EventEntry[] = []
    const guard = { barred: new Uint8Array(4), changes: () => pending.splice(0) }
    const watch = makeWatch({ agent: {} as Agent, guard, context, event: (event) => events.push(event) })
    const choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
    watch.chosen(7, observation, mask, choice)
    expect(events).toEqual([])
    watch.work()
    pending = []
    watch.chosen(8, observation, mask, choice)
    watch.work()
    expect(events).toEqual([{ kind: 'guard', step: 7, ...did }])
    expect(watch.noticed().guarded).toEqual([{ step: 7, ...did }])
  })

  it('calls a requirement relaxed after five decisions in a row, and kept after five again, from the first of them on', () => {
    const { watch, events, decide } = watching()
    const relaxed = limitBit.deadlineS
    for (const bits of [0, relaxed, relaxed, relaxed, relaxed, 0, relaxed, relaxed, relaxed, relaxed]) decide({ relaxed: bits })
    expect(events).toEqual([])
    decide({ relaxed })
    // What was asked is what the decision saw, not what was asked at the start.
    expect(events).toEqual([{ kind: 'relaxed', step: 10, since: 6, limits: { deadlineS: 0.02 }, feasible: { deadlineS: 0.025 } }])
    expect(watch.noticed().relaxed).toEqual([{ from: 6, to: null, limits: { deadlineS: 0.02 }, feasible: { deadlineS: 0.025 } }])
    for (let i = 0; i < 5; i++) decide({ relaxed: 0 })
    expect(events[1]).toMatchObject({ kind: 'relaxed', step: 15, since: 11, limits: {} })
    expect(watch.noticed().relaxed).toMatchObject([{ from: 6, to: 11 }])
  })

  it('explains where the policy takes another point, not where chance did, or every so many', () => {
    const other = watching('change')
    other.decide({ action: 1 })
    other.decide({ action: 1 })
    other.decide({ action: 7, greedy: 1 })
    other.decide({ action: 2 })
    expect(other.explained).toEqual([
      [0, 1, false],
      [3, 2, false],
    ])
    const third = watching(3)
    for (let i = 0; i < 7; i++) third.decide({ action: i, greedy: 0 })
    expect(third.explained).toEqual([
      [0, 0, false],
      [3, 3, true],
      [6, 6, true],
    ])
    const none = watching()
    none.decide({ action: 1 })
    expect(none.explained).toEqual([])
  })

  it('explains before the decision is learned from, or not at all', () => {
    const { watch, explained } = watching(1)
    watch.chosen(0, observation, mask, { action: 0, propensity: 1, greedy: 0, epsilon: 0 })
    watch.learned(1)
    watch.work()
    expect(explained).toEqual([])
  })
})

describe('an explained decision', () => {
  it('says what was asked then, and is none of an agent that explains nothing', () => {
    const choice = { action: 3, propensity: 0.01, greedy: 2 }
    const silent = {} as Agent
    expect(explainDecision(silent, 5, observation, mask, choice, context)).toBeUndefined()
    const agent = { explain: (_o, _m, action) => ({ chosen: { ...unknownPoint, action } }) } as Partial<Agent> as Agent
    expect(explainDecision(agent, 5, observation, mask, choice, context)).toMatchObject({
      step: 5,
      drawn: true,
      requirements: { deadlineS: 0.02, percentile: 99, accuracyFloor: undefined },
      explanation: { chosen: { action: 3 } },
    })
  })
})
