import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'
import { Governor } from '../../src/run/governor.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
let run: string
let trained: { stderr: string; stdout: string }
beforeAll(async () => {
  place = makeWorkplace()
  run = place.path('run')
  trained = await place.train(run, '--agent', 'bayes', '--virtual', 'none', '--objective', 'energy', '--explain', '--json')
})
afterAll(() => place.remove())

const lines = (text: string, start: string): string[] => text.split('\n').filter((line) => line.startsWith(start))

describe('flyball train --explain', () => {
  it('says why on standard error, whenever the policy takes another point, and leaves standard output to the document', () => {
    const decisions = [...openTrace(`${run}/trace.jsonl`).entries()].filter((entry) => entry.kind === 'decision')
    const turns = decisions.filter(({ greedy }, i) => greedy !== decisions[i - 1]?.greedy).map(({ step }) => step)
    const told = lines(trained.stderr, 'decision ').filter((line) => / net( |:)/.test(line) || line.includes(': net '))
    expect(told.map((line) => Number(/^decision (\d+):/.exec(line)?.[1]))).toEqual(turns)
    expect(told[0]).toMatch(/\d ms|\d us/)
    expect(JSON.parse(trained.stdout)).toMatchObject({ objective: { kind: 'energy' }, changes: expect.any(Array), relaxed: expect.any(Array) })
  })

  it('says what was asked, and counts the cost in its unit', async () => {
    const { stdout } = await place.run('deploy', run, '--steps', '5', '--rate', 'back-to-back')
    expect(stdout).toMatch(/^asked {5}at most [\d.]+ [mu]s for 99 % of requests; objective energy$/m)
    expect(stdout).toMatch(/^cost {6}[\d.]+ [num]?J a decision \(energy [\d.]+ [num]?J \+ violations /m)
  })

  it('refuses what has nothing to explain, and what is no number, before anything is started', async () => {
    const random = await place.run('train', '--network', place.network, '--agent', 'random', '--explain', '--out', place.path('random'))
    expect([random.status, random.stderr]).toEqual([2, expect.stringContaining('agent random has nothing to explain its choices by')])
    const swallowed = await place.run('deploy', '--explain', run)
    expect([swallowed.status, swallowed.stderr]).toEqual([
      2,
      expect.stringContaining('is not a number of decisions; without one, --explain stands last'),
    ])
    expect((await place.run('deploy', run, '--explain', '0')).stderr).toContain('[ERR_RANGE]')
  })
})

describe('flyball deploy', () => {
  it('explains every n-th decision', async () => {
    const { stderr } = await place.run('deploy', run, '--steps', '25', '--rate', 'back-to-back', '--explain', '10')
    expect(lines(stderr, 'decision ').map((line) => Number(/^decision (\d+)/.exec(line)?.[1]))).toEqual(expect.arrayContaining([40, 50, 60]))
  })

  it('judges by another objective where the agent predicts outcomes, and refuses where it learned costs', async () => {
    const other = await place.run('deploy', run, '--steps', '10', '--rate', 'back-to-back', '--weights', 'latency=1', '--json')
    expect(JSON.parse(other.stdout)).toMatchObject({ objective: { kind: 'weighted', weights: { latency: 1, energy: 0, accuracy: 0 } } })
    const { trace } = JSON.parse(other.stdout) as { trace: string }
    expect(openTrace(trace).header.objective.kind).toBe('weighted')
    expect((await place.run('replay', trace, '--json')).status).toBe(0)

    const costs = place.path('costs')
    await place.train(costs, '--virtual', 'none')
    const refused = await place.run('deploy', costs, '--steps', '5', '--objective', 'latency')
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('q-learning learned costs under the objective weighted')])
    // The same as in training is no other.
    expect((await place.run('deploy', costs, '--steps', '5', '--rate', 'back-to-back', '--objective', 'weighted')).status).toBe(0)
  })
})

describe('flyball replay --step', () => {
  it('shows a decision and explains it, as the agent would have there', async () => {
    const { status, stdout } = await place.run('replay', run, '--step', '20', '--explain')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^decision 20: /)
    for (const part of [
      'begun with nothing, seed 3; this and the 20 decisions before are reproduced exactly',
      'propensity  1',
      'predicted before it was taken',
    ])
      expect(stdout).toContain(part)
    // What train said of the same decision, it says again.
    const { chosen } = await explained(20)
    expect(chosen.missRatio).toBeGreaterThanOrEqual(0)
    const told = lines(trained.stderr, 'decision ').find((line) => line.includes(' dearer') || line.includes('believed best')) as string
    const step = Number(/^decision (\d+)/.exec(told)?.[1])
    const again = (await place.run('replay', run, '--step', `${step}`, '--explain')).stdout
    const predicted = /: ([\d.]+ [mu]s) \(99 % below ([\d.]+ [mu]s)\)/.exec(told)
    if (predicted !== null) expect(again).toMatch(new RegExp(`chosen .*${predicted[1]} +${predicted[2]}`))
  })

  const explained = async (step: number) => {
    const { stdout } = await place.run('replay', run, '--step', `${step}`, '--explain', '--json')
    return (JSON.parse(stdout) as { explanation: { chosen: { missRatio: number } } }).explanation
  }

  it('is one document with --json', async () => {
    const { stdout } = await place.run('replay', run, '--step', '20', '--explain', '--json')
    const point = expect.objectContaining({
      action: expect.any(Number),
      point: expect.objectContaining({ subnet: expect.any(String) }),
      latencyS: expect.any(Number),
      tried: expect.any(Boolean),
    })
    expect(JSON.parse(stdout)).toMatchObject({
      agent: 'bayes',
      requirements: { deadlineS: expect.any(Number), percentile: 99 },
      began: { from: 'nothing', step: 0, seed: 3, frozen: false },
      mismatch: null,
      decision: {
        step: 20,
        propensity: 1,
        observation: { queueLength: expect.any(Number) },
        masked: expect.any(Number),
        outcome: { latencyS: expect.any(Number) },
      },
      explanation: {
        chosen: point,
        runnersUp: expect.arrayContaining([point]),
        binding: expect.any(Array),
        relaxed: expect.any(Array),
        drawn: false,
      },
    })
  })

  it('of a deployment begins with its checkpoint', async () => {
    const deployed = await place.run('deploy', run, '--steps', '6', '--rate', 'back-to-back', '--json')
    const { trace } = JSON.parse(deployed.stdout) as { trace: string }
    const { stdout } = await place.run('replay', trace, '--step', '43', '--explain')
    expect(stdout).toContain('begun with a checkpoint at decision 40, frozen; this and the 3 decisions before are reproduced exactly')
  })

  it('explains nothing of a trace that was altered before: status 1', async () => {
    const changed = readFileSync(`${run}/trace.jsonl`, 'utf8').replace(/("step":5,.*?)"propensity":1,/, '$1"propensity":0.5,')
    writeFileSync(place.path('altered.jsonl'), changed)
    const { status, stdout } = await place.run('replay', place.path('altered.jsonl'), '--step', '20', '--explain')
    expect([status, stdout]).toEqual([1, expect.stringContaining('decision 5 is not reproduced')])
    expect(stdout).not.toContain('predicted')
  })

  it.each([
    [['--explain'], 'ERR_USAGE', 'expected --step N as well'],
    [['--step', '400'], 'ERR_RANGE', 'does not hold decision 400, expected 0 to 39'],
    [['--step', 'x'], 'ERR_RANGE', "'x' is not a whole number"],
    [['--step', '3', '--policy', 'x'], 'ERR_USAGE', 'expected one of the two'],
  ])('refuses %j', async (flags, code, message) => {
    const { status, stderr } = await place.run('replay', run, ...flags)
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(stderr).toContain(`[${code}]`)
  })
})

describe('a deadline that nothing keeps', () => {
  it('is told when it begins and ends, in trace, summary and picture, and replayed', async () => {
    const table = place.path('tables/here.json')
    const profiled = await place.run('profile', '--network', place.network, '--virtual', 'pacing', '--rate', 'back-to-back', '--out', table)
    expect(profiled.status, profiled.stderr).toBe(0)
    const deadlines = ['20x', '0.05x', '20x'].map((deadline, i) => ({ fromS: 20 * i, deadline }))
    const scenario = {
      schema: 'flyball-scenario/1',
      name: 'hard',
      description: 'a deadline that nothing keeps, for a while',
      durationS: 60,
      requests: 240,
    }
    writeFileSync(place.path('hard.json'), JSON.stringify({ ...scenario, arrivals: [{ kind: 'periodic', load: 0.2 }], requirements: deadlines }))
    const out = place.path('hard')
    const { status, stderr, stdout } = await place.run(
      ...['train', '--env', `table:here@${place.path('hard.json')}`, '--tables', place.path('tables'), '--agent', 'bayes'],
      ...['--objective', 'energy', '--steps', '240', '--out', out, '--json'],
    )
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/^decision \d+: no point keeps the deadline \([\d.]+ [mun]s\); the least bad is taken, [\d.]+ [mu]?s could be kept$/m)
    expect(stderr).toMatch(/^decision \d+: all that is asked can be kept again$/m)
    const { relaxed } = JSON.parse(stdout) as {
      relaxed: { from: number; to: number; limits: { deadlineS: number }; feasible: { deadlineS: number } }[]
    }
    expect(relaxed).toHaveLength(1)
    const [span] = relaxed as [(typeof relaxed)[0]]
    expect(span.from).toBeGreaterThan(60)
    expect(span.to - span.from).toBeGreaterThan(60)
    expect(span.feasible.deadlineS).toBeGreaterThan(span.limits.deadlineS)
    const events = [...openTrace(`${out}/trace.jsonl`).entries()].filter(({ kind }) => kind === 'relaxed')
    expect(events).toMatchObject([
      { since: span.from, limits: span.limits, feasible: span.feasible },
      { since: span.to, limits: {} },
    ])
    expect(readFileSync(`${out}/timeline.svg`, 'utf8')).toContain('what the agent noticed')
    expect((await place.run('replay', out)).stdout).toContain('all 240 decisions reproduced exactly')
    expect((await place.run('trace', 'show', out)).stdout).toContain('1 times no point kept what was asked')
  })
})

describe('Governor', () => {
  it('explains its last answer, and says when nothing keeps what is asked', async () => {
    const events: unknown[] = []
    const governor = await Governor.open(run, { onEvent: (event) => events.push(event) })
    try {
      const input = makeSampleInput(openNetwork(place.network).manifest.input.shape, 1)
      expect(await governor.explain()).toBeUndefined()
      governor.require({ deadlineS: 10 })
      await governor.infer(input)
      const first = await governor.explain()
      expect(first).toMatchObject({ step: 40, drawn: false, requirements: { percentile: 99 } })
      expect(first?.explanation.chosen.action).toBe(first?.action)
      governor.require({ deadlineS: 1e-9 })
      // The fifth in a row makes the event, which is told when nothing waits: no later call is needed.
      for (let i = 0; i < 5; i++) await governor.infer(input)
      await waitFor('an event', () => events.length > 0)
      expect((await governor.explain())?.explanation.relaxed).toEqual(['deadlineS'])
      expect(events).toMatchObject([{ kind: 'relaxed', since: 41, limits: { deadlineS: 1e-9 }, feasible: { deadlineS: expect.any(Number) } }])
    } finally {
      await governor.close()
    }
  })
})
