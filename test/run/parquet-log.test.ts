import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayLog } from '../../src/run/replay-log.ts'
import { connectDuckDb, sqlText } from '../../src/trace/parquet/duckdb.ts'
import { rejectionOf } from '../support/error-of.ts'

let folder: string
let csv: string
let target: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-parquet-log-'))
  csv = join(folder, 'log.csv')
  target = join(folder, 'policy.csv')
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 2},${1 + 2 * (i % 2) + 0.1 * Math.sin(i)},0.5,1.1,2.9`)
  writeFileSync(csv, `action,reward,behaviourProbability,q0,q1\n${rows.join('\n')}\n`)
  writeFileSync(target, 'action,position0\n0,0.1\n1,0.9\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What a query over the CSV gives, as Parquet. */
async function parquetOf(name: string, query: string): Promise<string> {
  const path = join(folder, `${name}.parquet`)
  const connection = await connectDuckDb()
  const [columns, limit = ''] = query.split(/(?= LIMIT )/)
  await connection.run(`COPY (SELECT ${columns} FROM read_csv(${sqlText(csv)})${limit}) TO ${sqlText(path)} (FORMAT parquet)`)
  connection.closeSync()
  return path
}

describe('a bandit log in Parquet', () => {
  it('has the value that the same log has as CSV', async () => {
    const log = await parquetOf('same', '*')
    const { log: _path, ...fromParquet } = await replayLog({ log, target })
    const { log: _csv, ...fromCsv } = await replayLog({ log: csv, target })
    expect(fromParquet).toEqual(fromCsv)
  })

  it.each([
    ['propensity of 0', 'action, reward, 0.0 AS behaviourProbability', "record 1: behaviourProbability is '0'"],
    [
      'propensity missing here and there',
      'action, reward, CASE WHEN action = 0 THEN 0.5 END AS behaviourProbability',
      "record 2: behaviourProbability is 'NaN'",
    ],
    ['unknown action', 'action + 1 AS action, reward, behaviourProbability', "record 2: action is '2'"],
    ['infinite reward', "action, 'inf'::DOUBLE AS reward, behaviourProbability", "record 1: reward is 'Infinity'"],
    ['words', "action, 'much' AS reward, behaviourProbability", "record 1: reward is 'NaN'"],
    ['propensity above 1', 'action, reward, 1.5 AS behaviourProbability', "record 1: behaviourProbability is '1.5'"],
    ['NaN reward', "action, CASE WHEN action = 1 THEN 'nan'::DOUBLE ELSE reward END AS reward, behaviourProbability", "record 2: reward is 'NaN'"],
    ['action that is no whole number', 'action + 0.5 AS action, reward, behaviourProbability', "record 1: action is '0.5'"],
    ['model of other actions', '*, 1.0 AS q2', 'there are 3 model estimates, and the target policy has 2 actions'],
    ['no record', '* LIMIT 0', 'has no record'],
    ['no reward', 'action, behaviourProbability', "there is no column 'reward'"],
  ])('%s', async (name, query, message) => {
    const log = await parquetOf(name.replaceAll(' ', '-'), query)
    expect(await rejectionOf(replayLog({ log, target }))).toMatchObject({ code: 'ERR_LOG', message: expect.stringContaining(message) })
  })

  it('is a name and no pattern', async () => {
    const log = await parquetOf('a[b]*', '*')
    expect((await replayLog({ log, target })).rounds).toBe(300)
    expect(await rejectionOf(replayLog({ log: join(folder, '*.parquet'), target }))).toMatchObject({
      message: expect.stringContaining('does not exist'),
    })
  })

  it('says so where there is none, or it is none', async () => {
    expect(await rejectionOf(replayLog({ log: join(folder, 'no.parquet'), target }))).toMatchObject({ code: 'ERR_LOG' })
    const broken = join(folder, 'broken.parquet')
    writeFileSync(broken, 'PAR1')
    expect(await rejectionOf(replayLog({ log: broken, target }))).toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining('is no Parquet file'),
    })
    expect(await rejectionOf(replayLog({ log: await parquetOf('empty', '* EXCLUDE (q0)'), target }))).toMatchObject({ code: 'ERR_LOG' })
  })
})
