import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
let log: string
let target: string
beforeAll(() => {
  place = makeWorkplace()
  log = place.path('log.csv')
  target = place.path('policy.csv')
  // Action 1 earns 3 where action 0 earns 1, give or take; each was logged half of the time.
  const rows = Array.from({ length: 400 }, (_, i) => `${i % 2},${1 + 2 * (i % 2) + 0.1 * Math.sin(i)},0.5`)
  writeFileSync(log, `action,reward,behaviourProbability\n${rows.join('\n')}\n`)
  writeFileSync(target, 'action,position0\n0,0.1\n1,0.9\n')
})
afterAll(() => place.remove())

describe('flyball replay --log', () => {
  it('values a target policy on a bare log', async () => {
    const { status, stdout } = await place.run('replay', '--log', log, '--target', target, '--json')
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as { estimates: { estimator: string; value: number; lo: number; hi: number }[] }
    expect(result).toMatchObject({
      log,
      target,
      rounds: 400,
      ess: expect.any(Number),
      largestWeight: 1.8,
      unsupported: 0,
      verdictCode: 'better',
      verdict: expect.stringMatching(/^better by \d+ to \d+ %$/),
    })
    // 0.1 * 1 + 0.9 * 3.
    for (const { estimator, value, lo, hi } of result.estimates) {
      expect(value, estimator).toBeCloseTo(2.8, 1)
      expect(lo).toBeLessThan(value)
      expect(hi).toBeGreaterThan(value)
    }
    const plain = await place.run('replay', '--log', log, '--target', target)
    expect(plain.stdout).toMatch(/^400 rounds of 2 actions: better by/)
    expect(plain.stdout).toMatch(/^snips +2\.8\d* \[/m)
    expect(plain.stdout).toContain('has no model estimates')
  })

  it('gives an anytime-valid interval where bounds are declared', async () => {
    const ask = (...args: string[]) => place.run('replay', '--log', log, '--target', target, ...args, '--json')
    const { confidenceSequence } = JSON.parse((await ask('--weight-bound', '2', '--reward-range', '0,4')).stdout) as {
      confidenceSequence: { estimator: string; lo: number; hi: number }[]
    }
    expect(confidenceSequence).toEqual([{ estimator: 'ips', lo: expect.any(Number), hi: expect.any(Number) }])
    for (const { lo, hi } of confidenceSequence) {
      expect(lo).toBeGreaterThan(2)
      expect(lo).toBeLessThan(2.8)
      expect(hi).toBeGreaterThan(2.8)
      expect(hi).toBeLessThan(4)
    }
    const broken = await ask('--weight-bound', '1.5', '--reward-range', '0,4')
    expect(broken.status).toBe(2)
    expect(broken.stderr).toContain('round 2: the importance weight is 1.8, expected at most 1.5 as declared')
    expect((await ask('--weight-bound', '2')).stderr).toContain('--weight-bound W and --reward-range LOW,HIGH go together')
  })

  it('gives the same interval again, and answers "cannot answer" with exit status 0', async () => {
    writeFileSync(place.path('one-action.csv'), `action,reward,behaviourProbability\n${Array.from({ length: 50 }, () => '0,1,1').join('\n')}\n`)
    const ask = () => place.run('replay', '--log', place.path('one-action.csv'), '--target', target, '--json')
    const [first, second] = [await ask(), await ask()]
    expect(first.status).toBe(0)
    expect(first.stdout).toBe(second.stdout)
    expect(JSON.parse(first.stdout)).toMatchObject({
      verdictCode: 'cannotAnswer',
      verdict: expect.stringContaining('cannot answer: 90 % of its choices were never tried'),
    })
  })

  it('refuses wrong calls and wrong files', async () => {
    const refused = async (...args: string[]) => {
      const { status, stdout, stderr } = await place.run('replay', ...args)
      expect(stdout).toBe('')
      return `${status} ${stderr}`
    }
    expect(await refused('--log', log)).toMatch(/^2 .*--log FILE and --target FILE go together.*\[ERR_USAGE\]/)
    expect(await refused('--log', log, '--target', target, '--policy', 'x')).toMatch(/^2 .*expected no --policy beside it/)
    expect(await refused('x', '--log', log, '--target', target)).toMatch(/^2 .*expected no trace beside it/)
    expect(await refused('--log', log, '--target', target, '--draws', '10')).toMatch(/^2 .*--draws: '10' is not a whole number of at least 199/)
    expect(await refused('--log', target, '--target', target)).toMatch(/^3 .*there is no column 'reward'.*\[ERR_LOG\]/)
    writeFileSync(place.path('zero.csv'), 'action,reward,behaviourProbability\n0,1,0.5\n1,1,0\n')
    expect(await refused('--log', place.path('zero.csv'), '--target', target)).toMatch(
      /^3 .*zero\.csv, record 2 \(line 3\): behaviourProbability is '0'/,
    )
  })
})
