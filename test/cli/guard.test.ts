import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { type HotBoard, makeHotBoard } from '../support/guarded.ts'
import { untouchedKHz } from '../support/two-policy-board.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())
const cpus = getAffinity(0)

function hotBoard(): HotBoard {
  const board = makeHotBoard(cpus[0] as number, cpus[1] as number)
  onTestFinished(() => board.remove())
  return board
}

const settingsOf = (run: string) => JSON.parse(readFileSync(`${run}/run.json`, 'utf8')) as { env: { guard: unknown } }
const entriesOf = (trace: string) => [...openTrace(trace).entries()]

describe.runIf(cpus.length > 1)('the guard above a run', () => {
  it('keeps every agent from a hot board, says so once a change, and the log is reproduced exactly', async () => {
    const board = hotBoard()
    const out = place.path('hot')
    const run = place.start(
      ...['train', '--root', board.root, '--network', place.network, '--agent', 'bayes', '--rate', '100'],
      '--steps',
      '1000000',
      '--out',
      out,
      '--json',
    )
    const linesOf = (): number => {
      try {
        return readFileSync(`${out}/trace.jsonl`, 'utf8').split('\n').length
      } catch {
        return 0
      }
    }
    await waitFor('thirty decisions', () => linesOf() > 30)
    board.setTemp(90)
    const then = linesOf()
    await waitFor('fifty more', () => linesOf() > then + 50)
    run.child.kill('SIGINT')
    const { stdout, stderr } = await run.ended
    expect(stderr).toMatch(/decision \d+: guard took \d+ points away, only subnet=25 cluster=little .* left: cpu-thermal at 90 degC, limit 80 degC/)
    const result = JSON.parse(stdout) as { guarded: { cause: string; points: number }[] }
    expect(result.guarded.at(-1)).toMatchObject({ cause: 'heat', sensor: 'cpu-thermal', tempC: 90, limitC: 80, points: 1 })
    const entries = entriesOf(`${out}/trace.jsonl`)
    const at = entries.findIndex(({ kind }) => kind === 'guard')
    const after = entries.slice(at + 1).filter((entry) => entry.kind === 'decision')
    expect(after.length).toBeGreaterThan(10)
    for (const { mask, executedAction } of after) {
      expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(1)
      expect(mask[executedAction]).toBe(1)
    }
    expect(board.limits()).toEqual(untouchedKHz)
    expect(settingsOf(out).env.guard).toEqual({ marginC: 5 })
    const replayed = await place.run('replay', out, '--json')
    expect((JSON.parse(replayed.stdout) as { execution: object }).execution).toMatchObject({ exact: true })
    const shown = await place.run('trace', 'show', out, '--json')
    expect((JSON.parse(shown.stdout) as { guarded: number }).guarded).toBe(result.guarded.length)
  })

  it('keeps what was asked for the deployment, which may ask otherwise', async () => {
    const board = hotBoard()
    const out = place.path('asked')
    const asked = ['--guard-margin', '10C', '--power-cap', '5W', '--min-frequency', 'big=1GHz', '--max-changes', '20/s']
    const trained = await place.run(
      'train',
      '--root',
      board.root,
      '--network',
      place.network,
      '--rate',
      '200',
      '--steps',
      '20',
      ...asked,
      '--out',
      out,
    )
    expect(trained.status, trained.stderr).toBe(0)
    expect(trained.stderr).toMatch(/\d+ of \d+ points were not profiled: the guard does not allow them/)
    expect(settingsOf(out).env.guard).toEqual({ marginC: 10, powerCapW: 5, minFrequencyHz: { big: 1e9 }, maxChanges: 20 })
    board.setTemp(80)
    const deployed = await place.run('deploy', out, '--steps', '20', '--json')
    expect(deployed.status, deployed.stderr).toBe(0)
    expect((JSON.parse(deployed.stdout) as { guarded: object[] }).guarded[0]).toMatchObject({ cause: 'heat', limitC: 75 })
    const off = await place.run('deploy', out, '--steps', '20', '--guard-margin', 'off', '--power-cap', 'off', '--json')
    expect((JSON.parse(off.stdout) as { guarded: object[] }).guarded).toEqual([])
    for (const entry of entriesOf(`${out}/trace.jsonl`)) if (entry.kind === 'decision') expect(entry.mask.includes(0)).toBe(true)
  })
})

describe('options of the guard', () => {
  const record = (...args: string[]) =>
    place.run('record', '--env', 'sim:odroid-xu4@steady', '--steps', '200', '--out', place.path(`r${args.join('')}`), ...args)

  it.each([
    [['--guard-margin', '5'], 'ERR_UNIT', "'5' is no difference of temperatures"],
    [['--guard-margin', '90C'], 'ERR_RANGE', 'more than 60C'],
    [['--power-cap', '5'], 'ERR_UNIT', '--power-cap'],
    [['--power-cap', '0W'], 'ERR_RANGE', '--power-cap'],
    [['--max-changes', '10'], 'ERR_RANGE', 'expected e.g. 10/s'],
    [['--max-changes', '0/s'], 'ERR_RANGE', '--max-changes'],
    [['--min-frequency', 'fast'], 'ERR_UNIT', '--min-frequency'],
    [['--min-frequency', 'a99=1GHz'], 'ERR_RANGE', 'expected a7, a15'],
    [['--min-frequency', '9GHz'], 'ERR_RANGE', 'no operating point is that fast'],
  ] as const)('%j is %s', async (args, code, words) => {
    const { status, stderr } = await record(...args)
    expect(status).toBe(2)
    expect(stderr).toContain(code)
    expect(stderr).toContain(words)
  })

  it('are tried on a simulated board', async () => {
    const { status, stdout, stderr } = await record('--power-cap', '300mW', '--guard-margin', '5C', '--json')
    expect(status, stderr).toBe(0)
    expect((JSON.parse(stdout) as { guarded: object[] }).guarded[0]).toMatchObject({
      cause: 'power',
      sensor: 'rail of sim:odroid-xu4@steady',
      limitW: 0.3,
    })
    expect(stderr).toContain('cap 300 mW')
  })

  it('are tried by an agent that learns on a simulated board, which leaves a policy to replay', async () => {
    const out = place.path('sim-run')
    const asked = ['--guard-margin', '5C', '--power-cap', '200mW', '--max-changes', '2/s']
    const { status, stdout, stderr } = await place.run(
      'train',
      '--env',
      'sim:odroid-xu4@hot-ambient',
      '--agent',
      'bayes',
      '--steps',
      '300',
      ...asked,
      '--out',
      out,
      '--json',
    )
    expect(status, stderr).toBe(0)
    const { guarded } = JSON.parse(stdout) as { guarded: { cause: string }[] }
    expect(new Set(guarded.map(({ cause }) => cause))).toContain('power')
    const replayed = await place.run('replay', out, '--json')
    expect((JSON.parse(replayed.stdout) as { execution: object }).execution).toMatchObject({ exact: true, decisions: 300, overridden: 0 })
    const table = await place.run('profile', '--env', 'sim:odroid-xu4', '--min-frequency', 'a15=1GHz', '--out', place.path('guarded-table'), '--json')
    expect(table.status, table.stderr).toBe(0)
    const { notes, points } = JSON.parse(table.stdout) as { notes: string[]; points: number }
    expect(points).toBeLessThan(192)
    expect(notes).toContainEqual(expect.stringMatching(/could not be measured and are left out$/))
  })

  it('cannot be kept where nothing is known, and say so', async () => {
    const board = ['train', '--network', place.network, '--steps', '5']
    const frequency = await place.run(
      ...board,
      '--rate',
      '400',
      '--clusters',
      `${cpus[0]}`,
      '--min-frequency',
      '1GHz',
      '--out',
      place.path('virtual'),
    )
    expect(frequency.status, frequency.stderr).toBe(0)
    expect(frequency.stderr).toContain('least frequency: no clock of this board is held by flyball, so none falls below it')
  })
})
