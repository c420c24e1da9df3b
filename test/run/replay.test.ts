import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { replayReportHtml } from '../../src/report/replay-report.ts'
import { declaredWeightBound } from '../../src/run/offline/logger.ts'
import { replay } from '../../src/run/replay.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { rejectionOf } from '../support/error-of.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

// Without co-runners, noise or changes, every decision of a point has the same outcome: what a policy is worth is known by construction.
const quiet = { requirements: [{ from: 0, requirements: { deadlineS: 0.012, percentile: 99 } }] }
const header = scriptedHeader('random', 7, quiet)
let folder: string
let log: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-replay-'))
  log = await writeLog('log.jsonl', 7)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function writeLog(name: string, seed: number): Promise<string> {
  const path = join(folder, name)
  const writer = createTrace(path, { ...header, seed })
  await runScripted({ header: { ...header, seed }, make: findAgent('random').make, from: 0, to: 1000, script: quiet, writer })
  writer.close()
  return path
}

const { points } = header.spaces
const fastSmall = points.findIndex((point) => point['subnet'] === 25 && point['cluster'] === 'big' && point['big.freqHz'] === 2e9)
const { latencyS, energyJ, accuracy } = header.nominal[fastSmall] as (typeof header.nominal)[number]

describe('replay of policies on a uniformly random log', () => {
  it('values a fixed point at what it is known to give, term by term', async () => {
    const { policies } = await replay([log], [`static:${fastSmall}`])
    const [value] = policies
    expect(value).toMatchObject({ origin: 'fixed point', verdictCode: 'better', dropped: 0 })
    expect(value?.terms.latencyS.policy.value).toBeCloseTo(latencyS, 4)
    expect(value?.terms.energyJ.policy.value).toBeCloseTo(energyJ, 3)
    expect(value?.terms.accuracy.policy.value).toBeCloseTo(accuracy, 6)
    expect(value?.terms.missRatio.policy.value).toBe(0)
    // Of sixteen points six need more than 12 ms.
    const late = header.nominal.filter((point) => point.latencyS > 0.012).length / points.length
    expect(value?.terms.missRatio.logged).toBeCloseTo(late, 1)
    // Weights are 0 or the number of points.
    expect(value?.weightHistogram).toEqual([
      { low: 0, high: 0.25, rounds: expect.any(Number) },
      { low: 16, high: 32, rounds: expect.any(Number) },
    ])
  })

  it('learns an agent on the other folds; it does better than what was logged', async () => {
    const { policies } = await replay([log], ['linucb', 'random'])
    expect(policies[0]).toMatchObject({ policy: 'linucb', origin: 'trained on the other folds, frozen', verdictCode: 'better' })
    expect(policies[1]).toMatchObject({ origin: 'rule, over the logged states', verdictCode: 'indistinguishable' })
  })

  it('answers other questions from the same log', async () => {
    const asked = { deadline: { seconds: latencyS / 2 } as const, objective: 'energy' as const }
    const { policies, requirements, objective } = await replay([log], [`static:${fastSmall}`], asked)
    expect(requirements.deadlineS).toBe(Number((latencyS / 2).toPrecision(4)))
    expect(objective.kind).toBe('energy')
    expect(policies[0]?.terms.missRatio).toMatchObject({ logged: 1, policy: { value: 1 } })
    // Its own energy, and as a penalty that of the fastest point, which is the same.
    const snips = policies[0]?.estimates.find(({ estimator }) => estimator === 'snips')
    expect(snips?.value).toBeCloseTo(-2 * energyJ, 3)
  })

  it('takes several logs together', async () => {
    const other = await writeLog('other.jsonl', 8)
    const { traces, policies, execution } = await replay([log, other], [`static:${fastSmall}`])
    expect(traces.map(({ execution: one }) => one.decisions)).toEqual([1000, 1000])
    expect(execution.exact).toBe(true)
    expect(policies[0]?.rounds).toBe(2000)
  })

  it('says whom it cannot judge', async () => {
    expect(await rejectionOf(replay([log], ['alert']))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('its own choices cause'),
    })
    expect(await rejectionOf(replay([log], ['static:99']))).toMatchObject({ code: 'ERR_RANGE' })
    expect(await rejectionOf(replay([log], ['oracle']))).toMatchObject({ code: 'ERR_USAGE' })
    expect(await rejectionOf(replay([log, log], ['bayes']))).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('twice') })
  })

  it('values over several decisions, by rejection, and with a chosen model, and says what cannot go together', async () => {
    const over = await replay([log], ['random'], {}, { horizon: 2, model: 'auto' })
    expect(over.policies[0]).toMatchObject({ questionCode: 'overHorizon', overHorizon: { horizon: 2, trajectories: 500 } })
    expect(over.models).toHaveLength(3)
    expect(over.policies[0]?.model).toBe(over.models[0]?.model)
    expect(await replayReportHtml(over)).toContain('Over 2 decisions from the logged states')
    const rejected = await replay([log], ['linucb'], {}, { judge: 'rejection' })
    expect(rejected.policies[0]).toMatchObject({
      model: null,
      origin: expect.stringContaining('rejection replay'),
      rejection: { acceptance: 1 / 16 },
    })
    expect(rejected.policies[0]?.rejection?.accepted).toBeGreaterThan(30)
    const refused = async (who: string, settings: Parameters<typeof replay>[3]) => rejectionOf(replay([log], [who], {}, settings))
    expect(await refused('powersave', { judge: 'rejection' })).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('does not learn'),
    })
    expect(await refused('bayes', { judge: 'rejection', horizon: 2 })).toMatchObject({ code: 'ERR_USAGE' })
    expect(await refused('bayes', { weightBound: 3 })).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('--reward-range') })
  })

  it('knows the bound of the weights from how the log was recorded', async () => {
    // Uniform over 16 points.
    const { policies } = await replay([log], ['random'], {}, { rewardRange: [-20, 0] })
    expect(policies[0]?.confidenceSequence).toHaveLength(2)
    const bound = (agent: string, options: Record<string, number>) =>
      declaredWeightBound({ ...header, agent: { ...header.agent, name: agent, options } })
    expect(bound('random', {})).toBe(16)
    expect(bound('explorer', { epsilon: 0.5 })).toBe(32)
    expect(bound('explorer', { epsilon: 0.5, within: 0.2 })).toBeUndefined()
    expect(bound('explorer', { epsilon: 0.5, temperature: 0.2 })).toBeUndefined()
    expect(bound('explorer', { epsilon: 0 })).toBeUndefined()
    expect(bound('linucb', { epsilon: 0.5 })).toBeUndefined()
  })

  it('draws a page with every policy, its verdict and charts', async () => {
    const html = await replayReportHtml(await replay([log], [`static:${fastSmall}`, 'random']))
    expect(html).toContain(`<h2>static:${fastSmall}</h2>`)
    expect(html).toContain('not distinguishable from what was logged')
    expect(html.match(/<svg/g)).toHaveLength(5)
    expect(html).not.toContain('NaN')
  })
})
