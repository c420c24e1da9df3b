import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { quantise } from '../../src/core/quantise.ts'
import { type Knob, type Monitor, makeSpaces } from '../../src/core/spaces.ts'
import { formatHeader, parseHeader, type TraceHeader } from '../../src/trace/header.ts'
import { formatMask, parseMask } from '../../src/trace/mask-text.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { type DecisionRecord, formatDecision, parseEntry } from '../../src/trace/record.ts'
import { appendTrace, createTrace, readTraceEnd } from '../../src/trace/writer.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-trace-'))
  path = join(folder, 'trace.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const header = scriptedHeader('q-learning', 7)
const { spaces } = header

const record: DecisionRecord = { ...scriptedRecord(spaces), timeS: 1.2345678 }

const write = (steps: number): void => {
  const writer = createTrace(path, header)
  for (let step = 0; step < steps; step++) writer.decision({ ...record, step })
  writer.close()
}

describe('a broken record', () => {
  const document = JSON.parse(formatDecision({ ...record, answered: 1, greedy: 0 })) as Record<string, unknown>
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    step: [-1, 1.5, '1', null],
    timeS: [null, '1'],
    observation: [null, 1, ['1'], [{}]],
    mask: [null, 1],
    action: [-1, 0.5, null, 'a'],
    executedAction: [-1, null, 0.5],
    answered: [null, -1],
    propensity: [0, -0.1, 1.1, '1'],
    greedy: [null, 0.5],
    epsilon: [-0.1, 1.1, '0'],
    latencyS: ['1', true],
    energyJ: [{}],
    accuracy: [[]],
    confidence: ['x'],
    deadlineMet: [1, null],
    durationS: ['1'],
    quality: ['mea', 'meax', 1, null],
    other: [1],
  }

  it('is fine as it was', () => expect(parseEntry(JSON.stringify(document), spaces)).toMatchObject({ kind: 'decision' }))

  it.each(Object.entries(wrong).flatMap(([field, values]) => values.map((value) => [field, value] as const)))('%s is %j', (field, value) => {
    expect(parseEntry(JSON.stringify({ ...document, [field]: value }), spaces)).toMatchObject({ fault: expect.stringContaining(field) })
  })

  it.each(['step', 'timeS', 'observation', 'action', 'propensity', 'epsilon', 'latencyS', 'deadlineMet', 'durationS', 'quality'])(
    'has no %s',
    (field) => {
      expect(parseEntry(JSON.stringify({ ...document, [field]: undefined }), spaces)).toMatchObject({ fault: expect.stringContaining(field) })
    },
  )
})

describe('a record', () => {
  it('comes back to the last bit, NaN included', () => {
    expect(parseEntry(formatDecision(record), spaces)).toEqual({ kind: 'decision', ...record, timeS: 1.234568 })
    const overridden = { ...record, executedAction: 5, propensity: Number.NaN }
    expect(parseEntry(formatDecision({ ...overridden, propensity: 0.5 }), spaces)).toEqual({ kind: 'decision', ...overridden, timeS: 1.234568 })
    // A choice that the guard's mask forbade is on record where another point ran.
    const rogue = { ...overridden, mask: record.mask.slice().fill(0, record.action, record.action + 1) }
    expect(parseEntry(formatDecision(rogue), spaces)).toEqual({ kind: 'decision', ...rogue, timeS: 1.234568 })
    expect(parseEntry(formatDecision({ ...rogue, executedAction: rogue.action, propensity: 1 }), spaces)).toEqual({
      fault: `action ${rogue.action} is masked`,
    })
    const otherForm = { ...record, epsilon: Number.NaN }
    expect(parseEntry(formatDecision(otherForm), spaces)).toEqual({ kind: 'decision', ...otherForm, timeS: 1.234568 })
    const early = { ...record, answered: 1 }
    expect(parseEntry(formatDecision(early), spaces)).toEqual({ kind: 'decision', ...early, timeS: 1.234568 })
  })

  it('is at most 400 B with 11 monitors and partly masked actions: 192 of them, or 120 when it explores, and 60 fewer when a smaller size answered', () => {
    const size = fc.double({ min: 0.01, max: 9999, noNaN: true })
    const share = fc.double({ min: 1e-4, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(size, { minLength: 16, maxLength: 16 }), share, fc.boolean(), fc.boolean(), (values, epsilon, explores, early) => {
        const actions = (explores ? 120 : 192) - (early ? 60 : 0)
        const mask = Uint8Array.from({ length: actions }, (_, a) => (a % 3 === 0 ? 0 : 1))
        const [latencyS, energyJ, accuracy, confidence, durationS] = values.slice(11).map((value) => quantise(value / 10, 6)) as [
          number,
          number,
          number,
          number,
          number,
        ]
        const line = formatDecision({
          ...record,
          step: 999_999,
          timeS: 9_999.123456,
          observation: Float64Array.from(values.slice(0, 11), (value) => quantise(value, 4)),
          mask,
          action: actions - 1,
          executedAction: actions - 1,
          answered: early ? 2 : undefined,
          propensity: quantise(epsilon, 4) / 133 + (explores ? 0 : 1 - quantise(epsilon, 4)),
          greedy: explores ? actions - 20 : actions - 1,
          epsilon: quantise(epsilon, 4),
          outcome: { ...record.outcome, latencyS, energyJ, accuracy, confidence, deadlineMet: false },
          durationS,
        })
        expect(Buffer.byteLength(`${line}\n`)).toBeLessThanOrEqual(400)
      }),
    )
  })

  it('says what is wrong with it', () => {
    const fault = (change: object): unknown => parseEntry(JSON.stringify({ ...JSON.parse(formatDecision(record)), ...change }), spaces)
    expect(fault({ observation: [1] })).toEqual({ fault: 'observation has 1 values, expected 11' })
    expect(fault({ answered: 4 })).toEqual({ fault: 'answered is 4, expected a sub-network below 4' })
    expect(fault({ mask: 'ff' })).toEqual({ fault: 'mask is ff, expected 4 hex digits that allow at least one of 16 actions' })
    expect(fault({ mask: '0000' })).toMatchObject({ fault: expect.stringContaining('mask') })
    expect(fault({ action: 16 })).toEqual({ fault: 'action is 16, expected an action below 16' })
    expect(fault({ action: 3 })).toEqual({ fault: 'action 3 is masked' })
    expect(fault({ propensity: 0 })).toMatchObject({ fault: expect.stringMatching(/^propensity: /) })
    expect(fault({ propensity: 1.1 })).toMatchObject({ fault: expect.stringMatching(/^propensity: /) })
    expect(fault({ quality: 'mmm' })).toMatchObject({ fault: expect.stringMatching(/^quality: /) })
    expect(fault({ surplus: 1 })).toMatchObject({ fault: expect.stringMatching(/^surplus: /) })
    expect(parseEntry('{"step":', spaces)).toEqual({ fault: 'it is no JSON' })
  })
})

describe('a mask as text', () => {
  it('has one hex digit per four actions, lowest first, and is left out when full', () => {
    expect(formatMask(Uint8Array.of(1, 0, 0, 0, 1, 1))).toBe('13')
    expect(formatMask(Uint8Array.of(1, 1, 1))).toBeUndefined()
    expect(parseMask('13', 6)).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 1))
    expect(parseMask('17', 6)).toBeUndefined()
  })

  it('comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 40 }).filter((bits) => bits.includes(1)),
        (bits) => {
          expect(parseMask(formatMask(Uint8Array.from(bits)), bits.length)).toEqual(Uint8Array.from(bits))
        },
      ),
    )
  })
})

describe('a header', () => {
  it('comes back, NaN included', () => {
    const nominal = header.nominal.map((point) => ({ ...point, energyJ: Number.NaN }))
    const full: TraceHeader = {
      ...header,
      createdAt: '2026-01-01T00:00:00.000Z',
      network: { name: 'n', sha256s: ['a'] },
      nominal,
      agent: { name: 'linucb', options: { alpha: 1 }, frozen: true, initial: { version: 1, rng: [1, 2, 3, 4], extra: [0.1] } },
    }
    expect(parseHeader(formatHeader(full))).toEqual(full)
  })
})

describe('a trace', () => {
  it('of the same seed has the same bytes', async () => {
    const texts = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const writer = createTrace(join(folder, name), header)
        await runScripted({ header, make: findAgent('q-learning').make, from: 0, to: 50, writer })
        writer.close()
        return readFileSync(join(folder, name), 'utf8')
      }),
    )
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]?.split('\n').length).toBeGreaterThan(52)
  })

  it('reads what was written, as often as asked', () => {
    const writer = createTrace(path, header)
    writer.decision(record)
    writer.requirements(1, { deadlineS: 0.02, percentile: 95, accuracyFloor: undefined })
    writer.decision({ ...record, step: 1 })
    writer.segmentEnd(2, record.observation, record.mask)
    expect(writer.records()).toBe(2)
    writer.close()
    writer.close()
    expect(writer.sizeB()).toBe(readFileSync(path).length)
    const reader = openTrace(path)
    for (let pass = 0; pass < 2; pass++)
      expect([...reader.entries()]).toEqual([
        { kind: 'decision', ...record, timeS: 1.234568 },
        { kind: 'requirements', step: 1, requirements: { deadlineS: 0.02, percentile: 95 } },
        { kind: 'decision', ...record, timeS: 1.234568, step: 1 },
        { kind: 'segmentEnd', step: 2, observation: record.observation, mask: record.mask },
      ])
    expect(reader.torn()).toBeUndefined()
  })

  it('holds events between decisions, which come back as they were', () => {
    const change = { kind: 'change', step: 1, what: 'latency', cluster: 'big', z: 7.125 } as const
    const relaxed = { kind: 'relaxed', step: 1, since: 0, limits: { deadlineS: 0.012 }, feasible: { deadlineS: 0.0154 } } as const
    const guard = { kind: 'guard', step: 1, cause: 'heat', sensor: 'soc', tempC: 81.5, limitC: 80, points: 12, before: 40 } as const
    const kept = { kind: 'relaxed', step: 2, since: 2, limits: {}, feasible: {} } as const
    const writer = createTrace(path, header)
    writer.decision(record)
    writer.event(change)
    writer.event(relaxed)
    writer.event(guard)
    writer.decision({ ...record, step: 1 })
    writer.event(kept)
    expect(writer.records()).toBe(2)
    writer.close()
    expect([...openTrace(path).entries()].filter(({ kind }) => kind !== 'decision')).toEqual([change, relaxed, guard, kept])
    expect(readFileSync(path, 'utf8').split('\n').slice(2, 5)).toEqual([
      '{"change":{"what":"latency","cluster":"big","z":7.125},"step":1}',
      '{"relaxed":{"since":0,"limits":{"deadlineS":0.012},"feasible":{"deadlineS":0.0154}},"step":1}',
      '{"guard":{"cause":"heat","sensor":"soc","tempC":81.5,"limitC":80,"points":12,"before":40},"step":1}',
    ])
    const fault = (line: string): unknown => parseEntry(line, spaces)
    expect(fault('{"change":{"what":"weather","cluster":"big","z":1},"step":1}')).toMatchObject({ fault: expect.stringMatching(/^change.what: /) })
    expect(fault('{"guard":{"cause":"love","sensor":"soc","points":1,"before":2},"step":1}')).toMatchObject({
      fault: expect.stringMatching(/^guard.cause: /),
    })
    expect(fault('{"relaxed":{"since":0,"limits":{"powerW":1},"feasible":{}},"step":1}')).toMatchObject({
      fault: expect.stringMatching(/^relaxed.limits.powerW: /),
    })
  })

  it('of the version before, which knew no events, can still be read', () => {
    write(2)
    writeFileSync(path, readFileSync(path, 'utf8').replace('flyball-trace/2', 'flyball-trace/1'))
    expect([...openTrace(path).entries()]).toHaveLength(2)
  })

  it('drops a torn last line, wherever it tears, and says so; going on cuts it off', () => {
    write(3)
    const text = readFileSync(path, 'utf8')
    const lastStart = text.lastIndexOf('\n', text.length - 2) + 1
    fc.assert(
      fc.property(fc.integer({ min: lastStart + 1, max: text.length - 1 }), (length) => {
        writeFileSync(path, text)
        truncateSync(path, length)
        const reader = openTrace(path)
        expect([...reader.entries()].length).toBe(2)
        expect(reader.torn()).toEqual({ file: path, line: 4, offsetB: lastStart })
        const { writer, nextStep, torn, ended } = appendTrace(path, readTraceEnd(path, header))
        expect({ nextStep, torn, ended, records: writer.records() }).toEqual({ nextStep: 2, torn: reader.torn(), ended: false, records: 2 })
        writer.decision({ ...record, step: 2 })
        writer.close()
        expect(readFileSync(path, 'utf8')).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  it('reads the parts of a rotated one in order, and lines longer than a chunk', () => {
    write(2)
    const second = join(folder, 'second.jsonl')
    writeFileSync(second, `${formatHeader(header)}\n${formatDecision({ ...record, step: 2 })}\n`)
    const third = join(folder, 'third.jsonl')
    writeFileSync(third, `${formatDecision({ ...record, step: 3 })}\n`)
    expect([...openTrace([path, second, third]).entries()].map((entry) => entry.step)).toEqual([0, 1, 2, 3])
    const padded = join(folder, 'padded.jsonl')
    writeFileSync(padded, `${formatHeader({ ...header, versions: { flyball: 'x'.repeat(200_000) } })}\n${formatDecision(record)}\n`)
    expect([...openTrace(padded).entries()].length).toBe(1)
  })

  it('refuses parts of different runs', () => {
    write(1)
    const other = join(folder, 'other.jsonl')
    writeFileSync(other, `${formatHeader({ ...header, seed: 8 })}\n`)
    expect(() => [...openTrace([path, other]).entries()]).toThrow(
      expect.objectContaining({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining('another run') }),
    )
  })
})

describe('a trace that cannot be read', () => {
  const faultOf = (change: (lines: string[]) => string[]): unknown => {
    write(3)
    writeFileSync(path, change(readFileSync(path, 'utf8').split('\n')).join('\n'))
    try {
      return [...openTrace(path).entries()]
    } catch (error) {
      return error
    }
  }

  it('names file and line of a broken record, and what was expected', () => {
    expect(faultOf((lines) => lines.with(2, (lines[2] as string).slice(0, 50)))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: `${path}, line 3: it is no JSON`,
    })
    expect(faultOf((lines) => lines.toSpliced(2, 1))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: `${path}, line 3: its step is 2, expected 1: records are missing before it, or out of order`,
    })
    expect(faultOf((lines) => lines.with(3, (lines[3] as string).replace('"action":2', '"action":22')))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: `${path}, line 4: action is 22, expected an action below 16`,
    })
  })

  it('has a profile of other points than its own', () => {
    const short = formatHeader({ ...header, nominal: header.nominal.slice(1) })
    expect(faultOf((lines) => [short, ...lines.slice(1)])).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: expect.stringContaining(`expected one for each of the ${spaces.points.length} operating points`),
    })
  })

  it('has no header, or one of another schema', () => {
    expect(faultOf((lines) => lines.slice(1))).toMatchObject({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining('no header') })
    expect(faultOf(() => [])).toMatchObject({ code: 'ERR_TRACE_CORRUPT', message: `${path} is empty, expected a header` })
    expect(faultOf((lines) => [(lines[0] as string).slice(0, 80)])).toMatchObject({ code: 'ERR_TRACE_CORRUPT' })
    expect(faultOf((lines) => lines.with(0, (lines[0] as string).replace('flyball-trace/2', 'flyball-trace/3')))).toMatchObject({
      code: 'ERR_TRACE_SCHEMA',
      message: `${path} is no trace of this version: its schema is flyball-trace/3, this version reads flyball-trace/1 and flyball-trace/2`,
    })
    expect(faultOf((lines) => lines.with(0, (lines[0] as string).replace('"seed":7', '"seed":"7"')))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: expect.stringContaining('seed'),
    })
  })

  it('does not exist', () => {
    expect(() => openTrace(path)).toThrow(expect.objectContaining({ code: 'ERR_RUN_MISSING' }))
  })

  it('is of another run than the one that wants to go on with it', () => {
    write(1)
    const monitors: Monitor[] = [...spaces.monitors, { name: 'extra', low: 0, high: 1 }]
    const knobs: readonly Knob[] = spaces.knobs
    const other = makeSpaces({ knobs, points: spaces.points, monitors })
    expect(() => readTraceEnd(path, { ...header, spaces: other, seed: 9 })).toThrow(
      expect.objectContaining({ code: 'ERR_TRACE_MISMATCH', message: expect.stringMatching(/trace: seed 7[\s\S]*here: {2}seed 9[\s\S]*extra/) }),
    )
  })
})
