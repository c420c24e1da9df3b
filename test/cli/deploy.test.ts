import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { filesIn, makeWorkplace, type Workplace } from '../support/cli.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
let run: string
beforeAll(async () => {
  place = makeWorkplace()
  run = place.path('run')
  await place.train(run, '--clusters', getAffinity(0).slice(0, 2).join(), '--steps', '60', '--set', 'epsilon=0.6')
})
afterAll(() => place.remove())

const deploy = async (...args: string[]) => {
  const { status, stdout, stderr } = await place.run('deploy', run, '--json', ...args)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, unknown> & { trace: string; checkpoint: string }
}
const decisionsOf = (trace: string) => [...openTrace(trace).entries()].filter((entry) => entry.kind === 'decision')

describe('flyball deploy', () => {
  it('governs greedily, in a folder of its own, and leaves the run as it is', async () => {
    const before = ['trace.jsonl', 'run.json', 'summary.json', 'checkpoint/policy.json'].map((file) => readFileSync(`${run}/${file}`, 'utf8'))
    const result = await deploy('--steps', '30')
    expect(result).toMatchObject({
      steps: 30,
      cost: expect.any(Number),
      reward: expect.any(Number),
      latencyS: { p50: expect.any(Number), p95: null, p99: null, n: 30 },
      energyJ: expect.any(Number),
      energyQuality: expect.any(String),
      energyScope: expect.any(String),
      accuracy: expect.any(Number),
      missRatio: expect.any(Number),
      overheadS: {
        unchanged: { sense: expect.anything(), act: expect.anything(), learn: expect.anything(), apply: expect.anything() },
        changed: expect.anything(),
      },
      firstAnswerS: expect.any(Number),
      wouldChangeRatio: null,
      trace: `${run}/deploy-1/trace.jsonl`,
    })
    const { header } = openTrace(result.trace)
    expect(header).toMatchObject({ startStep: 60, agent: { name: 'q-learning', frozen: true } })
    const decisions = decisionsOf(result.trace)
    expect(decisions.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, k) => 60 + k))
    // No chance in it: the log says so.
    for (const { propensity, epsilon } of decisions) expect({ propensity, epsilon }).toEqual({ propensity: 1, epsilon: 0 })
    const after = ['trace.jsonl', 'run.json', 'summary.json', 'checkpoint/policy.json'].map((file) => readFileSync(`${run}/${file}`, 'utf8'))
    expect(after).toEqual(before)
    const replayed = await place.run('replay', result.trace, '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ execution: { decisions: 30, exact: true } })
    expect((await deploy('--steps', '5')).trace).toBe(`${run}/deploy-2/trace.jsonl`)
  })

  it('takes what is asked from training, and from the call where it says so', async () => {
    const asTrained = await deploy('--steps', '5')
    const settings = JSON.parse(readFileSync(`${run}/run.json`, 'utf8')) as { requirements: unknown }
    expect(asTrained['requirements']).toEqual(settings.requirements)
    const changed = await deploy('--steps', '5', '--deadline', '50ms', '--min-accuracy', '0.6', '--percentile', '95')
    expect(changed['requirements']).toEqual({ deadlineS: 0.05, percentile: 95, accuracyFloor: 0.6 })
  })

  it('logs nothing where that is asked, and within a bound else', async () => {
    const silent = await deploy('--steps', '5', '--no-trace')
    expect(silent).toMatchObject({ steps: 5, trace: null })
    // The spaces of this run are short: some 250 B a decision, a part of 128 KiB is full after some 500.
    const bounded = await deploy('--steps', '1500', '--max-size', '1MiB', '--rate', 'back-to-back')
    const { header, entries } = openTrace(bounded.trace)
    expect(existsSync(`${bounded.trace}.1`)).toBe(true)
    expect(header.startStep).toBe(60)
    expect([...entries()].filter(({ kind }) => kind === 'decision').map(({ step }) => step)).toEqual(Array.from({ length: 1500 }, (_, k) => 60 + k))
    expect(JSON.parse((await place.run('replay', bounded.trace, '--json')).stdout)).toMatchObject({ execution: { decisions: 1500, exact: true } })
    const refused = await place.run('deploy', run, '--steps', '5', '--max-size', '1kB')
    expect(refused.stderr).toMatch(/expected at least 1000000 B \(1MB\).*\[ERR_RANGE\]/)
    const both = await place.run('deploy', run, '--max-size', '1MB', '--no-trace')
    expect(both.stderr).toMatch(/expected one of the two.*\[ERR_USAGE\]/)
  })

  it('learns on when asked, and saves what it learned', async () => {
    const before = readCheckpoint(`${run}/checkpoint`)
    const result = await deploy('--steps', '40', '--learn')
    expect(result.checkpoint).toBe(`${run}/checkpoint/policy.json`)
    const after = readCheckpoint(`${run}/checkpoint`)
    expect(after.step).toBe(before.step + 40)
    expect(after.agent.data).not.toEqual(before.agent.data)
    // The generation before is kept.
    expect(readCheckpoint(`${run}/checkpoint/previous/policy.json`)).toEqual(before)
    const { header } = openTrace(result.trace)
    expect(header.agent).toMatchObject({ frozen: false, initial: before.agent.data })
    expect(JSON.parse((await place.run('replay', result.trace, '--json')).stdout)).toMatchObject({ execution: { decisions: 40, exact: true } })
  })

  it('only advises when asked: nothing is placed, every request runs at one point, and the log tells both', async () => {
    const advised = place.start('deploy', run, '--advise', '--rate', '50', '--steps', '40', '--json')
    const masks = new Set<string>()
    await waitFor('the first decisions', () => advised.stderr().includes('advising 10/40'))
    await waitFor('the end', () => {
      try {
        masks.add(getAffinity(advised.child.pid).join())
      } catch {
        return true
      }
      return advised.child.exitCode !== null
    })
    expect([...masks]).toEqual([getAffinity(0).join()])
    const { status, stdout } = await advised.ended
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as {
      wouldChangeRatio: number
      advice: { ran: object; points: { shareRatio: number }[]; expected: Record<string, number | null> }
      trace: string
      overheadS: { changed: { total: { n: number } } }
    }
    expect(result.overheadS.changed.total.n).toBe(0)
    const decisions = decisionsOf(result.trace)
    expect(new Set(decisions.map(({ executedAction }) => executedAction)).size).toBe(1)
    const differing = decisions.filter(({ action, executedAction }) => action !== executedAction)
    for (const { propensity } of differing) expect(propensity).toBeNaN()
    expect(result.wouldChangeRatio).toBeCloseTo(differing.length / 40, 9)
    const { ran, points, expected } = result.advice
    expect(Object.keys(ran)).toContain('subnet')
    expect(points.reduce((sum, { shareRatio }) => sum + shareRatio, 0)).toBeLessThanOrEqual(1 + 1e-9)
    for (const value of Object.values(expected)) expect(value).toBeGreaterThan(0)
    // Nothing to undo was ever written down.
    expect(filesIn(place.stateDir)).toEqual([])
  })

  it('places its threads when it does govern', async () => {
    // Back to back: between requests the thread would wait wherever it may.
    const governed = place.start('deploy', run, '--rate', 'back-to-back', '--steps', '2000')
    const cpus = await waitFor('a placed thread', () => {
      if (!governed.stderr().includes('governing')) return undefined
      const found = getAffinity(governed.child.pid)
      return found.length === 1 ? found : undefined
    })
    expect(getAffinity(0)).toEqual(expect.arrayContaining(cpus))
    expect(await governed.ended).toMatchObject({ status: 0 })
  })

  it('goes on until stopped when no number of steps is given', async () => {
    const open = place.start('deploy', run, '--rate', '100', '--json')
    await waitFor('the first decisions', () => open.stderr().includes('governing'))
    await waitFor('a trace', () => existsSync(`${run}/deploy-1`))
    open.child.kill('SIGINT')
    const { status, stdout } = await open.ended
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as { steps: number; stopped: string; trace: string }
    expect(result.stopped).toBe('SIGINT')
    expect(decisionsOf(result.trace)).toHaveLength(result.steps)
    expect(JSON.parse((await place.run('replay', result.trace, '--json')).stdout)).toMatchObject({ execution: { exact: true } })
  })
})
