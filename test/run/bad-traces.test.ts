import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { saveCheckpoint } from '../../src/checkpoint/writer.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { makeJudge, type PolicyValue } from '../../src/run/judge-policy.ts'
import { openLogs } from '../../src/run/offline/logs.ts'
import { readPolicy } from '../../src/run/offline/policies.ts'
import { shapeOf } from '../../src/run/offline/shape.ts'
import { agentInputOf } from '../../src/run/reexecute.ts'
import { convertTrace } from '../../src/trace/convert.ts'
import { formatHeader, type TraceHeader } from '../../src/trace/header.ts'
import { openLog } from '../../src/trace/log.ts'
import { connectDuckDb, sqlText } from '../../src/trace/parquet/duckdb.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { rejectionOf } from '../support/error-of.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

// What can be wrong with a log, in both forms: an error that names the record, or records that are left out and counted. Never silence.

const quiet = { requirements: [{ from: 0, requirements: { deadlineS: 0.012, percentile: 99 } }] }
const header = scriptedHeader('random', 7, quiet)
const decisions = 60
let folder: string
let good: string[]
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-bad-'))
  const writer = createTrace(at('good.jsonl'), header)
  await runScripted({ header, make: findAgent('random').make, from: 0, to: decisions, script: quiet, writer, orderly: false })
  writer.close()
  await convertTrace(at('good.jsonl'), at('good.parquet'))
  good = readFileSync(at('good.jsonl'), 'utf8').split('\n').slice(1, -1)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A log of these lines after the header. */
function lines(change: (records: string[]) => string[]): string {
  writeFileSync(at('bad.jsonl'), `${[formatHeader(header), ...change([...good])].join('\n')}\n`)
  return at('bad.jsonl')
}

/** Record 5 as another text, or with other fields; undefined takes one away. */
const text5 = (change: (line: string) => string): string => lines((records) => records.map((line, i) => (i === 4 ? change(line) : line)))
const record5 = (change: object): string => text5((line) => JSON.stringify({ ...JSON.parse(line), ...change }))

/** What a query over the good log's rows gives, with the same header; the name is no pattern. */
async function rows(select: string, order = '"step"'): Promise<string> {
  const path = at('bad[1]*.parquet')
  const connection = await connectDuckDb()
  const query = `SELECT ${select} FROM read_parquet(${sqlText(at('good.parquet'))}) ORDER BY ${order}`
  await connection.run(`COPY (${query}) TO ${sqlText(path)} (FORMAT parquet, KV_METADATA {flyball: ${sqlText(formatHeader(header))}})`)
  connection.closeSync()
  return path
}

/** Column with another value in record 5. */
const row5 = (column: string, sql: string): Promise<string> =>
  rows(`* REPLACE (CASE WHEN "step" = 4 THEN ${sql} ELSE "${column}" END AS "${column}")`)

async function judged(path: string): Promise<PolicyValue> {
  const logs = await openLogs([path])
  try {
    const policy = readPolicy('static:3', logs, await shapeOf(logs))
    return await (await makeJudge(logs)).judge('static:3', await policy.make())
  } finally {
    logs.close()
  }
}

const counted = async (path: string) => {
  const { rounds, dropped } = await judged(path)
  return { rounds, dropped }
}

type Case = [what: string, says: RegExp, text: () => string, parquet?: () => Promise<string>]
const reordered = () => lines((r) => [...r.slice(0, 9), r[10] as string, r[9] as string, ...r.slice(11)])
const twice = () => rows('*, unnest(CASE WHEN "step" = 9 THEN [0, 1] ELSE [0] END) AS twice')

describe('refused by the number of the record:', () => {
  it.each<Case>([
    ['records out of order', /its step is 10, expected 9/, reordered, () => rows('*', 'CASE WHEN "step" = 9 THEN 10.5 ELSE "step" END')],
    [
      'a record twice',
      /its step is 9, expected 10: is the record there twice/,
      () => lines((r) => [...r.slice(0, 10), r[9] as string, ...r.slice(10)]),
      twice,
    ],
    ['a record that is missing', /its step is 10, expected 9: records are missing/, () => lines((r) => r.filter((_, i) => i !== 9))],
    ['a record of something else', /line 6: step: /, () => text5(() => '{"action":1,"reward":2}')],
    ['a field too many', /surplus: /, () => record5({ surplus: 1 })],
    ['a propensity of 0', /propensity: /, () => record5({ propensity: 0 }), () => row5('propensity', '0.0')],
    ['a propensity above 1', /propensity: /, () => record5({ propensity: 1.5 }), () => row5('propensity', '1.5')],
    [
      'an infinite outcome',
      /latencyS: /,
      () => text5((l) => l.replace(/"latencyS":[^,]+/, '"latencyS":1e999')),
      () => row5('latencyS', "'inf'::DOUBLE"),
    ],
    ['NaN, which JSON does not know', /it is no JSON/, () => text5((l) => l.replace(/"latencyS":[^,]+/, '"latencyS":NaN'))],
    ['an action that there is not', /action is 99, expected an action below 16/, () => record5({ action: 99 }), () => row5('action', '99')],
    ['a latency below 0', /latencyS: /, () => record5({ latencyS: -1 }), () => row5('latencyS', '-1.0')],
    ['a word in the place of a number', /energyJ: /, () => record5({ energyJ: 'much' })],
    ['another number of monitors', /observation has 1 values, expected 11/, () => record5({ observation: [1] })],
    ['two records in a line', /line 6: it is no JSON/, () => text5((l) => l + l)],
    ['a run that the header does not know', /it begins run 1, expected 1 of the 1 in the header/, () => text5((l) => `{"run":1,"step":4}\n${l}`)],
  ])('%s', async (_, says, text, parquet) => {
    const found = await rejectionOf(judged(text()))
    expect(found.code).toBe('ERR_TRACE_CORRUPT')
    expect(found.message).toMatch(/bad\.jsonl, line \d+: /)
    expect(found.message).toMatch(says)
    if (parquet === undefined) return
    const inParquet = await rejectionOf(judged(await parquet()))
    expect(inParquet.code).toBe('ERR_TRACE_CORRUPT')
    expect(inParquet.message).toMatch(/\.parquet, row \d+: /)
    expect(inParquet.message).toMatch(says)
  })

  it('a field that no record has', async () => {
    expect(await rejectionOf(judged(record5({ propensity: undefined })))).toMatchObject({ message: expect.stringMatching(/line 6: propensity/) })
    expect(await rejectionOf(judged(await rows('* EXCLUDE (propensity)')))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: expect.stringContaining('propensity'),
    })
  })
})

describe('left out and counted:', () => {
  it.each<[string, (() => string) | undefined, () => Promise<string>]>([
    ['a propensity that is null', () => record5({ propensity: null }), () => row5('propensity', 'NULL')],
    ['an outcome that is null', () => record5({ latencyS: null }), () => row5('latencyS', 'NULL')],
    ['an outcome that is NaN', undefined, () => row5('latencyS', "'nan'::DOUBLE")],
    ['a propensity that is NaN', undefined, () => row5('propensity', "'nan'::DOUBLE")],
  ])('%s', async (_, text, parquet) => {
    const all = { rounds: decisions - 1, dropped: 1 }
    if (text !== undefined) expect(await counted(text())).toEqual(all)
    expect(await counted(await parquet())).toEqual(all)
  })

  it('a torn last line, which is named', async () => {
    const path = lines((r) => r)
    writeFileSync(path, readFileSync(path).subarray(0, -20))
    expect(await counted(path)).toEqual({ rounds: decisions - 1, dropped: 0 })
    const log = await openLog(path)
    for await (const _ of log.entries());
    expect(log.torn()).toMatchObject({ file: path, line: decisions + 1 })
  })
})

describe('a log with nothing in it', () => {
  it('is refused where there is no header', async () => {
    for (const name of ['empty.jsonl', 'empty.parquet']) writeFileSync(at(name), '')
    const says = (message: string) => ({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining(message) })
    expect(await rejectionOf(judged(at('empty.jsonl')))).toMatchObject(says('is empty, expected a header'))
    expect(await rejectionOf(judged(at('empty.parquet')))).toMatchObject(says('is no Parquet file'))
    expect(await rejectionOf(judged(at('nowhere.parquet')))).toMatchObject({ code: 'ERR_RUN_MISSING' })
  })

  it('cannot answer where there is no decision', async () => {
    for (const path of [lines(() => []), await rows('*', '1 LIMIT 0')])
      expect(await judged(path)).toMatchObject({ rounds: 0, verdictCode: 'cannotAnswer', verdict: expect.stringContaining('holds no decision') })
  })
})

it('Parquet that was damaged is refused by name: cut off, or pages that do not unpack', async () => {
  const whole = readFileSync(at('good.parquet'))
  const spoilt = Buffer.from(whole)
  spoilt.fill(0xa5, 40, 400)
  for (const [name, bytes] of [
    ['cut.parquet', whole.subarray(0, -100)],
    ['spoilt.parquet', spoilt],
  ] as const) {
    writeFileSync(at(name), bytes)
    expect(await rejectionOf(judged(at(name)))).toMatchObject({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining(name) })
  }
})

describe('a log of something else', () => {
  const other = (change: Partial<TraceHeader>): string => {
    writeFileSync(at('other.jsonl'), `${[formatHeader({ ...header, ...change }), ...good].join('\n')}\n`)
    return at('other.jsonl')
  }
  const { spaces } = header

  it('is not taken together with another board, scope or spaces; both sides are printed', async () => {
    const monitors = spaces.monitors.map((monitor, i) => (i === 0 ? { ...monitor, name: 'else' } : monitor))
    for (const [change, first, second] of [
      [{ board: { id: 'elsewhere', fingerprint: '1' } }, 'board scripted, fingerprint 0', 'board elsewhere, fingerprint 1'],
      [{ energyScope: 'board' }, 'energy of the cpuTime', 'energy of the board'],
      [{ spaces: { ...spaces, monitors } }, 'monitors little.interference', 'monitors else'],
    ] as const) {
      const { code, message } = await rejectionOf(openLogs([at('good.parquet'), other(change)]))
      expect(code).toBe('ERR_TRACE_MISMATCH')
      expect(message).toContain(`first:  ${first}`)
      expect(message).toContain(`second: ${second}`)
    }
  })

  it('does not judge a policy of other points; one of another board with the same points is judged, and that is said', async () => {
    const agent = findAgent('q-learning').make(agentInputOf({ ...header, agent: { ...header.agent, name: 'q-learning' } }))
    const checkpoint = (name: string, change: Partial<TraceHeader>): string => {
      const { board, network, objective, requirements, nominal, spaces: own } = { ...header, ...change }
      const about = { flyball: '0.0.0', agent: { name: 'q-learning', options: {}, data: agent.save() }, step: 1, seed: 1 }
      return saveCheckpoint(at(name), { ...about, spaces: own, board, network, objective, requirements, nominal })
    }
    const logs = await openLogs([at('good.jsonl')])
    const shape = await shapeOf(logs)
    const fewer = makeSpaces({ knobs: spaces.knobs, points: spaces.points.slice(1), monitors: spaces.monitors })
    const refused = await rejectionOf((async () => readPolicy(checkpoint('fewer', { spaces: fewer }), logs, shape))())
    expect(refused.code).toBe('ERR_SPACE_MISMATCH')
    expect(refused.message).toMatch(/checkpoint: +point 0 /)
    expect(refused.message).toMatch(/here: +point 0 /)
    expect(readPolicy(checkpoint('same', {}), logs, shape).warnings).toEqual([])
    expect(readPolicy(checkpoint('elsewhere', { board: { id: 'elsewhere', fingerprint: '1' } }), logs, shape).warnings).toEqual([
      'it was learned on board elsewhere (1), and the log is of board scripted (0)',
    ])
    logs.close()
  })
})
