import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { filesIn, makeWorkplace, type Workplace } from '../support/cli.ts'

const cpus = getAffinity(0)
let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const decisionsOf = (trace: string): Extract<TraceEntry, { kind: 'decision' }>[] =>
  [...openTrace(trace).entries()].filter((entry) => entry.kind === 'decision')
const stepsTo = (n: number): number[] => Array.from({ length: n }, (_, step) => step)

/** Is every decision of the run reproduced? */
async function expectExact(run: string, decisions: number): Promise<void> {
  const { status, stdout } = await place.run('replay', run, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ execution: { decisions, reproduced: decisions, exact: true }, torn: null })
  expect(status).toBe(0)
}

const percentiles = { p50: expect.any(Number), p95: null, p99: null, n: expect.any(Number) }
const maybePercentiles = expect.objectContaining({ n: expect.any(Number), p95: null, p99: null })
const phases = Object.fromEntries(['ahead', 'sense', 'act', 'learn', 'apply', 'total'].map((phase) => [phase, maybePercentiles]))

describe('flyball train', () => {
  it('leaves run.json, checkpoint, trace and summary, and prints one document', async () => {
    const out = place.path('first')
    const { stdout, stderr } = await place.train(out, '--json')
    const summary = JSON.parse(stdout) as Record<string, unknown>
    expect(summary).toMatchObject({
      steps: 40,
      cost: expect.any(Number),
      reward: expect.any(Number),
      latencyS: { ...percentiles, n: 40 },
      energyJ: expect.any(Number),
      energyQuality: expect.stringMatching(/^(measured|estimated)$/),
      energyScope: expect.stringMatching(/^(rail|board|cpuTime)$/),
      accuracy: expect.any(Number),
      missRatio: expect.any(Number),
      overheadS: { unchanged: phases, changed: phases },
      checkpoint: place.path('first/checkpoint/policy.json'),
      trace: place.path('first/trace.jsonl'),
      stopped: null,
    })
    expect(summary['reward']).toBe(-(summary['cost'] as number))
    expect(summary).toMatchObject(JSON.parse(readFileSync(place.path('first/summary.json'), 'utf8')) as object)
    expect(filesIn(out).sort()).toEqual(
      ['checkpoint/policy.json', 'run.json', 'summary.json', 'timeline.svg', 'trace.jsonl'].map((file) => place.path(`first/${file}`)).sort(),
    )
    // Not a terminal: plain lines, nothing redrawn.
    expect(stderr).toMatch(/^learning 40\/40 mean cost/m)
    expect(stderr).not.toContain('\r')

    const checkpoint = readCheckpoint(place.path('first/checkpoint'))
    expect(checkpoint).toMatchObject({ step: 40, seed: 3, agent: { name: 'q-learning' }, trace: { file: 'trace.jsonl', records: 40 } })
    const { header } = openTrace(place.path('first/trace.jsonl'))
    expect(header).toMatchObject({ seed: 3, startStep: 0, agent: { name: 'q-learning', frozen: false, initial: null }, network: { name: 'small-1' } })
    expect(decisionsOf(place.path('first/trace.jsonl')).map(({ step }) => step)).toEqual(stepsTo(40))
    await expectExact(out, 40)
  })

  it('prints a screen for people without --json', async () => {
    const { stdout } = await place.train(place.path('people'), '--virtual', 'none', '--agent', 'linucb')
    expect(stdout).toMatch(/^linucb: 40 decisions$/m)
    expect(stdout).toMatch(/^cost +\d/m)
    expect(stdout).toContain(place.path('people/trace.jsonl'))
    await expectExact(place.path('people'), 40)
  })

  it('refuses a folder that holds a run, and starts over by force', async () => {
    const out = place.path('twice')
    await place.train(out)
    const before = readFileSync(place.path('twice/trace.jsonl'), 'utf8')
    const again = await place.run('train', '--network', place.network, '--out', out, '--json')
    expect(again.status).toBe(2)
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'ERR_OUT_EXISTS', exitCode: 2 } })
    expect(readFileSync(place.path('twice/trace.jsonl'), 'utf8')).toBe(before)
    await place.train(out, '--force', '--steps', '20')
    await expectExact(out, 20)
  })

  it.each(['q-learning', 'linucb', 'alert'])('%s goes on where it stopped: steps add up, and all of it is reproduced', async (agent) => {
    const out = place.path(`resumed-${agent}`)
    await place.train(out, '--agent', agent, '--steps', '25')
    const { stdout } = await place.train(out, '--agent', agent, '--steps', '60', '--resume', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ steps: 35, stopped: null })
    expect(decisionsOf(`${out}/trace.jsonl`).map(({ step }) => step)).toEqual(stepsTo(60))
    expect(readCheckpoint(`${out}/checkpoint`).step).toBe(60)
    expect(existsSync(`${out}/checkpoint/previous/policy.json`)).toBe(true)
    await expectExact(out, 60)
    // Nothing is left to do.
    const none = await place.train(out, '--agent', agent, '--steps', '60', '--resume', '--json')
    expect(none.stderr).not.toContain('relived')
    expect(decisionsOf(`${out}/trace.jsonl`)).toHaveLength(60)
  })

  it('goes on exactly after a crash right after a checkpoint, in the middle of a record, and long before the next checkpoint', async () => {
    const gamma = ['--set', 'gamma=0.5']
    const out = place.path('crashed')
    const trace = `${out}/trace.jsonl`
    await place.train(out, '--steps', '30', ...gamma)
    // Right after a checkpoint: the trace has no orderly end.
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n')
    expect(lines.at(-1)).toContain('segmentEnd')
    writeFileSync(trace, `${lines.slice(0, -1).join('\n')}\n`)
    await place.train(out, '--steps', '40', '--resume', ...gamma)
    await expectExact(out, 40)

    // The checkpoint of step 40 with a trace that goes on to 55 and is torn there.
    const checkpoint = readFileSync(`${out}/checkpoint/policy.json`)
    await place.train(out, '--steps', '56', '--resume', ...gamma)
    const longer = readFileSync(trace, 'utf8').trimEnd().split('\n')
    const torn = `${longer.slice(0, -2).join('\n')}\n${(longer.at(-2) as string).slice(0, 50)}`
    writeFileSync(trace, torn)
    writeFileSync(`${out}/checkpoint/policy.json`, checkpoint)
    const { stderr } = await place.train(out, '--steps', '70', '--resume', ...gamma)
    expect(stderr).toContain('was cut off by a crash and dropped')
    expect(stderr).toContain('relived 15 decisions')
    expect(decisionsOf(trace).map(({ step }) => step)).toEqual(stepsTo(70))
    await expectExact(out, 70)
  })

  it('goes on without any checkpoint from the trace alone', async () => {
    const out = place.path('no-checkpoint')
    await place.train(out, '--steps', '20')
    rmSync(`${out}/checkpoint`, { recursive: true })
    const { stderr } = await place.train(out, '--steps', '30', '--resume')
    expect(stderr).toContain('relived 20 decisions')
    await expectExact(out, 30)
  })

  it('governs clusters of its own beside a co-runner, and keeps hyperparameters and weights', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const out = place.path('split')
    const split = [
      '--clusters',
      `${cpus[0]},${cpus[1]}`,
      '--interfere',
      'cpu:1@0.5,on=100ms,off=100ms,move',
      '--weights',
      'latency=2,accuracy=1',
      '--set',
      'epsilon=0.5',
    ]
    await place.train(out, ...split, '--steps', '60')
    const { header } = openTrace(`${out}/trace.jsonl`)
    expect(header.spaces.knobs.map(({ name }) => name)).toEqual(['subnet', 'cluster', 'cores', 'c0.speed', 'c1.speed'])
    expect(header.objective.weights).toEqual({ latency: 2, energy: 0, accuracy: 1, confidence: 0 })
    expect(header.agent.options).toEqual({ epsilon: 0.5 })
    expect(header.requirements.deadlineS).toBeCloseTo(2 * header.objective.reference.latencyS, 5)
    const clusters = new Set(decisionsOf(`${out}/trace.jsonl`).map(({ action }) => header.spaces.points[action]?.['cluster']))
    expect(clusters).toEqual(new Set(['c0', 'c1']))
    await expectExact(out, 60)
  })

  const shipped = fileURLToPath(new URL('../../checkpoints/networks/cifar10-g4/manifest.json', import.meta.url))
  it('governs the shipped network unless told otherwise', async ({ skip }) => {
    if (!existsSync(shipped)) skip('no network is shipped yet')
    const out = place.path('shipped')
    const { status, stdout, stderr } = await place.run(
      'train',
      '--virtual',
      'none',
      '--rate',
      'back-to-back',
      '--steps',
      '30',
      '--out',
      out,
      '--json',
    )
    expect(stderr).not.toContain('ERR_')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ steps: 30 })
    expect(openTrace(`${out}/trace.jsonl`).header.network?.name).toBe('cifar10-g4')
    await expectExact(out, 30)
  })
})
