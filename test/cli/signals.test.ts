import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { filesIn, makeWorkplace, type Started, type Workplace } from '../support/cli.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard, untouchedKHz } from '../support/two-policy-board.ts'
import { childrenOf, isRunning, waitFor } from '../support/wait-for.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const cpus = getAffinity(0)
const nobody = 65534
const endless = ['--steps', '1000000']
const start = (out: string, ...args: string[]): Started =>
  place.start('train', '--network', place.network, '--deadline', '2x', '--seed', '3', ...endless, '--out', out, ...args)

const decisionsOf = (trace: string): number[] => [...openTrace(trace).entries()].flatMap((entry) => (entry.kind === 'decision' ? [entry.step] : []))
const lineCount = (trace: string): number => (existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').length : 0)
const learning = (out: string, lines = 30) => waitFor(`${lines} decisions in ${out}`, () => lineCount(`${out}/trace.jsonl`) > lines)

async function expectExact(run: string): Promise<number> {
  const { status, stdout, stderr } = await place.run('replay', run, '--json')
  if (stdout === '') throw new Error(stderr)
  const { execution } = JSON.parse(stdout) as { execution: { exact: boolean; decisions: number } }
  expect(execution).toMatchObject({ exact: true })
  expect(status).toBe(0)
  return execution.decisions
}

function makeBoard(): TwoPolicyBoard {
  const board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
  onTestFinished(() => board.remove())
  return board
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s in the middle of a run', (signal) => {
  it('ends it after the decision at hand: everything saved, everybody ended, and it goes on exactly', async () => {
    const out = place.path(signal)
    const run = start(out, '--rate', '100', '--virtual', 'none', '--interfere', 'cpu:2@0.1', '--json')
    await learning(out)
    const children = childrenOf(run.child.pid)
    expect(children).toHaveLength(2)
    run.child.kill(signal)
    const { status, stdout, stderr } = await run.ended
    expect(status).toBe(130)
    const result = JSON.parse(stdout) as { steps: number; stopped: string }
    expect(result.stopped).toBe(signal)
    expect(stderr).toContain(`ended by ${signal}; go on with --resume`)
    const steps = decisionsOf(`${out}/trace.jsonl`)
    expect(steps).toEqual(Array.from({ length: result.steps }, (_, k) => k))
    expect([...openTrace(`${out}/trace.jsonl`).entries()].at(-1)).toMatchObject({ kind: 'segmentEnd', step: result.steps })
    expect(readCheckpoint(`${out}/checkpoint`).step).toBe(result.steps)
    await waitFor('co-runners to end', () => children.every((pid) => !isRunning(pid)))
    expect(await expectExact(out)).toBe(result.steps)
    const more = result.steps + 20
    const { status: resumed } = await place.run('train', '--network', place.network, '--steps', `${more}`, '--resume', '--out', out)
    expect(resumed).toBe(0)
    expect(await expectExact(out)).toBe(more)
  })
})

describe('a signal while profiling', () => {
  it('leaves nothing behind', async () => {
    const out = place.path('profiling')
    const run = start(out, '--rate', '30')
    await waitFor('the profile', () => run.stderr().includes('profiling'))
    run.child.kill('SIGINT')
    const { status, stdout, stderr } = await run.ended
    expect(status).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/flyball: interrupted while profiling.*\[ERR_INTERRUPTED\]\n$/)
    expect(filesIn(out)).toEqual([])
  })
})

describe('a run that holds clocks', () => {
  it('puts them back at its end and on a signal', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    await place.train(place.path('clocks'), '--root', board.root, '--steps', '30')
    expect(board.limits()).toEqual(untouchedKHz)
    const { header } = openTrace(place.path('clocks/trace.jsonl'))
    expect(header.spaces.knobs.map(({ name }) => name)).toEqual(['subnet', 'cluster', 'cores', 'little.freqHz', 'big.freqHz'])
    const run = start(place.path('clocks-signal'), '--root', board.root, '--rate', '200')
    await learning(place.path('clocks-signal'))
    expect(board.limits()).not.toEqual(untouchedKHz)
    run.child.kill('SIGTERM')
    expect(await run.ended).toMatchObject({ status: 130 })
    expect(board.limits()).toEqual(untouchedKHz)
    expect(existsSync(place.stateDir) ? readdirSync(place.stateDir) : []).toEqual([])
  })

  it('puts them back on a second signal, which waits for nothing', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('impatient')
    await place.train(out, '--root', board.root, '--steps', '20')
    // Requests so rare that the first signal alone would have to wait.
    const run = place.start('deploy', out, '--rate', '0.5', '--interfere', 'cpu:1@0.1')
    const trace = `${out}/deploy-1/trace.jsonl`
    await waitFor('a decision', () => lineCount(trace) > 2)
    const children = childrenOf(run.child.pid)
    // The co-runner and the watchdog.
    expect(children).toHaveLength(2)
    expect(board.limits()).not.toEqual(untouchedKHz)
    run.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 100))
    run.child.kill('SIGTERM')
    expect(await run.ended).toMatchObject({ status: 130 })
    expect(board.limits()).toEqual(untouchedKHz)
    expect(readdirSync(place.stateDir)).toEqual([])
    await waitFor('co-runner and watchdog to end', () => children.every((pid) => !isRunning(pid)))
    expect(await expectExact(trace)).toBeGreaterThan(0)
  })

  it('leaves them to flyball restore after kill -9, and goes on exactly', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('killed')
    const trace = `${out}/trace.jsonl`
    const run = start(out, '--root', board.root, '--rate', 'back-to-back', '--interfere', 'cpu:1@0.2', '--set', 'gamma=0.5', '--watchdog', 'off')
    // Past the first checkpoint, so that the trace knows more than it.
    await waitFor('a checkpoint', () => existsSync(`${out}/checkpoint/policy.json`))
    await learning(out, 300)
    const children = childrenOf(run.child.pid)
    run.child.kill('SIGKILL')
    expect(await run.ended).toMatchObject({ status: null, signal: 'SIGKILL' })
    await waitFor('co-runners to end', () => children.every((pid) => !isRunning(pid)))

    expect(board.limits()).not.toEqual(untouchedKHz)
    // Whatever is started next says so, and leaves standard output alone.
    const next = await place.run('boards', '--json')
    expect(next.stderr).toBe('flyball: a run was killed and kernel knobs are as it left them; run: flyball restore\n')
    expect(() => JSON.parse(next.stdout)).not.toThrow()
    const dry = await place.run('restore', '--dry-run', '--json')
    expect(dry.status).toBe(0)
    expect(board.limits()).not.toEqual(untouchedKHz)
    const { status, stdout } = await place.run('restore', '--json')
    expect(status).toBe(0)
    const { entries } = JSON.parse(stdout) as { entries: { path: string; result: string }[] }
    expect(entries).toHaveLength(4)
    for (const { path, result } of entries) {
      expect(path).toMatch(/scaling_(min|max)_freq$/)
      expect(result).toMatch(/^(restored|already)$/)
    }
    expect(board.limits()).toEqual(untouchedKHz)
    expect(await place.run('restore')).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to restore') })

    const steps = decisionsOf(trace)
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, k) => k))
    const checkpoint = readCheckpoint(`${out}/checkpoint`)
    expect(checkpoint.step).toBeGreaterThan(0)
    expect(checkpoint.step).toBeLessThanOrEqual(steps.length)
    const more = steps.length + 30
    const resumed = await place.run('train', '--network', place.network, '--steps', `${more}`, '--resume', '--out', out)
    expect(resumed.stderr).not.toContain('ERR_')
    expect(resumed.status).toBe(0)
    expect(await expectExact(out)).toBe(more)
    expect(board.limits()).toEqual(untouchedKHz)
  })

  it('is put back by its watchdog when it is killed, at once, and when it is stuck, which its status says', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const killed = start(place.path('watched'), '--root', board.root, '--rate', 'back-to-back')
    await learning(place.path('watched'))
    killed.child.kill('SIGKILL')
    expect((await killed.ended).stderr).toContain(`process ${killed.child.pid} was killed: 4 kernel knobs are as they were`)
    expect(board.limits()).toEqual(untouchedKHz)
    expect(readdirSync(place.stateDir)).toEqual([])

    const stuck = start(place.path('stuck'), '--root', board.root, '--rate', 'back-to-back', '--watchdog', '4s')
    await learning(place.path('stuck'))
    stuck.child.kill('SIGSTOP')
    const { status, stderr } = await stuck.ended
    expect(status).toBe(14)
    expect(stderr).toContain('[ERR_STUCK]')
    expect(board.limits()).toEqual(untouchedKHz)
    expect(decisionsOf(`${place.path('stuck')}/trace.jsonl`).length).toBeGreaterThan(20)
  })

  it('is put back by the next run, too', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const run = start(place.path('dead'), '--root', board.root, '--rate', 'back-to-back', '--watchdog', 'off')
    await learning(place.path('dead'))
    run.child.kill('SIGKILL')
    await run.ended
    expect(board.limits()).not.toEqual(untouchedKHz)
    await place.train(place.path('next'), '--root', board.root, '--steps', '10')
    expect(board.limits()).toEqual(untouchedKHz)
    expect(readdirSync(place.stateDir)).toEqual([])
  })

  it('leaves them where --restore never says so, deploy as in training, until flyball restore', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const out = place.path('kept')
    await place.train(out, '--root', board.root, '--steps', '20', '--restore', 'never')
    expect(JSON.parse(readFileSync(`${out}/run.json`, 'utf8')).env.restore).toBe('never')
    expect(board.limits()).not.toEqual(untouchedKHz)
    const deployed = await place.run('deploy', out, '--steps', '5')
    expect(deployed.stderr).not.toContain('flyball restore')
    expect(readdirSync(place.stateDir)).toHaveLength(2)
    const restored = await place.run('restore')
    expect(restored.stdout).not.toContain('left alone')
    expect(restored.status).toBe(0)
    expect(board.limits()).toEqual(untouchedKHz)
    expect(readdirSync(place.stateDir)).toEqual([])
  })

  it('lets no second run govern the same board', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const first = start(place.path('one'), '--root', board.root, '--rate', '100')
    await learning(place.path('one'), 5)
    const second = await place.run('train', '--network', place.network, '--root', board.root, '--steps', '5', '--out', place.path('two'))
    expect(second.status).toBe(4)
    expect(second.stderr).toMatch(new RegExp(`process ${first.child.pid} .*\\[ERR_JOURNAL\\]\\n$`))
    expect(filesIn(place.path('two'))).toEqual([])
    const refused = await place.run('restore')
    expect(refused.status).toBe(4)
    expect(refused.stderr).toContain('[ERR_JOURNAL]')
    first.child.kill('SIGINT')
    expect(await first.ended).toMatchObject({ status: 130 })
    expect(board.limits()).toEqual(untouchedKHz)
  })
})

describe('a run without permission for the clocks', () => {
  it('governs what it may', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('changing users needs root')
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeBoard()
    const dir = place.path('of-nobody')
    mkdirSync(dir)
    chownSync(dir, nobody, nobody)
    chmodSync(place.dir, 0o755)
    const args = ['--network', place.network, '--root', board.root, '--rate', 'back-to-back', '--steps', '20', '--out', `${dir}/run`]
    const { status, stderr } = await place.startAs(nobody, 'train', ...args).ended
    expect(stderr).not.toContain('ERR_')
    expect(status).toBe(0)
    const { header } = openTrace(`${dir}/run/trace.jsonl`)
    expect(header.spaces.knobs.map(({ name }) => name)).toEqual(['subnet', 'cluster', 'cores'])
    expect(board.limits()).toEqual(untouchedKHz)
    // What is missing is said once.
    expect(stderr.match(/permission/g)).toHaveLength(1)
  })
})
