import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'
import { Governor } from '../../src/run/governor.ts'
import { defaultNetwork, networkDir } from '../../src/run/shipped.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { halfway, pictureConfidences } from '../support/picture-confidences.ts'

let place: Workplace
let run: string
/** What the smallest size is sure of on half of the stream's pictures. */
let threshold: number
beforeAll(async () => {
  place = makeWorkplace()
  run = place.path('run')
  threshold = halfway(await pictureConfidences(openNetwork(networkDir(defaultNetwork))))
  // On one core and with time enough, so that confidence alone ends an inference. All choices are random, so that every size is chosen.
  await place.train(
    run,
    ...['--network', defaultNetwork, '--clusters', `${getAffinity(0)[0]}`, '--virtual', 'none'],
    ...['--steps', '120', '--set', 'epsilon=1', '--deadline', '1s', '--anytime', `${threshold}`],
  )
})
afterAll(() => place.remove())

const summaryOf = (folder: string) => JSON.parse(readFileSync(`${folder}/summary.json`, 'utf8')) as { earlyRatio: number }
const settingsOf = (folder: string) => JSON.parse(readFileSync(`${folder}/run.json`, 'utf8')) as { env: { anytime?: unknown } }

/** Sub-network of the chosen point, and the one that answered. */
function decisionsOf(trace: string) {
  const reader = openTrace(trace)
  const { points, knobs } = reader.header.spaces
  const sizes = knobs.find(({ kind }) => kind === 'subnet')?.values ?? []
  const decisions = [...reader.entries()].filter((entry) => entry.kind === 'decision')
  return decisions.map(({ executedAction, answered, outcome }) => {
    const most = points[executedAction]?.['subnet']
    return { most, by: answered === undefined ? most : sizes[answered], early: answered !== undefined, outcome }
  })
}

const deploy = async (...args: string[]) => {
  const { status, stdout, stderr } = await place.run('deploy', run, '--steps', '60', '--json', ...args)
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout) as { earlyRatio: number; trace: string; requirements: unknown }
}

describe('anytime, governed', () => {
  it('lets more than one sub-network answer for a chosen size, and the trace says which', () => {
    expect(settingsOf(run).env.anytime).toEqual({ confidence: threshold })
    const decisions = decisionsOf(`${run}/trace.jsonl`)
    expect(decisions.filter(({ early }) => early).length / 120).toBeCloseTo(summaryOf(run).earlyRatio, 9)
    // Half of the pictures end at the smallest size, the others go on.
    const ofWhole = new Set(decisions.flatMap(({ most, by }) => (most === '100' ? [by] : [])))
    expect(ofWhole).toContain('25')
    expect(ofWhole.size).toBeGreaterThan(1)
    for (const { most, by, early, outcome } of decisions) {
      expect(Number(by)).toBeLessThanOrEqual(Number(most))
      if (early) expect(outcome.confidence).toBeGreaterThanOrEqual(threshold)
      if (most === '25') expect(outcome.accuracyQuality).toBe('measured')
      else expect(outcome).toMatchObject({ accuracy: outcome.confidence, accuracyQuality: 'estimated' })
    }
  })

  it('is reproduced by replay', async () => {
    const { stdout } = await place.run('replay', run, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ execution: { decisions: 120, exact: true } })
  })

  it('is deployed as it was trained, unless the call says otherwise', async () => {
    const asTrained = openTrace((await deploy()).trace).header
    expect(asTrained.env.options).toMatchObject({ anytime: { confidence: threshold } })
    const off = await deploy('--no-anytime')
    expect(off.earlyRatio).toBe(0)
    expect(openTrace(off.trace).header.env.options).not.toHaveProperty('anytime')
    // Any answer is sure enough.
    const all = await deploy('--anytime', '0')
    for (const { by } of decisionsOf(all.trace)) expect(by).toBe('25')
    // Without a number the least confidence that is asked is the threshold.
    const least = await deploy('--anytime', '--min-confidence', '0', '--deadline', '1s')
    expect(least.requirements).toMatchObject({ leastConfidence: 0 })
    for (const { by } of decisionsOf(least.trace)) expect(by).toBe('25')
  })

  it('is a matter of the deadline alone when no confidence is asked', async () => {
    // A second is time enough for everything, a nanosecond for nothing.
    expect((await deploy('--anytime', '--deadline', '1s')).earlyRatio).toBe(0)
    const { trace } = await deploy('--anytime', '--deadline', '1ns')
    for (const { by, outcome } of decisionsOf(trace)) {
      expect(by).toBe('25')
      expect(outcome).toMatchObject({ accuracyQuality: 'measured', deadlineMet: false })
    }
  })

  it('governs an application in process', async () => {
    const governor = await Governor.open(run, { anytime: { confidence: 0 } })
    const input = makeSampleInput([1, 3, 32, 32], 1)
    governor.require({ accuracyFloor: undefined, deadlineS: undefined })
    const first = await governor.infer(input)
    expect(first.answered.subnet).toBe('25')
    expect(first.answered.stop).toBe(first.point['subnet'] === '25' ? 'size' : 'confidence')
    await governor.close()
    const whole = await Governor.open(run, { anytime: false })
    const { answered, point } = await whole.infer(input)
    expect(answered).toEqual({ subnet: point['subnet'], stop: 'size' })
    await whole.close()
  })

  it.each(['1.5', 'high', '-0.1'])('refuses a confidence of %s', async (text) => {
    const { status, stderr } = await place.run('deploy', run, '--anytime', text)
    expect(status).toBe(2)
    expect(stderr).toContain('--anytime')
  })
})
