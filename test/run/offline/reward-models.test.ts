import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeTraceModel, modelNames } from '../../../src/run/offline/reward-models.ts'
import { rewardFeatures } from '../../../src/run/reward-features.ts'
import { openTrace } from '../../../src/trace/reader.ts'
import type { DecisionRecord, TraceEntry } from '../../../src/trace/record.ts'
import { createTrace } from '../../../src/trace/writer.ts'
import { rejectionOf } from '../../support/error-of.ts'
import { runScripted, scriptedHeader } from '../../support/scripted-run.ts'

const header = scriptedHeader('random', 7)
const objective = makeObjective(header.objective, header.nominal)
const features = rewardFeatures(header.spaces, header.nominal, objective, header.requirements)
const decisions = 600
const shape = { decisions, runStarts: [0], propensities: 'logged' } as const
let folder: string
let entries: TraceEntry[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-models-'))
  const path = join(folder, 'a.jsonl')
  const writer = createTrace(path, header)
  await runScripted({ header, make: findAgent('random').make, from: 0, to: decisions, writer })
  writer.close()
  entries = [...openTrace(path).entries()]
})
afterAll(() => rmSync(folder, { recursive: true }))

const made = async (name: (typeof modelNames)[number] | 'auto', log: TraceEntry[]) =>
  makeTraceModel(name, { header, entries: () => log }, features, shape)

/** What a model predicts of every point at the first decision of a step. */
async function predicted(name: (typeof modelNames)[number], log: TraceEntry[], step: number): Promise<number[]> {
  const { model } = await made(name, log)
  const record = log.find((entry): entry is { kind: 'decision' } & DecisionRecord => entry.kind === 'decision' && entry.step === step)
  const out = new Float64Array(header.spaces.points.length)
  model.predict(record as DecisionRecord, header.requirements, step, step, out)
  return Array.from(out)
}

const dearer = (from: number, to: number): TraceEntry[] =>
  entries.map((entry) =>
    entry.kind === 'decision' && entry.step >= from && entry.step < to
      ? { ...entry, outcome: { ...entry.outcome, latencyS: 3 * entry.outcome.latencyS, energyJ: 3 * entry.outcome.energyJ } }
      : entry,
  )

describe.each(modelNames)('the reward model %s', (name) => {
  it('predicts what points earn', async () => {
    const { model, errors } = await made(name, entries)
    expect(model.name).toBe(name)
    const rewards = entries.flatMap((entry) => (entry.kind === 'decision' ? [-objective.cost(entry.outcome, header.requirements)] : []))
    const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length
    const deviation = Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / rewards.length)
    expect(errors).toEqual([{ model: name, error: expect.any(Number) }])
    expect(errors[0]?.error).toBeLessThan(0.6 * deviation)
  })

  it('of a decision has not learned from it, and has from others', async () => {
    // Decisions 40 to 44 lie in one fold of any model; those around 300 in another.
    const plain = await predicted(name, entries, 42)
    expect(await predicted(name, dearer(40, 45), 42)).toEqual(plain)
    expect(await predicted(name, dearer(300, 400), 42)).not.toEqual(plain)
  })
})

describe('choosing a model', () => {
  it('takes the one with the least error, and tells all', async () => {
    const { model, errors } = await made('auto', entries)
    expect(errors.map((one) => one.model).sort()).toEqual([...modelNames].sort())
    expect(errors.map(({ error }) => error)).toEqual([...errors.map(({ error }) => error)].sort((a, b) => a - b))
    expect(model.name).toBe(errors[0]?.model)
  })

  it('refuses an agent that the log is too short for', async () => {
    expect(await rejectionOf(makeTraceModel('bayes', { header, entries: () => [] }, features, { ...shape, decisions: 0 }))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('--model bayes'),
    })
  })
})
