import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard, untouchedKHz } from '../support/two-policy-board.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const cpus = getAffinity(0)
const [little, big] = [cpus[0] as number, cpus[1] as number]

function makeBoard(): TwoPolicyBoard {
  const board = makeTwoPolicyBoard(little, big)
  onTestFinished(() => board.remove())
  return board
}

const lineCount = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0)
/** As a daemon would, of both clusters: whichever is in use. */
const lower = (board: TwoPolicyBoard, ...kHz: [number, number]): void =>
  [little, big].forEach((cpu, i) => {
    writeFileSync(join(board.root, `sys/devices/system/cpu/cpufreq/policy${cpu}/scaling_max_freq`), `${kHz[i]}\n`)
  })

describe('a clock that somebody else sets during a run', () => {
  it('is left to them, said on the terminal, in the trace and in the result, and named at the end', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('yields')
    const run = place.start('train', '--network', place.network, '--root', board.root, '--rate', '100', '--steps', '1000000', '--out', out, '--json')
    await waitFor('decisions', () => lineCount(join(out, 'trace.jsonl')) > 20)
    // No level of either cluster, so no reading of flyball's own can be taken for it.
    lower(board, 900000, 1300000)
    await waitFor('both to be noticed', () => /little\.freqHz was set/.test(run.stderr()) && /big\.freqHz was set/.test(run.stderr()))
    const seen = lineCount(join(out, 'trace.jsonl'))
    await waitFor('it to go on', () => lineCount(join(out, 'trace.jsonl')) > seen + 20)
    run.child.kill('SIGTERM')
    const { status, stdout, stderr } = await run.ended
    expect(status).toBe(130)
    expect(stderr).toMatch(/decision \d+: big\.freqHz was set .* by .*: left to it, and the rest goes on \(--force-knobs would write it again\)/)
    expect(stderr).toMatch(new RegExp(`policy${big}/scaling_max_freq is 1300000, as somebody else set it: left alone \\(it was 2000000\\)`))
    expect(board.limits()).toEqual([
      [400000, 900000],
      [600000, 1300000],
    ])
    const { knobs } = JSON.parse(stdout) as { knobs: { what: string; name: string; foundHz: { max: number }; yielded: boolean; step: number }[] }
    expect(knobs.map(({ what, name, yielded }) => `${what} ${name} ${yielded}`).toSorted()).toEqual([
      'changed big.freqHz true',
      'changed little.freqHz true',
    ])
    const entries = [...openTrace(join(out, 'trace.jsonl')).entries()]
    expect(entries.filter(({ kind }) => kind === 'knob')).toHaveLength(2)
    // From then on only points at the clock that they let: the highest level under it.
    const last = Math.max(...knobs.map(({ step }) => step))
    const { header } = openTrace(join(out, 'trace.jsonl'))
    for (const entry of entries)
      if (entry.kind === 'decision' && entry.step > last + 1) {
        const point = header.spaces.points[entry.action]
        expect([700000e3, 'free']).toContain(point?.['little.freqHz'])
        expect([1000000e3, 'free']).toContain(point?.['big.freqHz'])
      }
    const replay = await place.run('replay', out, '--json')
    expect(JSON.parse(replay.stdout)).toMatchObject({ execution: { exact: true } })
  })

  it('is written again with --force-knobs, which stands in run.json', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('insists')
    await place.train(out, '--root', board.root, '--force-knobs')
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({ env: { forceKnobs: true } })
    const run = place.start('deploy', out, '--rate', '100', '--json')
    await waitFor('decisions', () => lineCount(join(out, 'deploy-1/trace.jsonl')) > 20)
    lower(board, 900000, 1300000)
    await waitFor('it to be noticed', () => run.stderr().includes('written again, as --force-knobs asks'))
    run.child.kill('SIGTERM')
    const { stdout } = await run.ended
    const { knobs } = JSON.parse(stdout) as { knobs: { what: string; yielded: boolean }[] }
    expect(knobs[0]).toMatchObject({ what: 'changed', yielded: false })
  })

  it('is nothing to a run that only advises', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('advises')
    await place.train(out, '--root', board.root)
    expect(board.limits()).toEqual(untouchedKHz)
    lower(board, 900000, 1300000)
    const { stdout } = await place.run('deploy', out, '--advise', '--steps', '30', '--rate', 'back-to-back', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ steps: 30, knobs: [] })
    expect(board.limits()).toEqual([
      [400000, 900000],
      [600000, 1300000],
    ])
  })
})
