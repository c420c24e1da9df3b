import { describe, expect, it } from 'vitest'
import { makeOutcome, type Requirements } from '../../src/core/outcome.ts'
import type { Decision } from '../../src/run/loop.ts'
import { makeRecorder } from '../../src/run/recorder.ts'
import type { DecisionRecord } from '../../src/trace/record.ts'
import type { TraceWriter } from '../../src/trace/writer.ts'
import { makeScriptedSpaces } from '../support/scripted-env.ts'

const spaces = makeScriptedSpaces()

function make() {
  const written: DecisionRecord[] = []
  const asked: [number, Requirements][] = []
  const writer = {
    decision: (record: DecisionRecord) => void written.push(structuredClone(record)),
    requirements: (step, requirements) => void asked.push([step, { ...requirements }]),
  } as TraceWriter
  return { recorder: makeRecorder(writer, spaces, { percentile: 99 }), written, asked }
}

const decision = (): Decision => ({
  index: 7,
  observation: new Float64Array(spaces.monitors.length).fill(0.5),
  mask: new Uint8Array(spaces.points.length).fill(1),
  choice: { action: 3, propensity: 0.8, greedy: 2, epsilon: 0.1 },
  step: {
    observation: new Float64Array(spaces.monitors.length).fill(0.9),
    mask: new Uint8Array(spaces.points.length),
    outcome: { ...makeOutcome(), latencyS: 0.01 },
    requirements: { percentile: 99 },
    executedAction: 4,
    answered: 1,
    timeS: 1.5,
    durationS: 0.033,
    truncated: false,
    aheadS: 0,
    senseS: 0,
    applyS: 0,
    changed: false,
  },
  terms: { latency: 0, energy: 0, accuracy: 0, confidence: 0, violation: 0, total: 0 },
})

describe('recorder', () => {
  it('holds a decision until there is time, and writes it once', () => {
    const { recorder, written } = make()
    recorder.flush()
    recorder.take(decision())
    expect(written).toEqual([])
    recorder.flush()
    recorder.flush()
    expect(written).toHaveLength(1)
    expect(written[0]).toMatchObject({
      step: 7,
      timeS: 1.5,
      action: 3,
      executedAction: 4,
      answered: 1,
      propensity: 0.8,
      greedy: 2,
      epsilon: 0.1,
      durationS: 0.033,
    })
  })

  it('writes requirements once, when a decision is judged by other ones', () => {
    const { recorder, asked } = make()
    const requirements: Requirements = { percentile: 99 }
    const judged = { ...decision(), step: { ...decision().step, requirements } }
    const live = (index: number): void => {
      recorder.take({ ...judged, index })
      recorder.flush()
    }
    live(0)
    requirements.deadlineS = 0.2
    live(1)
    live(2)
    requirements.deadlineS = undefined
    live(3)
    expect(asked).toEqual([
      [1, { percentile: 99, deadlineS: 0.2 }],
      [3, { percentile: 99, deadlineS: undefined }],
    ])
  })

  it('keeps what the decision saw, not what came after, and not what its makers write over it later', () => {
    const { recorder, written } = make()
    const one = decision()
    recorder.take(one)
    one.observation.fill(-1)
    one.mask.fill(0)
    one.step.outcome.latencyS = 99
    one.choice.propensity = 0
    one.step.durationS = 99
    recorder.flush()
    expect(Array.from(written[0]?.observation ?? [])).toEqual(new Array(spaces.monitors.length).fill(0.5))
    expect(written[0]?.mask).toContain(1)
    expect(written[0]?.outcome.latencyS).toBe(0.01)
    expect(written[0]).toMatchObject({ propensity: 0.8, durationS: 0.033 })
  })
})
