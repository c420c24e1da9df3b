import { readFileSync, rmSync, truncateSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const policy = (out: string): string => place.path(`${out}/checkpoint/policy.json`)
const stepOf = (out: string): number => readCheckpoint(place.path(`${out}/checkpoint`)).step
const trace = (out: string): string => readFileSync(place.path(`${out}/trace.jsonl`), 'utf8')

describe('a run whose newest checkpoint is broken', () => {
  it('is refused by deploy and --resume, which say how to go on, and goes on from the one before when asked to', async () => {
    const out = place.path('board')
    await place.train(out, '--agent', 'linucb')
    expect((await place.run('train', '--resume', '--steps', '60', '--out', out)).status).toBe(0)
    truncateSync(policy('board'), 100)

    for (const args of [
      ['deploy', out, '--steps', '5'],
      ['train', '--resume', '--steps', '80', '--out', out],
    ]) {
      const { status, stderr } = await place.run(...args)
      expect(status).not.toBe(0)
      expect(stderr).toMatch(/is corrupt.*intact: .*previous\/policy\.json, of step 40; .* with --previous \[ERR_CHECKPOINT_CORRUPT\]/s)
    }
    const deployed = await place.run('deploy', out, '--previous', '--steps', '5', '--rate', 'back-to-back')
    expect(deployed.status).toBe(0)
    expect(deployed.stderr).toContain('the generation before the newest governs, of step 40: what was learned in decisions 40 to 59 is lost')

    const resumed = await place.run('train', '--resume', '--previous', '--steps', '80', '--out', out)
    expect(resumed.status).toBe(0)
    expect(resumed.stderr).toContain('from the generation before the newest, of step 40: what came after stands in the trace')
    expect(resumed.stderr).toContain('relived 20 decisions')
    expect(stepOf('board')).toBe(80)
    // The intact generation was not replaced by the broken one.
    expect(readCheckpoint(place.path('board/checkpoint/previous')).step).toBe(40)
    expect(JSON.parse((await place.run('replay', out, '--json')).stdout)).toMatchObject({ execution: { exact: true, decisions: 80 } })
  })

  it('of a simulation goes on from the one before as if nothing had happened, to the last byte', async () => {
    const ground = ['--env', 'sim:odroid-xu4@corunner-bursts', '--agent', 'thompson', '--seed', '5']
    for (const [name, steps] of [
      ['whole', '90'],
      ['broken', '40'],
    ] as const)
      expect((await place.run('train', ...ground, '--steps', steps, '--out', place.path(name))).status).toBe(0)
    const resume = ['train', '--resume', '--out', place.path('broken')]
    expect((await place.run(...resume, '--steps', '60')).status).toBe(0)
    truncateSync(policy('broken'), 100)
    const { status, stderr } = await place.run(...resume, '--previous', '--steps', '90')
    expect(stderr).toContain('from the generation before the newest, of step 40: what came after is decided again')
    expect(status).toBe(0)
    const withoutDate = (text: string): string => text.replace(/"createdAt":"[^"]*"/, '')
    expect(withoutDate(trace('broken'))).toBe(withoutDate(trace('whole')))
  })

  it('and gone is not begun anew', async () => {
    const out = place.path('gone')
    await place.train(out)
    expect((await place.run('train', '--resume', '--steps', '50', '--out', out)).status).toBe(0)
    rmSync(policy('gone'))
    const { status, stderr } = await place.run('train', '--resume', '--steps', '60', '--out', out)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/policy\.json is missing; the previous generation is intact/)
  })
})

describe('--previous', () => {
  it('is refused where there is nothing to go on with', async () => {
    const out = place.path('single')
    await place.train(out)
    expect((await place.run('train', '--previous', '--out', place.path('new'))).stderr).toMatch(/--previous .*--resume beside it \[ERR_USAGE\]/)
    for (const args of [
      ['deploy', out],
      ['train', '--resume', '--out', out],
    ])
      expect((await place.run(...args, '--previous')).stderr).toMatch(/no generation was kept before the newest.*\[ERR_RUN_MISSING\]/)
  })
})
