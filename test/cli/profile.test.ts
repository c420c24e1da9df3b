import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readShipped } from '../../src/board/known/shipped.ts'
import { findTable } from '../../src/table/find.ts'
import { readTable } from '../../src/table/read.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const profile = (...args: string[]) => place.run('profile', '--network', place.network, '--rate', 'back-to-back', '--rounds', '1', ...args)

describe('flyball profile', () => {
  it('leaves a table, and prints one document', async () => {
    const { status, stdout, stderr } = await profile('--out', 'tables/mine.json', '--json')
    expect(stderr).toContain('profiling')
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as Record<string, unknown>
    const table = readTable(findTable('mine', [place.path('tables')]))
    expect(readdirSync(place.path('tables')).sort()).toEqual(['mine.csv', 'mine.json'])
    expect(result).toMatchObject({ name: 'mine', points: table.points.length, samples: 3, accuracyQuality: expect.any(String) })
    const pareto = result['pareto'] as { latencyS: number; energyJ: number | null; accuracy: number }[]
    expect(pareto.length).toBeGreaterThan(0)
    expect(pareto[0]?.latencyS).toBe(Math.min(...table.latencyS))
    expect(table.notes).toEqual([])
  })

  it('says what is measured and what is estimated', async () => {
    const { status, stdout } = await profile('--out', 'said', '--virtual', 'pacing')
    expect(status).toBe(0)
    expect(stdout).toMatch(/latency is measured, energy is (measured|estimated) \((rail|board|cpuTime)\)/)
    expect(stdout).toContain('virtual: energy is estimated for a board that has them')
    expect(stdout).toContain(place.path('said.csv'))
  })

  it('leaves a table to learn on, and what was learned governs the board', async () => {
    const run = place.path('offline')
    expect((await profile('--out', 'own.json')).status).toBe(0)
    const learn = (...args: string[]) => place.run('train', '--out', run, '--steps', '1500', ...args, '--json')
    const learned = await learn('--env', 'table:own@corunner-bursts', '--tables', '.', '--noise', '3%', '--deadline', '1.5x')
    expect(learned.status).toBe(0)
    expect(JSON.parse(learned.stdout)).toMatchObject({ agent: 'q-learning', steps: 1500, stopped: null })
    expect(JSON.parse(readFileSync(`${run}/run.json`, 'utf8'))).toMatchObject({
      env: { name: 'board', rate: 'back-to-back' },
      network: place.network,
      learnedOn: { scenario: 'corunner-bursts', noiseRatio: 0.03 },
    })
    const replayed = await place.run('replay', run, '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ execution: { decisions: 1500, exact: true } })
    const deployed = await place.run('deploy', run, '--steps', '20', '--json')
    expect(deployed.status).toBe(0)
    expect(JSON.parse(deployed.stdout)).toMatchObject({ agent: 'q-learning', steps: 20 })
    const resumed = await place.run('train', '--out', run, '--steps', '1700', '--resume', '--json')
    expect(JSON.parse(resumed.stdout)).toMatchObject({ agent: 'q-learning', steps: 200 })
    const whole = await place.run('replay', run, '--json')
    expect(JSON.parse(whole.stdout)).toMatchObject({ execution: { decisions: 1700, exact: true } })
    const other = await place.run('train', '--out', run, '--resume', '--agent', 'linucb', '--json')
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'ERR_USAGE' } })
  })

  it('learning on a table ends by a signal, with everything saved', async () => {
    const run = place.path('stopped')
    const started = place.start('train', '--env', 'table:own', '--steps', '100000000', '--out', run, '--json')
    await expect.poll(() => started.stderr(), { timeout: 20_000 }).toContain('learning')
    process.kill(started.child.pid, 'SIGINT')
    const { status, stdout } = await started.ended
    expect(status).toBe(130)
    const { steps, stopped } = JSON.parse(stdout) as { steps: number; stopped: string }
    expect(stopped).toBe('SIGINT')
    const replayed = await place.run('replay', run, '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ execution: { decisions: steps, exact: true } })
  })

  it('refuses to learn where nothing could be governed', async () => {
    writeFileSync(
      place.path('bare.json'),
      JSON.stringify({ schema: 'measured-table/1', knobs: [{ name: 'cores', values: [1] }], outcomes: ['latencyS'] }),
    )
    writeFileSync(place.path('bare.csv'), 'cores,latencyS\n1,0.01\n')
    for (const [env, code] of [
      ['table:bare', 'ERR_TABLE'],
      ['trace:runs/first', 'ERR_UNKNOWN_ENV'],
    ] as const) {
      const { stdout } = await place.run('train', '--env', env, '--out', place.path('none'), '--json')
      expect(JSON.parse(stdout)).toMatchObject({ error: { code } })
    }
    expect(readdirSync(place.dir)).not.toContain('none')
  })

  it('what was learned in a simulation goes on there, and governs no board', async () => {
    const run = place.path('simulated')
    const env = ['--env', 'sim:raspberry-pi-4@corunner-bursts', '--agent', 'bayes']
    const learned = await place.run('train', ...env, '--steps', '60', '--out', run, '--json')
    expect(JSON.parse(learned.stdout)).toMatchObject({ agent: 'bayes', steps: 60 })
    const resumed = await place.run('train', '--resume', '--steps', '90', '--out', run, '--json')
    expect(JSON.parse(resumed.stdout)).toMatchObject({ agent: 'bayes', steps: 30 })
    const replayed = await place.run('replay', run, '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ execution: { decisions: 90, exact: true } })
    const deployed = await place.run('deploy', run, '--json')
    expect(JSON.parse(deployed.stdout)).toMatchObject({ error: { code: 'ERR_USAGE', message: expect.stringContaining('--transfer') } })
    // A world that answers otherwise than it did is none to go on in.
    const [header, first, ...rest] = readFileSync(`${run}/trace.jsonl`, 'utf8').split('\n')
    const other = (first as string).replace(/"latencyS":(\d)/, (_, digit) => `"latencyS":${(Number(digit) + 1) % 10}`)
    expect(other).not.toBe(first)
    writeFileSync(`${run}/trace.jsonl`, [header, other, ...rest].join('\n'))
    const changed = await place.run('train', '--resume', '--steps', '95', '--out', run, '--json')
    expect(JSON.parse(changed.stdout)).toMatchObject({ error: { code: 'ERR_TRACE_MISMATCH' } })
  })

  it('takes a simulated board as well', async () => {
    const { status, stdout } = await profile('--env', 'sim:rk3588', '--out', 'sim.json')
    expect(status).toBe(0)
    expect(stdout).toContain('latency is estimated, energy is estimated')
    expect(readTable(findTable('sim', [place.dir])).device).toContain('simulated: rk3588, nominal plant')
  })

  it('takes a simulated board of a file, by its path or by its id', async () => {
    writeFileSync(place.path('own-board.json'), JSON.stringify({ ...readShipped('rk3588'), id: 'mine' }))
    for (const env of [['sim:mine', '--board', 'own-board.json'], ['sim:own-board.json']]) {
      expect((await profile('--env', ...env, '--out', 'own.json', '--force')).status).toBe(0)
      expect(readTable(findTable('own', [place.dir])).device).toContain('simulated: mine, nominal plant; board of own-board.json')
    }
  })

  it('writes over nothing unless it is told to', async () => {
    writeFileSync(place.path('taken.csv'), 'mine')
    const refused = await profile('--out', 'taken.json', '--json')
    expect(refused.status).toBe(2)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'ERR_OUT_EXISTS' } })
    expect(readFileSync(place.path('taken.csv'), 'utf8')).toBe('mine')
    expect((await profile('--out', 'taken.json', '--force')).status).toBe(0)
    expect(readTable(findTable('taken', [place.dir])).name).toBe('taken')
  })

  it('ended by a signal leaves nothing', async () => {
    const started = place.start('profile', '--network', place.network, '--rate', '50', '--rounds', '50', '--out', 'ended.json')
    await expect.poll(() => started.stderr(), { timeout: 20_000 }).toContain('profiling')
    process.kill(started.child.pid, 'SIGINT')
    const { status, stderr } = await started.ended
    expect(status).toBe(130)
    expect(stderr).toContain('ERR_INTERRUPTED')
    expect(readdirSync(place.dir).filter((name) => name.startsWith('ended'))).toEqual([])
  })

  it.each([
    [['--out', 'x', '--env', 'table:x'], 'ERR_UNKNOWN_ENV'],
    [['--out', 'x', '--env', 'sim:nothing'], 'ERR_UNKNOWN_BOARD'],
    [['--out', 'x', '--interfere', 'cpu:1@0.5'], 'ERR_USAGE'],
    [['--out', 'x', '--rounds', '0'], 'ERR_RANGE'],
    [['--out', 'tables/'], 'ERR_USAGE'],
    [[], 'ERR_USAGE'],
    [['--out', '/proc/none/x'], 'ERR_OUT_NOT_WRITABLE'],
  ])('refuses %o: %s', async (args, code) => {
    const { status, stdout } = await place.run('profile', '--network', place.network, ...args, '--json')
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } })
  })
})
