import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { Choice } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { makeJudge, type PolicyValue } from '../../src/run/judge-policy.ts'
import { agentInputOf } from '../../src/run/reexecute.ts'
import type { TraceLog } from '../../src/trace/log.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { rejectionOf } from '../support/error-of.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

const script = { noise: 0.05, coRunners: [{ cluster: 'big', share: 0.6, from: 0, to: 20, everySteps: 50 }] } as const

/** A log of one agent, and on its states the true value of another. */
async function logOf(logger: string, target: string, steps: number, learning = false) {
  const made = scriptedHeader(logger, 1, script)
  const header = { ...made, agent: { ...made.agent, name: learning ? 'q-learning' : logger } }
  const env = makeScriptedEnv(script)
  const { spaces, requirements } = header
  const objective = makeObjective(header.objective, header.nominal)
  const behaviour = findAgent(logger).make(agentInputOf(made))
  const policy = findAgent(target).make({ ...agentInputOf(header), seed: 2, frozen: true })
  const distribution = new Float64Array(spaces.points.length)
  const expected = makeExpectedOutcome()
  const entries: TraceEntry[] = []
  let truth = 0
  let { observation, mask } = await env.reset({ seed: 4 })
  for (let step = 0; step < steps; step++) {
    policy.distribution(observation, mask, distribution)
    distribution.forEach((p, a) => {
      env.truth?.expected(a, expected)
      truth -= (p * objective.expectedCost(expected, requirements)) / steps
    })
    const { action, propensity, greedy, epsilon } = behaviour.act(observation, mask) as Choice
    const seen = { observation: observation.slice(), mask: mask.slice() }
    const result = await env.step(action)
    entries.push({
      kind: 'decision',
      step,
      timeS: step,
      ...seen,
      action,
      executedAction: action,
      propensity,
      greedy,
      epsilon,
      outcome: { ...result.outcome },
      durationS: 1,
    })
    ;({ observation, mask } = result)
  }
  const log: TraceLog = { header, entries: () => entries, torn: () => undefined, close() {} }
  return { log, entries, policy, truth }
}

const judged = async ({ log, policy }: Awaited<ReturnType<typeof logOf>>): Promise<PolicyValue> => (await makeJudge(log)).judge('target', policy)
const find = ({ estimates }: PolicyValue, name: string) => estimates.find(({ estimator }) => estimator === name) as PolicyValue['estimates'][number]

describe('estimates of a policy on the log of another', () => {
  it('cover the true value when the log took everything, the closer with a model', async () => {
    for (const target of ['q-learning', 'static', 'random']) {
      const log = await logOf('random', target, 4000)
      const value = await judged(log)
      expect(value).toMatchObject({ policy: 'target', rounds: 4000, dropped: 0, floored: 0, support: { neverTried: 0, impossible: 0 } })
      for (const name of ['ips', 'snips', 'dr', 'sndr']) {
        const { lo, hi } = find(value, name)
        expect(lo, `${target}, ${name}`).toBeLessThan(log.truth)
        expect(hi, `${target}, ${name}`).toBeGreaterThan(log.truth)
      }
      const width = (name: string): number => find(value, name).hi - find(value, name).lo
      expect(width('sndr')).toBeLessThan(0.8 * width('ips'))
      expect(value.diagnostics.meanWeight).toBeCloseTo(1, 0)
      expect(value.verdictCode).not.toBe('cannotAnswer')
    }
  })

  it('say that they cannot answer when the log holds one action only', async () => {
    const value = await judged(await logOf('powersave', 'performance', 100))
    expect(value.support).toEqual({ neverTried: 1, impossible: 1, concentration: 1 })
    expect(value.diagnostics.effectiveSampleSize).toBe(0)
    expect(find(value, 'snips').value).toBeNaN()
    expect(value).toMatchObject({ verdictCode: 'cannotAnswer', verdict: expect.stringContaining('100 % of its choices were never tried') })
  })

  it('cover it over several decisions too, and say which question was answered', async () => {
    // Nothing moves the state here: over a stretch a decision is worth what it is alone.
    const log = await logOf('random', 'random', 3000)
    const judge = await makeJudge(log.log, undefined, { horizon: 3 })
    const value = await judge.judge('target', log.policy)
    expect(value).toMatchObject({
      questionCode: 'overHorizon',
      question: 'over 3 decisions from the states that the logger met',
      overHorizon: { horizon: 3, trajectories: 1000, unused: 0, verdictFrom: 'multi-step-dr' },
    })
    for (const { estimator, lo, hi } of value.overHorizon?.estimates ?? []) {
      if (estimator === 'fitted-q') continue
      expect(lo, estimator).toBeLessThan(log.truth)
      expect(hi, estimator).toBeGreaterThan(log.truth)
    }
    const fitted = value.overHorizon?.estimates.find(({ estimator }) => estimator === 'fitted-q')?.value as number
    expect(Math.abs(fitted / log.truth - 1)).toBeLessThan(0.05)
    const alone = await judged(log)
    expect(alone).toMatchObject({
      questionCode: 'nextRequest',
      question: 'on the states that the logger met, for the next request alone',
      overHorizon: null,
    })
    // No monitor shows heat, and no queue forms.
    expect((await judge.stateMoved()).filter(({ z }) => z > 4)).toEqual([])
  })

  it('give intervals that hold at all times where bounds are declared, and refuse a log that breaks them', async () => {
    const log = await logOf('random', 'random', 3000)
    const judgeWithin = async (low: number) =>
      (await makeJudge(log.log, undefined, { bounds: { weight: 16, reward: [low, 0] } })).judge('target', log.policy)
    const { confidenceSequence, estimates } = await judgeWithin(-12)
    expect(confidenceSequence.map(({ estimator }) => estimator)).toEqual(['ips', 'dr'])
    for (const { lo, hi, estimator } of confidenceSequence) {
      expect(lo).toBeLessThan(log.truth)
      expect(hi).toBeGreaterThan(log.truth)
      const once = estimates.find((each) => each.estimator === estimator) as (typeof estimates)[number]
      expect(hi - lo).toBeGreaterThan(once.hi - once.lo)
    }
    expect(await rejectionOf(judgeWithin(-0.01))).toMatchObject({ code: 'ERR_RANGE', message: expect.stringContaining('as declared') })
  })

  it('can rest on what an agent believes', async () => {
    const log = await logOf('random', 'static', 2000)
    const { models, judge } = await makeJudge(log.log, undefined, { model: 'linucb' })
    expect(models).toEqual([{ model: 'linucb', error: expect.any(Number) }])
    const value = await judge('target', log.policy)
    expect(value.model).toBe('linucb')
    for (const name of ['dr', 'sndr']) {
      expect(find(value, name).lo).toBeLessThan(log.truth)
      expect(find(value, name).hi).toBeGreaterThan(log.truth)
    }
  })

  it('drop and count what cannot be used: overridden decisions, outcomes that are not there', async () => {
    const log = await logOf('random', 'static', 200)
    const spoilt = log.entries.map((entry, i): TraceEntry => {
      if (entry.kind !== 'decision') return entry
      if (i % 20 === 3) return { ...entry, propensity: Number.NaN }
      return i % 20 === 5 ? { ...entry, outcome: { ...entry.outcome, latencyS: Number.NaN } } : entry
    })
    const value = await judged({ ...log, log: { ...log.log, entries: () => spoilt } })
    expect(value).toMatchObject({ rounds: 180, dropped: 20 })
    const none = await judged({ ...log, log: { ...log.log, entries: () => [] } })
    expect(none).toMatchObject({ rounds: 0, verdictCode: 'cannotAnswer', verdict: 'this log cannot answer: it holds no decision that can be used' })
  })

  it('floor and count the propensities of a learning agent', async () => {
    const log = await logOf('random', 'static', 300, true)
    const { points } = log.log.header.spaces
    // Two decisions that claim to have been all but impossible.
    const odd = log.entries.map(
      (entry, i): TraceEntry => (entry.kind === 'decision' && (i === 10 || i === 20) ? { ...entry, propensity: 1e-9 } : entry),
    )
    const value = await judged({ ...log, log: { ...log.log, entries: () => odd } })
    expect(value.floored).toBe(2)
    expect(value.diagnostics.largestWeight).toBeLessThanOrEqual(100 * points.length)
    expect(value.warnings[0]).toContain('2 of its propensities were raised')
    // Around an incumbent that stands still nothing is learned.
    const initial = { version: 1, rng: [1, 2, 3, 4] as const, incumbent: { agent: 'q-learning', options: {}, frozen: true } }
    const explored = {
      ...log.log,
      header: { ...log.log.header, agent: { name: 'explorer', options: {}, frozen: false, initial } },
      entries: () => odd,
    }
    const fixed = await judged({ ...log, log: explored })
    expect(fixed).toMatchObject({ floored: 0 })
    expect(fixed.warnings.join()).not.toContain('learning')
  })
})
