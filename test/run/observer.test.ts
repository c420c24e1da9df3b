import { describe, expect, it } from 'vitest'
import type { Agent } from '../../src/core/agent.ts'
import type { KnobEvent } from '../../src/core/knob-event.ts'
import { makeOutcome } from '../../src/core/outcome.ts'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { knobText } from '../../src/report/event-text.ts'
import type { Decision } from '../../src/run/loop.ts'
import { makeObserver } from '../../src/run/observer.ts'
import type { LearningSession } from '../../src/run/session.ts'
import { type EventEntry, formatEvent } from '../../src/trace/event.ts'
import { parseEntry } from '../../src/trace/record.ts'
import type { TraceWriter } from '../../src/trace/writer.ts'
import { makeScriptedSpaces } from '../support/scripted-env.ts'

const spaces = makeScriptedSpaces()
const changed: KnobEvent = {
  what: 'changed',
  name: 'big.freqHz',
  askedHz: { min: 2e9, max: 2e9 },
  foundHz: { min: 6e8, max: 1e9 },
  by: 'thermald',
  yielded: true,
}

function make() {
  const lines: string[] = []
  const told: EventEntry[] = []
  let waiting: KnobEvent[] = []
  const failing: SensorEvent[] = []
  const writer = {
    decision: ({ step }) => void lines.push(`decision ${step}`),
    event: ({ kind, step }) => void lines.push(`${kind} ${step}`),
    requirements() {},
  } as Partial<TraceWriter> as TraceWriter
  const env = {
    spaces,
    knobEvents: () => {
      const taken = waiting
      waiting = []
      return taken
    },
    sensorEvents: () => failing.splice(0),
  }
  const observer = makeObserver({
    session: { env, settings: { requirements: { percentile: 99 }, objective: {} } } as unknown as LearningSession,
    agent: {} as Agent,
    writer,
    explain: undefined,
    events: { note() {}, progress() {}, stopped: () => undefined, happened: (event) => void told.push(event) },
  })
  const decide = (index: number): void => {
    const observation = new Float64Array(spaces.monitors.length)
    const mask = new Uint8Array(spaces.points.length).fill(1)
    const choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
    observer.chosen(index, observation, mask, choice)
    observer.write()
    const step = {
      ...{ observation, mask, outcome: makeOutcome(), requirements: { percentile: 99 }, executedAction: 0, timeS: 0, durationS: 0 },
      ...{ truncated: false, aheadS: 0, senseS: 0, applyS: 0, changed: false },
    }
    observer.take({ index, observation, mask, choice, step, terms: {} } as unknown as Decision)
    observer.learned(index + 1)
  }
  const happen = (...events: KnobEvent[]): void => void waiting.push(...events)
  const fail = (...events: SensorEvent[]): void => void failing.push(...events)
  return { observer, decide, lines, told, happen, fail }
}

describe('what becomes of knobs', () => {
  it('is told, kept, and written before the decision that is written next', () => {
    const { observer, decide, lines, told, happen } = make()
    happen({ what: 'capped', name: 'big.freqHz', by: 'heat' })
    decide(7)
    happen(changed)
    decide(8)
    decide(9)
    happen({ what: 'returned', name: 'big.freqHz' })
    observer.write()
    expect(lines).toEqual(['knob 7', 'decision 7', 'knob 8', 'decision 8', 'decision 9', 'knob 10'])
    expect(told.map(({ step }) => step)).toEqual([7, 8, 10])
    expect(observer.noticed().knobs).toEqual([
      { step: 7, what: 'capped', name: 'big.freqHz', by: 'heat' },
      { step: 8, ...changed },
      { step: 10, what: 'returned', name: 'big.freqHz' },
    ])
  })

  it('keeps the last hundred', () => {
    const { observer, decide, happen } = make()
    happen(...Array.from({ length: 103 }, (_, i): KnobEvent => ({ what: 'returned', name: `${i}` })))
    decide(0)
    expect(observer.noticed().knobs).toHaveLength(100)
    expect(observer.noticed().knobs[0]?.name).toBe('3')
  })

  it('comes back from its line in the trace as it went', () => {
    for (const event of [changed, { what: 'uncapped', name: 'little.freqHz' } as const])
      expect(parseEntry(formatEvent({ kind: 'knob', step: 4, ...event }), spaces)).toEqual({ kind: 'knob', step: 4, ...event })
    expect(parseEntry('{"knob":{"what":"stolen","name":"x"},"step":4}', spaces)).toHaveProperty('fault')
  })

  it('is said in words', () => {
    expect(knobText(changed)).toBe(
      'big.freqHz was set 600 MHz to 1 GHz by thermald: left to it, and the rest goes on (--force-knobs would write it again)',
    )
    expect(knobText({ what: 'capped', name: 'big.freqHz', foundHz: { min: 1e9, max: 1e9 }, by: 'heat' })).toBe('big.freqHz is held at 1 GHz by heat')
  })
})

describe('what becomes of sensors', () => {
  const doubted: SensorEvent = { what: 'doubted', sensor: 'ina3221:VDD_IN', trouble: 'stuck', why: 'has read 5 W for 60 s whatever the load' }

  it('is told, kept, and written before the decision that is written next', () => {
    const { observer, decide, lines, told, happen, fail } = make()
    // Before the first decision there is nothing that it could stand before.
    fail(doubted)
    observer.write()
    decide(7)
    happen(changed)
    fail({ what: 'believed', sensor: 'ina3221:VDD_IN', trouble: 'stuck' })
    decide(8)
    expect(lines).toEqual(['sensor 7', 'decision 7', 'knob 8', 'sensor 8'])
    expect(told.map(({ kind }) => kind)).toEqual(['sensor', 'knob', 'sensor'])
    expect(observer.noticed().sensors).toEqual([
      { step: 7, ...doubted },
      { step: 8, what: 'believed', sensor: 'ina3221:VDD_IN', trouble: 'stuck' },
    ])
  })

  it('comes back from its line in the trace as it went', () => {
    const believed: SensorEvent = { what: 'believed', sensor: 'rapl:package', trouble: 'absent' }
    for (const event of [doubted, believed])
      expect(parseEntry(formatEvent({ kind: 'sensor', step: 4, ...event }), spaces)).toEqual({ kind: 'sensor', step: 4, ...event })
    expect(parseEntry('{"sensor":{"what":"doubted","sensor":"x","trouble":"moody"},"step":4}', spaces)).toHaveProperty('fault')
  })
})
