import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import type { Agent, Transition } from '../../src/core/agent.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { learnFromLog } from '../../src/run/offline/learn.ts'
import { openLogs } from '../../src/run/offline/logs.ts'
import { trainFrom } from '../../src/run/offline/train-from.ts'
import { convertTrace } from '../../src/trace/convert.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { rejectionOf } from '../support/error-of.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-offline-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const header = scriptedHeader('random', 7)
const events = { note() {}, progress() {}, stopped: () => undefined }

/** A log of uniformly random decisions in the scripted world. */
async function writeLog(name: string, steps: number, seed = 7, orderly = true): Promise<string> {
  const path = join(folder, name)
  const writer = createTrace(path, { ...header, seed })
  await runScripted({ header: { ...header, seed }, make: findAgent('random').make, from: 0, to: steps, writer, orderly })
  writer.close()
  return path
}

const objective = makeObjective(header.objective, header.nominal)

/** An agent that takes note of what it is taught. */
function listener(): { agent: Agent; heard: { action: number; cost: number; deadlineS: number | undefined }[] } {
  const heard: { action: number; cost: number; deadlineS: number | undefined }[] = []
  const agent = {
    act: () => ({ action: 0, propensity: 1, greedy: 0, epsilon: 0 }),
    learn: ({ action, cost, requirements }: Transition) => void heard.push({ action, cost, deadlineS: requirements.deadlineS }),
  } as unknown as Agent
  return { agent, heard }
}

describe('learning from a log', () => {
  it('teaches every decision once, judged by what was asked then', async () => {
    const logs = await openLogs([await writeLog('a.jsonl', 30)])
    const { agent, heard } = listener()
    expect(await learnFromLog(agent, objective, logs.entries(), { from: 0, to: 100 })).toEqual({ decisions: 30, dropped: 0 })
    // As the script asks: 12 ms, from decision 13 on 6 ms, from 21 on 12 ms.
    expect(heard.map(({ deadlineS }) => deadlineS)).toEqual(Array.from({ length: 30 }, (_, i) => (i >= 13 && i < 21 ? 0.006 : 0.012)))
    expect(heard.every(({ cost }) => cost > 0)).toBe(true)
  })

  it('teaches a part, with the requirements that hold there', async () => {
    const logs = await openLogs([await writeLog('a.jsonl', 30)])
    const { agent, heard } = listener()
    await learnFromLog(agent, objective, logs.entries(), { from: 15, to: 25 })
    expect(heard).toHaveLength(10)
    expect(heard[0]?.deadlineS).toBe(0.006)
    expect(heard[9]?.deadlineS).toBe(0.012)
  })

  it('drops the last decision before a kill, of each log, and overridden ones', async () => {
    const logs = await openLogs([await writeLog('a.jsonl', 10, 7, false), await writeLog('b.jsonl', 10, 8, false)])
    const { agent, heard } = listener()
    expect(await learnFromLog(agent, objective, logs.entries(), { from: 0, to: 100 })).toEqual({ decisions: 18, dropped: 2 })
    expect(heard).toHaveLength(18)
    const path = join(folder, 'overridden.jsonl')
    const record = scriptedRecord(header.spaces)
    const writer = createTrace(path, header)
    writer.decision({ ...record, executedAction: 5, propensity: Number.NaN })
    writer.segmentEnd(1, record.observation, record.mask)
    writer.close()
    expect(await learnFromLog(agent, objective, (await openLogs([path])).entries(), { from: 0, to: 9 })).toEqual({ decisions: 0, dropped: 1 })
  })
})

describe('training from logs', () => {
  const request = { agentOptions: {}, network: 'none', seed: 1, existing: 'refuse' as const }

  it.each(['q-learning', 'linucb', 'bayes', 'dqn'])(
    '%s finds a policy that costs less than the random one that logged',
    async (agent) => {
      const path = await writeLog('a.jsonl', 600)
      const result = await trainFrom({ ...request, traces: [path], agent, out: join(folder, agent) }, events)
      expect(result).toMatchObject({ agent, decisions: 480, dropped: 0, deployable: false, heldOut: { decisions: 120 } })
      expect(result.heldOut.logged.value).toBeLessThan(0)
      const checkpoint = readCheckpoint(result.checkpoint)
      const policy = findAgent(agent).make({
        ...{ spaces: header.spaces, seed: 1, options: {}, nominal: header.nominal, objective },
        data: checkpoint.agent.data,
        frozen: true,
      })
      // Run in the world that the log is from.
      const cost = async (make: typeof policy): Promise<number> => {
        let sum = 0
        const run = await runScripted({ header: { ...header, seed: 9 }, make: () => make, from: 0, to: 200, begin: async () => {} })
        const { env } = run
        void env
        for (const { action } of run.decisions)
          sum += objective.nominalCost(header.nominal[action] as (typeof header.nominal)[number], header.requirements)
        return sum / run.decisions.length
      }
      const random = findAgent('random').make({ spaces: header.spaces, seed: 3, options: {} })
      expect(await cost(policy)).toBeLessThan(0.9 * (await cost(random)))
    },
    120_000,
  )

  it('learns the same from Parquet', async () => {
    const path = await writeLog('a.jsonl', 200)
    const parquet = join(folder, 'a.parquet')
    await convertTrace(path, parquet)
    const learned = async (trace: string, out: string) =>
      readCheckpoint((await trainFrom({ ...request, traces: [trace], agent: 'linucb', out: join(folder, out) }, events)).checkpoint).agent.data
    expect(await learned(parquet, 'p')).toEqual(await learned(path, 'j'))
  })

  it('judges old outcomes by another objective', async () => {
    const path = await writeLog('a.jsonl', 100)
    const value = async (objective?: 'energy') =>
      (await trainFrom({ ...request, traces: [path], agent: 'static', objective, out: join(folder, `o-${objective}`) }, events)).heldOut.logged.value
    expect(await value('energy')).not.toBeCloseTo(await value(), 3)
  })

  it('refuses logs that do not fit together, that are too short, or named twice, and leaves nothing behind', async () => {
    const path = await writeLog('a.jsonl', 5)
    const out = join(folder, 'out')
    const train = (...traces: string[]) => rejectionOf(trainFrom({ ...request, traces, agent: 'bayes', out }, events))
    expect(await train(path)).toMatchObject({ code: 'ERR_TRACE_MISMATCH', message: expect.stringContaining('too few') })
    expect(await train(path, path)).toMatchObject({ code: 'ERR_USAGE' })
    const other = join(folder, 'other.jsonl')
    createTrace(other, { ...header, energyScope: 'rail' }).close()
    expect(await train(path, other)).toMatchObject({ code: 'ERR_TRACE_MISMATCH', message: expect.stringContaining('energy of the rail') })
    writeFileSync(other, '{"schema":"flyball-trace/9"}\n')
    expect(await train(other)).toMatchObject({ code: 'ERR_TRACE_SCHEMA' })
    expect(existsSync(out)).toBe(false)
  })
})
