import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importLog } from '../../../src/run/import/import.ts'
import { type ImportRequest, importSource } from '../../../src/run/import/source.ts'
import { mergeTraces } from '../../../src/run/offline/merge.ts'
import { trainFrom } from '../../../src/run/offline/train-from.ts'
import { replay } from '../../../src/run/replay.ts'
import { openLog } from '../../../src/trace/log.ts'
import { connectDuckDb, sqlText } from '../../../src/trace/parquet/duckdb.ts'
import type { TraceEntry } from '../../../src/trace/record.ts'
import { rejectionOf } from '../../support/error-of.ts'

let folder: string
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-import-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content)
  return at(name)
}

const map = {
  schema: 'flyball-import/1',
  board: 'bench',
  time: { column: 't', unit: 'ms' },
  knobs: [
    { column: 'net', name: 'subnet', kind: 'subnet', accuracy: { small: 0.6, large: 0.8 } },
    { column: 'mhz', name: 'gpu.freqHz', unit: 'MHz' },
  ],
  monitors: [{ column: 'temp', name: 'tempC', unit: 'mC' }],
  outcomes: { latencyS: { column: 'ms', unit: 'ms' }, energyJ: { column: 'mJ', unit: 'mJ' } },
  propensity: { column: 'p', unit: '%' },
  requirements: { deadlineS: { column: 'deadline', unit: 'ms' } },
}
const header = 't,net,mhz,temp,ms,mJ,p,deadline'
const rows = ['1000,small,306,45000,9.5,12,25,20', '1100,large,612,45500,21,40,50,20', '1250,small,612,46000,5,11,25,10']
const csv = `${header}\n${rows.join('\n')}\n`
const mapFile = (change: object = {}): string => write('map.json', JSON.stringify({ ...map, ...change }))

async function run(files: string[], request: Partial<ImportRequest> = {}, out = 'out.jsonl') {
  rmSync(at(out), { force: true })
  const source = await importSource({ files, latencies: [], interval: '1s', ...request })
  return importLog(source, at(out))
}

async function traceOf(out = 'out.jsonl') {
  const log = await openLog(at(out))
  const entries: TraceEntry[] = []
  for await (const entry of log.entries()) entries.push(entry)
  log.close()
  return { header: log.header, entries, decisions: entries.filter((entry) => entry.kind === 'decision') }
}

describe('a CSV log', () => {
  it('becomes a trace in SI units', async () => {
    const result = await run([write('log.csv', csv)], { map: mapFile() })
    expect(result).toMatchObject({
      decisions: 3,
      runs: 1,
      points: 3,
      knobs: [
        { name: 'subnet', levels: 2, snapped: 0 },
        { name: 'gpu.freqHz', levels: 2, snapped: 0 },
      ],
      known: { latencyS: 3, energyJ: 3, accuracy: 0, propensity: 3 },
      skipped: { torn: 0, foreign: 0, duplicates: 0, withoutKnobs: 0, outside: 0 },
    })
    const { header: head, entries, decisions } = await traceOf()
    expect(head).toMatchObject({
      env: { name: 'imported' },
      board: { id: 'bench' },
      requirements: { deadlineS: 0.02, percentile: 99 },
      energyScope: 'board',
    })
    expect(head.spaces.knobs).toMatchObject([
      { name: 'subnet', kind: 'subnet', values: ['small', 'large'] },
      { name: 'gpu.freqHz', kind: 'frequency', unit: 'Hz', values: [306e6, 612e6] },
    ])
    expect(head.spaces.monitors.map(({ name }) => name)).toEqual(['tempC', 'deadlineS', 'energyBudgetJ', 'accuracyFloor'])
    expect(decisions[1]).toMatchObject({
      step: 1,
      timeS: 0.1,
      durationS: 0.15,
      observation: Float64Array.of(45.5, 0.02, Number.NaN, Number.NaN),
      propensity: 0.5,
      epsilon: Number.NaN,
      outcome: { latencyS: 0.021, energyJ: 0.04, accuracy: 0.8, deadlineMet: false, latencyQuality: 'measured', accuracyQuality: 'estimated' },
    })
    expect(head.spaces.points[decisions[1]?.action as number]).toEqual({ subnet: 'large', 'gpu.freqHz': 612e6 })
    // What is asked changes before the third.
    expect(entries[2]).toEqual({ kind: 'requirements', step: 2, requirements: { deadlineS: 0.01, percentile: 99 } })
  })

  it('is the same gzipped, with tabs, with decimal commas, as JSON Lines and as Parquet', async () => {
    await run([write('log.csv', csv)], { map: mapFile() })
    const { decisions } = await traceOf()
    const commas = csv.replaceAll(',', ';').replace(';9.5;', ';9,5;')
    const lines = rows.map((row) =>
      JSON.stringify(Object.fromEntries(row.split(',').map((cell, i) => [header.split(',')[i], i === 1 ? cell : Number(cell)]))),
    )
    const connection = await connectDuckDb()
    await connection.run(`COPY (SELECT * FROM read_csv(${sqlText(at('log.csv'))})) TO ${sqlText(at('log[1].parquet'))} (FORMAT parquet)`)
    connection.closeSync()
    for (const [name, content, change] of [
      ['log.csv.gz', gzipSync(csv), {}],
      ['log.tsv', csv.replaceAll(',', '\t'), {}],
      ['euro.csv', `\ufeff${commas.replaceAll('\n', '\r\n')}`, { delimiter: ';', decimal: ',' }],
      ['log.jsonl', lines.join('\n'), {}],
      ['log[1].parquet', undefined, {}],
    ] as const) {
      if (content !== undefined) write(name, content)
      await run([at(name)], { map: mapFile(change) })
      expect((await traceOf()).decisions, name).toEqual(decisions)
    }
  })

  it('is written as Parquet too, and two of a board are runs that merge with a third', async () => {
    const [one, two] = [write('one.csv', csv), write('two.csv', csv)]
    expect(await run([one, two], { map: mapFile() }, 'both.parquet')).toMatchObject({ decisions: 6, runs: 2 })
    const both = await traceOf('both.parquet')
    expect(both.entries.filter(({ kind }) => kind === 'run')).toEqual([{ kind: 'run', step: 3, run: 1 }])
    expect(both.decisions.map(({ durationS }) => durationS)).toEqual([0.1, 0.15, Number.NaN, 0.1, 0.15, Number.NaN])
    await run([one], { map: mapFile() }, 'one.jsonl')
    expect((await mergeTraces([at('both.parquet'), at('one.jsonl')], at('three.jsonl'))).runs).toHaveLength(3)
    expect((await traceOf('three.jsonl')).header.env.name).toBe('imported')
  })

  it('has sessions where the map names their column', async () => {
    const again = ['1000,small,306,45000,9.5,12,25,20', '1100,large,612,45500,21,40,50,20'].map((row) => `${row},b`)
    const text = [`${header},s`, ...rows.map((row) => `${row},a`), ...again].join('\n')
    expect(await run([write('s.csv', text)], { map: mapFile({ run: { column: 's' } }) })).toMatchObject({ decisions: 5, runs: 2 })
  })

  it('may have powers in the place of energies: over the latency, or since the record before', async () => {
    const text = 't,mhz,ms,W\n0,306,10,2\n1,306,10,3\n3,612,20,4\n'
    const knobs = [{ column: 'mhz', unit: 'MHz' }]
    const base = { knobs, monitors: [], propensity: undefined, requirements: undefined, time: { column: 't', unit: 's' } }
    await run([write('w.csv', text)], {
      map: mapFile({ ...base, outcomes: { latencyS: { column: 'ms', unit: 'ms' }, powerW: { column: 'W', unit: 'W' } } }),
    })
    expect((await traceOf()).decisions.map(({ outcome }) => outcome.energyJ)).toEqual([0.02, 0.03, 0.08])
    await run([at('w.csv')], { map: mapFile({ ...base, outcomes: { powerW: { column: 'W', unit: 'W' } } }) })
    const { decisions, header: head } = await traceOf()
    expect(decisions.map(({ outcome }) => [outcome.energyJ, outcome.energyQuality])).toEqual([
      [Number.NaN, 'absent'],
      [3, 'estimated'],
      [8, 'estimated'],
    ])
    // Without latencies energy is what can be judged.
    expect(head.objective.kind).toBe('energy')
  })
})

describe('knobs that were not discrete', () => {
  const knobs = (more: object) => ({
    knobs: [{ column: 'mhz', name: 'freqHz', unit: 'MHz', ...more }],
    monitors: [],
    time: undefined,
    propensity: undefined,
    requirements: undefined,
    outcomes: { latencyS: { column: 'ms', unit: 's' } },
  })
  const clocks = (values: number[]): string => write('clocks.csv', `mhz,ms\n${values.map((value) => `${value},1`).join('\n')}\n`)

  it('are snapped: clocks to the most frequent within 1 %, others as the map says', async () => {
    const file = clocks([918, 917, 918, 612, 613, 612, 306])
    expect((await run([file], { map: mapFile(knobs({})) })).knobs).toEqual([{ name: 'freqHz', levels: 3, snapped: 2, farthest: 1e6 }])
    expect((await traceOf()).header.spaces.knobs[0]?.values).toEqual([306e6, 612e6, 918e6])
    expect((await run([file], { map: mapFile(knobs({ step: 500 })) })).knobs).toEqual([{ name: 'freqHz', levels: 2, snapped: 7, farthest: 194e6 }])
    expect((await run([file], { map: mapFile(knobs({ levels: [300, 600, 900, 1200] })) })).knobs[0]).toMatchObject({ levels: 3, snapped: 7 })
  })

  it('are refused where there are far too many', async () => {
    const file = clocks(Array.from({ length: 400 }, (_, i) => 100 + i * 20))
    expect(await rejectionOf(run([file], { map: mapFile(knobs({ name: 'load', unit: undefined })) }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringMatching(/column mhz: knob load has 400 levels, from 100 to 8080, expected at most 128: .* "levels" or "step"/),
    })
  })

  it('need a unit where it matters', async () => {
    expect(await rejectionOf(run([clocks([918, 612])], { map: mapFile(knobs({ unit: undefined })) }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringMatching(/looks like MHz.*"unit" beside the knob/),
    })
  })
})

describe('tegrastats', () => {
  const lines = (count: number, power = 5000): string[] =>
    Array.from(
      { length: count },
      (_, i) =>
        `01-31-2026 12:00:${String(i).padStart(2, '0')} RAM 3100/7620MB (lfb 4x4MB) CPU [${10 + i}%@1510,off] EMC_FREQ 1%@2133 GR3D_FREQ 50%@[${i % 2 === 0 ? 306 : 918}] tj@${40 + i}C VDD_IN ${power + i}mW/1mW`,
    )
  const log = (more = ''): string => write('tegra.log', `${lines(10).join('\n')}\n${more}`)

  it('alone has no latency, and the trace says what is absent', async () => {
    const result = await run([log('NVIDIA tegrastats started\n')], { from: 'tegrastats' })
    expect(result).toMatchObject({
      decisions: 10,
      points: 2,
      known: { latencyS: 0, energyJ: 9, propensity: 0 },
      skipped: { foreign: 1 },
      monitors: ['tempC', 'cpu.load', 'gpu.load', 'ramRatio'],
    })
    expect(result.notes.join()).toMatch(/latency is absent.*--latencies.*propensities are unknown, which is not 1/s)
    const { decisions } = await traceOf()
    // What was seen is that of the second before; energy is that of the second since.
    expect(decisions[3]).toMatchObject({
      timeS: 3,
      durationS: 1,
      propensity: Number.NaN,
      outcome: { latencyS: Number.NaN, energyJ: 5.003, latencyQuality: 'absent' },
    })
    expect(decisions[3]?.observation.slice(0, 2)).toEqual(Float64Array.of(42, 0.12))
  })

  it('takes latencies by time: settings and power of the sample that covers them, what was seen from the one before', async () => {
    const start = Date.UTC(2026, 0, 31, 12) / 1e3
    const answers = [-1, 0.5, 1.5, 1.6, 8.9, 20].map((second) => `${start + second},${10 + second}`)
    const result = await run([log()], { from: 'tegrastats', latencies: [write('answers.csv', `time,latency_ms\n${answers.join('\n')}\n`)] })
    expect(result).toMatchObject({ decisions: 4, known: { latencyS: 4, energyJ: 4 }, skipped: { outside: 2 } })
    const { decisions, header: head } = await traceOf()
    expect(decisions.map(({ action }) => head.spaces.points[action]?.['gpu.freqHz'])).toEqual([918e6, 306e6, 306e6, 918e6])
    expect(decisions[1]?.outcome).toMatchObject({ latencyS: 0.0115, energyJ: Number((5.002 * 0.0115).toPrecision(6)) })
    expect(decisions[1]?.observation[0]).toBe(41)
    expect(head.objective.kind).toBe('weighted')
  })

  it('says how far apart two clocks are', async () => {
    const answers = write('answers.csv', `time,latency_ms\n${Date.UTC(2026, 0, 31, 10) / 1e3},5\n`)
    const request = { from: 'tegrastats' as const, latencies: [answers] }
    expect(await rejectionOf(run([log()], request))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining('-2 h apart: is one in local time?'),
    })
    // Ten seconds in, the log moved by two hours.
    write('answers.csv', `time,latency_ms\n${Date.UTC(2026, 0, 31, 10) / 1e3 + 4.5},5\n`)
    expect(await run([log()], { ...request, timeOffset: '-2h' })).toMatchObject({ decisions: 1 })
  })

  it('without a time counts its lines, and cannot be joined', async () => {
    const file = write(
      'untimed.log',
      `${lines(4)
        .map((line) => line.slice(20))
        .join('\n')}\n`,
    )
    await run([file], { from: 'tegrastats', interval: '500ms' })
    expect((await traceOf()).decisions.map(({ timeS }) => timeS)).toEqual([0, 0.5, 1, 1.5])
    const answers = write('answers.csv', 'time,latency_ms\n1,5\n')
    expect(await rejectionOf(run([file], { from: 'tegrastats', latencies: [answers] }))).toMatchObject({
      message: expect.stringContaining('have no time'),
    })
  })

  it('in which nothing was set is no log of choices', async () => {
    const file = write(
      'still.log',
      `${lines(6)
        .filter((_, i) => i % 2 === 0)
        .join('\n')}\n`,
    )
    expect(await rejectionOf(run([file], { from: 'tegrastats' }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining('no setting changed in this log (gpu.freqHz, cpu.freqHz'),
    })
  })
})

describe('an imported log is judged', () => {
  /** Two points in turn, of 10 and 20 ms, at even odds. */
  const even = (propensity: string): string =>
    `t,mhz,ms,p\n${Array.from({ length: 400 }, (_, i) => `${i},${i % 2 === 0 ? 600 : 300},${(i % 2 === 0 ? 10 : 20) + 0.1 * Math.sin(i)},${propensity}`).join('\n')}\n`
  const base = {
    knobs: [{ column: 'mhz', unit: 'MHz', name: 'freqHz' }],
    monitors: [],
    time: { column: 't', unit: 's' },
    requirements: undefined,
    outcomes: { latencyS: { column: 'ms', unit: 'ms' } },
    objective: 'latency',
  }

  it('by every estimator where propensities are there, and is not executed again', async () => {
    await run([write('even.csv', even('0.5'))], { map: mapFile({ ...base, propensity: { column: 'p' } }) })
    const { policies, execution, averages } = await replay([at('out.jsonl')], ['static:freqHz=600000000', 'linucb'])
    expect(execution).toMatchObject({ decisions: 400, exact: null, skipped: 'it was imported and holds no agent' })
    expect(averages).toEqual([])
    for (const policy of policies) {
      expect(policy).toMatchObject({ verdictCode: 'better', dropped: 0 })
      expect(policy.estimates.find(({ estimator }) => estimator === 'snips')?.value).toBeCloseTo(-0.01, 4)
    }
  })

  it('and learned from, without the means of its held-out part', async () => {
    await run([write('even.csv', even(''))], { map: mapFile({ ...base, propensity: { column: 'p' } }) })
    const events = { note() {}, progress() {}, stopped: () => undefined }
    const request = {
      traces: [at('out.jsonl')],
      agent: 'linucb',
      agentOptions: {},
      network: 'none',
      seed: 1,
      out: at('learned'),
      existing: 'refuse' as const,
    }
    const { decisions, dropped, heldOut, deployable } = await trainFrom(request, events)
    expect({ decisions, dropped, deployable }).toEqual({ decisions: 320, dropped: 0, deployable: false })
    // It takes the faster of the two.
    expect(heldOut.verdictCode).toBe('cannotAnswer')
    expect(heldOut.estimates[0]?.value).toBeCloseTo(-0.01, 3)
  })

  it('by its model and by averages alone where they are not, and says why', async () => {
    await run([write('even.csv', even(''))], { map: mapFile({ ...base, propensity: { column: 'p' } }) })
    const { policies, averages } = await replay([at('out.jsonl')], ['static:1', 'bayes'], {
      objective: 'weighted',
      weights: { latency: 1, energy: 0, accuracy: 0, confidence: 0 },
      deadline: { seconds: 0.04 },
    })
    for (const policy of policies) {
      expect(policy.verdictCode).toBe('cannotAnswer')
      expect(policy.estimates.map(({ estimator }) => estimator)).toEqual(['dm'])
      expect(policy.warnings.join()).toContain('no decision has a propensity')
      // 10 ms of 40.
      expect(policy.estimates[0]?.value).toBeCloseTo(-0.25, 1)
    }
    expect(averages).toMatchObject([
      { action: 0, point: 'freqHz=300MHz', rounds: 200 },
      { action: 1, point: 'freqHz=600MHz', rounds: 200 },
    ])
    expect(averages[1]?.value).toBeCloseTo(-0.25, 2)
    expect(averages[1]?.hi).toBeLessThan(-0.24)
    expect(await rejectionOf(replay([at('out.jsonl')], ['static']))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('expected static:POINT'),
    })
  })
})

describe('what is wrong with a log is said by record, line and column, and nothing is written:', () => {
  const put = (row: number, column: string, value: string): string => {
    const cells = (rows[row] as string).split(',')
    cells[header.split(',').indexOf(column)] = value
    return [header, ...rows.slice(0, row), cells.join(','), ...rows.slice(row + 1)].join('\n')
  }

  it.each([
    ['a word', put(1, 'ms', 'fast'), "record 2 (line 3), column ms: 'fast' is no number"],
    ['a latency of 0', put(1, 'ms', '0'), "record 2 (line 3), column ms: '0' is not above 0"],
    ['a propensity of 0', put(2, 'p', '0'), "record 3 (line 4), column p: '0' is no probability above 0 and at most 1"],
    ['a propensity above 1', put(0, 'p', '101'), "record 1 (line 2), column p: '101' is no probability"],
    ['a time that runs back', put(2, 't', '900'), 'record 3 (line 4), column t: is 0.2 s before the record above'],
    ['no time', put(1, 't', ''), "record 2 (line 3), column t: '' is missing: expected the time of every record"],
    [
      'a record that is cut off in the middle',
      csv.replace(rows[1] as string, '1100,large'),
      'record 2 (line 3): has 2 values, expected 8 as in the header',
    ],
    ['a column that is not there', csv.replace('mJ', 'mJoule'), "there is no column 'mJ' (there is 'ms'), found t, net, mhz, temp, ms, mJoule"],
    ['a column that stands twice', csv.replace('temp', 'ms'), "line 1: column 'ms' stands there twice"],
    ['another separator', csv.replaceAll(',', ';'), 'expected "delimiter": ";" in the map'],
    ['a header alone', `${header}\n`, 'has no record'],
    ['nothing', '', 'is empty'],
    ['no knob anywhere', `${header}\n1,,306,1,1,1,50,20\n2,,306,1,1,1,50,20\n`, 'no record has all its knobs'],
  ])('%s', async (_, text, message) => {
    const before = readdirSync(folder).length
    write('wrong.csv', text)
    mapFile()
    const found = await rejectionOf(run([at('wrong.csv')], { map: mapFile() }, 'never.jsonl'))
    expect(found.code).toBe('ERR_LOG')
    expect(found.message).toContain(message)
    expect(existsSync(at('never.jsonl'))).toBe(false)
    expect(readdirSync(folder).length).toBeLessThanOrEqual(before + 1)
  })

  it('what is safe to leave out is left out and counted: a torn end, the same record again, records without a knob, absent outcomes', async () => {
    const spoilt = [
      header,
      rows[0],
      rows[0],
      '1050,,612,45000,9,9,25,20',
      (rows[1] as string).replace(',40,', ',nan,'),
      rows[2],
      '1300,small,30',
    ].join('\n')
    const result = await run([write('spoilt.csv', spoilt)], { map: mapFile() })
    expect(result).toMatchObject({ decisions: 3, known: { energyJ: 2 }, skipped: { torn: 1, duplicates: 1, withoutKnobs: 1 } })
    expect(result.notes.join()).toContain('1 of 3 decisions have no energy')
    const torn = `${JSON.stringify({ t: 1, net: 'small', mhz: 306, temp: 1, ms: 1, mJ: 1, p: 50, deadline: 9 })}\n{"t":2,"ne`
    expect(await run([write('torn.jsonl', torn)], { map: mapFile() })).toMatchObject({ decisions: 1, skipped: { torn: 1 } })
    expect(await rejectionOf(run([write('broken.jsonl', `{"t":2,"ne\n${torn}`)], { map: mapFile() }))).toMatchObject({
      message: expect.stringContaining('record 1 (line 1): is no JSON object'),
    })
  })

  it.each([
    [{ schema: 'measured-table/1' }, 'schema is "measured-table/1": expected \'flyball-import/1\''],
    [{ knobs: [] }, 'knobs is 0: expected at least one'],
    [{ knobs: [{ column: 'net', kind: 'net' }] }, 'knobs.0.kind is "net": expected one of subnet, cluster'],
    [{ knobs: [map.knobs[0], { ...map.knobs[0], column: 'other' }] }, 'knobs.1: a second knob is called subnet'],
    [{ outcomes: { latency: { column: 'ms' } } }, 'outcomes.latency is not known'],
    [{ outcomes: { latencyS: { column: 'ms', unit: 'W' } } }, "outcomes.latencyS: the unit 'W' is not known here, expected one of ns, us, ms, s"],
    [
      { outcomes: { powerW: { column: 'W', unit: 'W' } }, time: undefined },
      'outcomes.powerW: is counted over the interval between two records, expected "time" as well',
    ],
    [{ time: { column: 't' } }, 'column t: \'1000\' is a number: expected "unit" beside the column in the map'],
    [{ requirements: { deadlineS: '33' } }, 'requirements.deadlineS'],
    [{ surplus: 1 }, 'surplus is not known'],
  ])('a map with %j', async (change, message) => {
    const found = await rejectionOf(run([write('log.csv', csv)], { map: mapFile(change) }, 'never.jsonl'))
    expect(found.message).toContain(message)
    expect(existsSync(at('never.jsonl'))).toBe(false)
  })

  it('a CSV without a map, a name without an end', async () => {
    expect(await rejectionOf(run([write('log.csv', csv)]))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('there are t, net, mhz'),
    })
    expect(await rejectionOf(run([write('log', csv)], {}))).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('--from') })
    expect(await rejectionOf(run([write('log.csv', csv)], { map: at('nowhere.json') }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining('nowhere.json: there is no such file, expected the map of --map'),
    })
    expect(await rejectionOf(run([at('nowhere.csv')], { map: mapFile() }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining('does not exist'),
    })
  })
})
