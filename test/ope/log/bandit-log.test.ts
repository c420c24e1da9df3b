import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCellReader } from '../../../src/ope/log/cells.ts'
import { readTargetPolicy } from '../../../src/ope/log/target-policy.ts'
import { replayLog } from '../../../src/run/replay-log.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-log-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const write = (name: string, content: string | Buffer): string => {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

const header = 'position,action,reward,behaviourProbability,q0,q1'
const policy = 'action,position0,position1\n0,0.5,1\n1,0.5,0\n'
// Weights 0.5/0.25 = 2, 0.5/0.5 = 1, 1/0.5 = 2, 0/0.8 = 0.
const records = ['0,0,1,0.25,0.5,1', '0,1,3,0.5,1,2', '1,0,-2,0.5,-1,4', '1,1,5,0.8,0,4']
const log = (...lines: string[]): string => `${[header, ...lines].join('\n')}\n`

const replayed = (text: string | Buffer, target = policy, name = 'log.csv') =>
  replayLog({ log: write(name, text), target: write('policy.csv', target), draws: 199 })
const values = ({ estimates }: Awaited<ReturnType<typeof replayed>>): Record<string, number> =>
  Object.fromEntries(estimates.map(({ estimator, value }) => [estimator, value]))

describe('a bandit log', () => {
  it('is valued as worked out by hand', async () => {
    const result = await replayed(log(...records))
    expect(result).toMatchObject({ rounds: 4, actions: 2, positions: 2, unsupported: 0, largestWeight: 2, meanWeight: 1.25 })
    expect(result.ess).toBeCloseTo(25 / 9, 14)
    expect(result.logged.value).toBe(1.75)
    const { ips, snips, dm, dr, sndr } = values(result)
    // w r: 2, 3, -4, 0. Target's q: 0.75, 1.5, -1, 0. Residuals 0.5, 1, -1, 1.
    expect(ips).toBeCloseTo(0.25, 14)
    expect(snips).toBeCloseTo(0.2, 14)
    expect(dm).toBeCloseTo(0.3125, 14)
    expect(dr).toBeCloseTo(0.3125, 14)
    expect(sndr).toBeCloseTo(0.3125, 14)
  })

  it('may be gzipped, have its columns in another order, Windows line ends, empty lines and a byte order mark', async () => {
    const plain = values(await replayed(log(...records)))
    expect(values(await replayed(gzipSync(log(...records)), policy, 'log.csv.gz'))).toEqual(plain)
    const shuffled = `\ufeffq0,q1,behaviourProbability,note,position,reward,action\r\n${records
      .map((record) => {
        const [position, action, reward, propensity, q0, q1] = record.split(',')
        return [q0, q1, propensity, 'x', position, reward, action].join(',')
      })
      .join('\r\n\r\n')}\r\n`
    const result = await replayed(shuffled)
    expect(values(result)).toEqual(plain)
    expect(result.warnings).toContain('columns that are not read: note')
  })

  it('is read across chunks of the stream', async () => {
    const many = Array.from({ length: 40_000 }, (_, i) => records[i % 4] as string)
    const result = await replayed(gzipSync(log(...many)), policy, 'many.csv.gz')
    expect(result.rounds).toBe(40_000)
    expect(values(result)['ips']).toBeCloseTo(0.25, 12)
    expect(result.resampling.units).toBeLessThanOrEqual(1024)
  })

  it('needs no positions where the target has one, and says when the last line has no end', async () => {
    const result = await replayed('action,reward,behaviourProbability\n0,1,0.5\n1,2,0.5', 'action,position0\n1,0.75\n0,0.25\n')
    expect(values(result)['ips']).toBeCloseTo((0.5 * 1 + 1.5 * 2) / 2, 14)
    expect(Object.keys(values(result))).toEqual(['ips', 'clipped-ips', 'snips', 'clipped-ips-auto'])
    expect(result.warnings).toEqual([
      expect.stringContaining('no model estimates'),
      'the last record has no line end: a number that was cut off there would go unnoticed',
    ])
  })

  it('without propensities is told by its model alone, which is no answer', async () => {
    const result = await replayed('position,action,reward,q0,q1\n0,0,1,0.5,1\n1,1,5,0,4\n')
    expect(values(result)).toEqual({ dm: 0.375 })
    expect(result).toMatchObject({ ess: null, largestWeight: null, meanWeight: null, verdictCode: 'cannotAnswer' })
    expect(result.warnings[0]).toContain('only estimators that need no propensities ran')
  })

  it('without support is refused', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `0,0,${1 + (i % 3)},1,1,2`)
    const result = await replayed(log(...many), 'action,position0,position1\n0,0.2,0.2\n1,0.8,0.8\n')
    expect(result.unsupported).toBeCloseTo(0.8, 14)
    expect(result.verdictCode).toBe('cannotAnswer')
    expect(result.verdict).toContain('80 % of its choices were never tried')
  })

  it.each([
    ['is empty', '', /log.csv is empty, expected a header/],
    ['has no record', log(), /has a header and no record/],
    [
      'has a short record',
      log(records[0] as string, '0,1,3,0.5'),
      /record 2 \(line 3\): has 4 values, expected 6 as in the header: is the file cut off\?/,
    ],
    ['has a long record', log(`${records[0]},7`), /record 1 \(line 2\): has 7 values, expected 6/],
    ['ends in a torn record', `${log(...records)}0,1,3,0.`, /record 5 \(line 6\): has 4 values/],
    [
      'has a propensity of 0',
      log(records[0] as string, '0,1,3,0,1,2'),
      /record 2 \(line 3\): behaviourProbability is '0', expected a probability above 0 and at most 1/,
    ],
    ['has a propensity above 1', log('0,1,3,1.01,1,2'), /behaviourProbability is '1.01'/],
    ['has a propensity that is next to nothing', log('0,1,3,1e-320,1,2'), /record 1 \(line 2\): behaviourProbability is '1e-320', so small/],
    ['lacks a propensity', log('0,1,3,,1,2'), /behaviourProbability is ''/],
    ['has a propensity that is none', log('0,1,3,NaN,1,2'), /behaviourProbability is 'NaN'/],
    ['has a NaN reward', log('0,1,NaN,0.5,1,2'), /record 1 \(line 2\): reward is 'NaN', expected a number/],
    ['has an infinite reward', log('0,1,-Infinity,0.5,1,2'), /reward is '-Infinity'/],
    ['has an action of another policy', log('0,2,1,0.5,1,2'), /action is '2', expected one of the target policy's 0 to 1/],
    ['has half an action', log('0,0.5,1,0.5,1,2'), /action is '0.5'/],
    ['has another position', log('2,0,1,0.5,1,2'), /position is '2', expected one of the target policy's 0 to 1/],
    ['has a NaN estimate', log('0,0,1,0.5,1,NaN'), /q1 is 'NaN'/],
    ['has no rewards', 'position,action\n0,0\n', /line 1: there is no column 'reward'/],
    ['has no positions', 'action,reward,behaviourProbability\n0,0,1\n', /no column 'position', and the target policy has 2/],
    ['has estimates of other actions', 'position,action,reward,q0,q1,q2\n0,0,1,1,1,1\n', /3 model estimates, and the target policy has 2 actions/],
    ['has its estimates out of order', 'position,action,reward,q1,q0\n0,0,1,1,1\n', /column q1 is not where it should be/],
    ['has a column twice', 'position,action,reward,reward,q0,q1\n0,0,1,1,1,1\n', /column 'reward' stands there twice/],
    ['has nothing to estimate with', 'position,action,reward\n0,0,1\n', /neither a column behaviourProbability nor q0/],
  ])('that %s is refused', async (_what, text, says) => {
    await expect(replayed(text)).rejects.toMatchObject({ code: 'ERR_LOG', message: expect.stringMatching(says) })
  })

  it('that is cut off in its gzip data is refused, as is one that is not there', async () => {
    // Records that do not compress away.
    const text = log(...Array.from({ length: 5000 }, (_, i) => `0,0,${Math.sin(i)},0.5,1,2`))
    await expect(replayed(gzipSync(text).subarray(0, 30_000), policy, 'cut.csv.gz')).rejects.toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringMatching(/cut.csv.gz, after line \d+: is cut off or broken/),
    })
    const nowhere = join(dir, 'nowhere.csv')
    await expect(replayLog({ log: nowhere, target: write('policy.csv', policy) })).rejects.toMatchObject({
      code: 'ERR_LOG',
      message: expect.stringContaining(`${nowhere} cannot be read`),
    })
  })
})

describe('a target policy', () => {
  it('may have its actions in any order', async () => {
    const { actions, positions, probability } = await readTargetPolicy(
      write('any-order.csv', 'action,position0,position1\n2,0.5,0\n0,0.2,0.1\n1,0.3,0.9\n'),
    )
    expect([actions, positions]).toEqual([3, 2])
    expect(Array.from(probability)).toEqual([0.2, 0.3, 0.5, 0.1, 0.9, 0])
  })

  it.each([
    ['is empty', '', /is empty, expected a header and a row per action/],
    ['has another header', 'a,b\n0,1\n', /line 1: the header is 'a,b', expected action,position0,position1,…/],
    ['does not sum to 1', 'action,position0\n0,0.5\n1,0.4\n', /column position0 sums to 0.9, expected 1/],
    ['has a short row', 'action,position0,position1\n0,1\n', /record 1 \(line 2\): has 2 values, expected 3/],
    ['has a share below 0', 'action,position0\n0,1.5\n1,-0.5\n', /position0 is '1.5', expected a probability from 0 to 1/],
    ['has an action twice', 'action,position0\n0,0.5\n0,0.5\n', /record 2: action 0 stands there a second time/],
    ['lacks an action', 'action,position0\n0,0.5\n2,0.5\n', /record 2: action is 2, expected each of 0 to 1 once/],
    ['has an action that is none', 'action,position0\nx,1\n', /action is 'x', expected a whole number from 0/],
  ])('that %s is refused', async (_what, text, says) => {
    await expect(readTargetPolicy(write('bad.csv', text))).rejects.toMatchObject({ code: 'ERR_LOG', message: expect.stringMatching(says) })
  })
})

describe('cells', () => {
  it('are the numbers that JavaScript reads, or none', () => {
    const cells = makeCellReader()
    const texts = ['0', '-0.5', '12.', '.5', '+3', '1e-7', '0.045525000000000003', '0.00278147869', '123456789012345678', '-1.25E+3', ' 7 ', '00.10']
    cells.start(texts.join(','))
    for (const text of texts) expect(cells.number(), text).toBe(Number(text))
    expect(cells.more).toBe(false)
    const none = ['', '-', '.', 'x', '0x10', 'Infinity', '1e999', '1.2.3', '1 2', '--1', 'e5']
    cells.start(none.join(','))
    for (const text of none) expect(cells.number(), text).toBeNaN()
    expect(cells.read).toBe(none.length)
  })
})
