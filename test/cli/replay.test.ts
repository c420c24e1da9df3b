import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
let run: string
beforeAll(async () => {
  place = makeWorkplace()
  run = place.path('run')
  await place.train(run, '--steps', '150', '--virtual', 'none', '--set', 'epsilon=0.8', '--set', 'epsilonFloor=0.8')
})
afterAll(() => place.remove())

type Line = Record<string, unknown> & { step: number; action: number; propensity: number; latencyS: number }

/** A copy of the trace with the record of one step changed. */
function altered(name: string, step: number, change: (line: Line) => object): string {
  const path = place.path(`${name}.jsonl`)
  const lines = readFileSync(`${run}/trace.jsonl`, 'utf8').trimEnd().split('\n')
  const changed = lines.map((text, i) => {
    const line = JSON.parse(text) as Line
    return i > 0 && line.step === step && 'action' in line ? JSON.stringify(change(line)) : text
  })
  expect(changed.filter((text, i) => text !== lines[i])).toHaveLength(1)
  writeFileSync(path, `${changed.join('\n')}\n`)
  return path
}

const replayed = async (...args: string[]) => {
  const { status, stdout, stderr } = await place.run('replay', ...args, '--json')
  return {
    status,
    stderr,
    result: JSON.parse(stdout) as Record<string, unknown> & { execution: { firstMismatch?: { step: number }; reproduced: number } },
  }
}

describe('flyball replay', () => {
  it('reproduces every decision, given the trace or the folder of the run', async () => {
    for (const trace of [run, `${run}/trace.jsonl`]) {
      const { status, result } = await replayed(trace)
      expect(status).toBe(0)
      expect(result).toMatchObject({
        trace: `${run}/trace.jsonl`,
        agent: 'q-learning',
        execution: { decisions: 150, reproduced: 150, overridden: 0, exact: true },
        torn: null,
        policies: [],
        traces: [{ trace: `${run}/trace.jsonl`, torn: null }],
        rewardOverTime: [],
      })
    }
    const { status, stdout } = await place.run('replay', run)
    expect(status).toBe(0)
    expect(stdout).toContain('q-learning: all 150 decisions reproduced exactly (action and propensity)')
  })

  it.each([
    ['action', (line: Line) => ({ ...line, action: (line.action + 1) % 4, greedy: undefined })],
    ['propensity', (line: Line) => ({ ...line, propensity: line.propensity === 0.5 ? 0.6 : 0.5 })],
  ])('sees an altered %s, and names the step', async (what, change) => {
    const trace = altered(what, 77, change)
    const { status, result } = await replayed(trace)
    expect(status).toBe(1)
    expect(result.execution).toMatchObject({ exact: false, reproduced: 77, decisions: 150, firstMismatch: { step: 77 } })
    const plain = await place.run('replay', trace)
    expect(plain.status).toBe(1)
    expect(plain.stdout).toContain('77 of 150 decisions reproduced, then step 77 differs')
    expect(plain.stdout).toMatch(/^logged +action \d+ with propensity/m)
  })

  it('drops a torn line and says so', async () => {
    const trace = place.path('torn.jsonl')
    const text = readFileSync(`${run}/trace.jsonl`, 'utf8')
    writeFileSync(trace, text.slice(0, -40))
    const { status, result } = await replayed(trace)
    expect(status).toBe(0)
    expect(result).toMatchObject({ execution: { decisions: 150, exact: true }, torn: { file: trace, line: 152 } })
    expect((await place.run('replay', trace)).stdout).toContain(`${trace}: line 152 is cut off and was dropped`)
  })

  it('values a frozen policy on the log by IPS and SNIPS', async () => {
    const interval = { value: expect.any(Number), lo: expect.any(Number), hi: expect.any(Number) }
    const { status, result } = await replayed(run, '--policy', run, '--policy', `${run}/checkpoint/policy.json`)
    expect(status).toBe(0)
    const policies = result['policies'] as { estimates: { estimator: string; value: number }[]; logged: { value: number } }[]
    expect(policies).toHaveLength(2)
    expect(policies[0]).toMatchObject({
      policy: run,
      rounds: 150,
      logged: interval,
      dropped: 0,
      verdict: expect.any(String),
      verdictCode: expect.any(String),
    })
    // The same policy by two names has the same value.
    expect({ ...policies[1], policy: run }).toEqual(policies[0])
    for (const { estimates, logged } of policies) {
      expect(logged.value).toBeLessThan(0)
      for (const name of ['ips', 'snips', 'dm', 'dr', 'sndr', 'switch-dr', 'dros']) {
        const estimate = estimates.find(({ estimator }) => estimator === name)
        expect(estimate).toMatchObject({ ...interval, difference: interval, relative: interval })
        expect(estimate?.value).toBeLessThan(0)
      }
    }
    const plain = await place.run('replay', run, '--policy', run)
    expect(plain.stdout).toMatch(/policy +cost a decision, 95 % +by +eff\. rounds +latency +energy +accuracy +misses/)
    expect(plain.stdout).toMatch(/\(checkpoint, frozen\), on the states that the logger met, for the next request alone: /)
  })

  it('values over several decisions, and says so', async () => {
    const { status, result } = await replayed(run, '--policy', 'random', '--horizon', '2')
    expect(status).toBe(0)
    expect(result['policies']).toMatchObject([{ questionCode: 'overHorizon', overHorizon: { horizon: 2, trajectories: 75 } }])
    const { stdout } = await place.run('replay', run, '--policy', 'random', '--horizon', '2', '--model', 'auto')
    expect(stdout).toMatch(/^policy +cost a decision, 95 % +by weights alone +by fitted Q +eff\. stretches$/m)
    expect(stdout).toContain('over 2 decisions from the states that the logger met: ')
    expect(stdout).toMatch(/^reward model: (ridge|bayes|linucb), the least root mean squared error of /m)
  })

  it('judges an agent as it learns, and says so', async () => {
    const { status, stdout } = await place.run('replay', run, '--policy', 'linucb', '--judge', 'rejection')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^linucb \(learning from the decisions that it would have taken: rejection replay\)/m)
    expect(stdout).toMatch(/^ {2}\d+ decisions accepted; of any agent about /m)
  })

  it.each([
    [['--policy', 'random', '--horizon', '11'], 'expected 1 to 10'],
    [['--horizon', '3'], 'expected --policy as well'],
    [['--policy', 'random', '--reward-range', '3,1'], '--reward-range=-5,0'],
    [['--policy', 'random', '--weight-bound', '0', '--reward-range', '0,1'], 'a number above 0'],
    [['--policy', 'random', '--judge', 'rejection'], 'does not learn'],
    [['--policy', 'random', '--model', 'magic'], 'ridge'],
  ])('refuses %j', async (args, words) => {
    const { status, stderr } = await place.run('replay', run, ...args)
    expect(status).toBe(2)
    expect(stderr).toContain(words)
  })

  it('says that a log of a deterministic policy cannot answer much', async () => {
    const other = place.path('other')
    await place.train(other, '--steps', '30', '--virtual', 'none', '--agent', 'performance')
    const { result } = await replayed(other, '--policy', run)
    const [policy] = result['policies'] as { verdict: string; answersNextRequest: boolean }[]
    expect(policy?.verdict).toMatch(/this log cannot answer/)
    expect(policy?.answersNextRequest).toBe(false)
    const { stdout } = await place.run('replay', other, '--policy', run)
    // The figure is marked, and has no interval that would look like knowledge.
    expect(stdout).toMatch(/^\S+ +\? [\d.-]+ +\w+ /m)
    expect(stdout).toContain('?: not to be believed, this log cannot answer')
  })

  it('says how a log that is no trace becomes one', async () => {
    const log = place.path('plain.csv')
    writeFileSync(log, 'time,latency_ms\n0,12\n')
    const { status, stderr } = await place.run('replay', log, '--policy', 'random')
    expect(status).toBe(3)
    expect(stderr).toContain(
      'plain.csv, line 1: the header is no JSON, expected a trace; of any other log flyball trace import --map MAP.json makes one',
    )
  })

  it('refuses a policy that was made for other points', async () => {
    const other = place.path('paced')
    await place.train(other, '--steps', '5', '--virtual', 'pacing')
    const { status, stderr } = await place.run('replay', run, '--policy', other)
    expect(status).toBe(3)
    expect(stderr).toMatch(/^flyball: the checkpoint was made for other knobs, points or monitors/)
    expect(stderr).toMatch(/\[ERR_(SPACE|TRACE)_MISMATCH\]\n$/)
    // Both sides are printed.
    expect(stderr).toContain('checkpoint:')
    expect(stderr).toContain('here:')
  })

  it('takes a checkpoint that was copied away from its run', async () => {
    mkdirSync(place.path('elsewhere'))
    copyFileSync(`${run}/checkpoint/policy.json`, place.path('elsewhere/policy.json'))
    const { status } = await replayed(run, '--policy', place.path('elsewhere'))
    expect(status).toBe(0)
  })
})
