import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { explainStep } from '../../src/run/explain-step.ts'
import { mergeTraces } from '../../src/run/offline/merge.ts'
import { shapeOf } from '../../src/run/offline/shape.ts'
import { replay } from '../../src/run/replay.ts'
import { convertTrace } from '../../src/trace/convert.ts'
import type { TraceHeader } from '../../src/trace/header.ts'
import { openLog } from '../../src/trace/log.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { rejectionOf } from '../support/error-of.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

const header = scriptedHeader('random', 7)
let folder: string
let one: string
let two: string
const at = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-merge-'))
  one = await writeRun('one.jsonl', 7, 40)
  two = await writeRun('two.jsonl', 8, 60, false)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function writeRun(name: string, seed: number, to: number, orderly = true, more: Partial<TraceHeader> = {}): Promise<string> {
  const path = at(name)
  const own = { ...header, ...more, seed }
  const writer = createTrace(path, own)
  await runScripted({ header: own, make: findAgent('random').make, from: 0, to, writer, orderly })
  writer.close()
  return path
}

async function entriesOf(path: string): Promise<TraceEntry[]> {
  const log = await openLog(path)
  const entries: TraceEntry[] = []
  for await (const entry of log.entries()) entries.push(entry)
  log.close()
  return entries
}

describe('a merged trace', () => {
  it('holds every decision of every run, in order, with steps that go on', async () => {
    const merged = await mergeTraces([two, one], at('merged.jsonl'))
    expect(merged).toMatchObject({
      decisions: 100,
      runs: [
        { source: 'two.jsonl', decisions: 60, agent: 'random', seed: 8, learning: false },
        { source: 'one.jsonl', decisions: 40, seed: 7 },
      ],
      torn: [],
    })
    const entries = await entriesOf(at('merged.jsonl'))
    const decisions = entries.filter(({ kind }) => kind === 'decision')
    expect(decisions.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const of = (all: TraceEntry[]) => all.flatMap((entry) => (entry.kind === 'decision' ? [{ ...entry, step: 0 }] : []))
    expect(of(entries)).toEqual([...of(await entriesOf(two)), ...of(await entriesOf(one))])
    // What is asked anew at the border holds for the second run only.
    expect(entries.filter(({ kind }) => kind === 'run')).toEqual([{ kind: 'run', step: 60, run: 1 }])
    const border = entries.findIndex(({ kind }) => kind === 'run')
    expect(entries[border + 1]).toEqual({ kind: 'requirements', step: 60, requirements: header.requirements })
  })

  it('is the same in Parquet, made of Parquet, and merged once more', async () => {
    await convertTrace(one, at('one.parquet'))
    await mergeTraces([two, at('one.parquet')], at('merged.parquet'))
    expect(await entriesOf(at('merged.parquet'))).toEqual(await entriesOf(at('merged.jsonl')))
    const again = await mergeTraces([at('merged.parquet'), await writeRun('three.jsonl', 9, 10)], at('again.jsonl'))
    expect(again.runs.map(({ source }) => source)).toEqual(['two.jsonl', 'one.parquet', 'three.jsonl'])
    const log = await openLog(at('again.jsonl'))
    expect(await shapeOf(log)).toEqual({ decisions: 110, runStarts: [0, 60, 100], propensities: 'logged' })
  })

  it('is not executed again, and says why; policies are judged as on the traces themselves', async () => {
    const [apart, together] = [await replay([two, one], ['static:3']), await replay([at('merged.jsonl')], ['static:3'])]
    expect(apart.traces.map(({ execution }) => execution.exact)).toEqual([true, true])
    expect(together.execution).toEqual({
      decisions: 100,
      reproduced: 0,
      overridden: 0,
      exact: null,
      skipped: 'it was merged, and the agents of its runs are not in it',
    })
    expect(together.policies).toEqual(apart.policies)
    expect(await rejectionOf(explainStep(at('merged.jsonl'), 3, false))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('was merged'),
    })
  })

  it('drops torn last lines and says which', async () => {
    const torn = await writeRun('torn.jsonl', 5, 20, false)
    truncateSync(torn, readFileSync(torn).length - 9)
    const merged = await mergeTraces([torn, one], at('whole.jsonl'))
    expect(merged).toMatchObject({ decisions: 59, torn: [{ file: torn, line: expect.any(Number) }] })
    expect(await entriesOf(at('whole.jsonl'))).toHaveLength((await entriesOf(torn)).length + (await entriesOf(one)).length + 2)
  })

  it('says where runs were judged otherwise', async () => {
    const other = await writeRun('energy.jsonl', 6, 20, true, { objective: { ...header.objective, kind: 'energy' } })
    expect((await mergeTraces([one, other], at('judged.jsonl'))).notes).toEqual([expect.stringContaining('judged by another objective (energy)')])
  })
})

describe('what does not belong together is refused, both sides are printed, and nothing is written:', () => {
  const refused = async (traces: string[], out = 'refused.jsonl') => {
    const before = readdirSync(folder).length
    const error = await rejectionOf(mergeTraces(traces, at(out)))
    expect(existsSync(at(out))).toBe(false)
    expect(readdirSync(folder)).toHaveLength(before)
    return error
  }

  it('another board', async () => {
    const other = await writeRun('board.jsonl', 7, 5, true, { board: { id: 'elsewhere', fingerprint: 'abc' } })
    const { code, message } = await refused([one, other])
    expect(code).toBe('ERR_TRACE_MISMATCH')
    expect(message).toMatch(/first: +board scripted, fingerprint 0/)
    expect(message).toMatch(/second: +board elsewhere, fingerprint abc/)
  })

  it('other monitors', async () => {
    const { spaces } = header
    const other = at('spaces.jsonl')
    createTrace(other, {
      ...header,
      spaces: { ...spaces, monitors: spaces.monitors.slice(1) },
    }).close()
    const { code, message } = await refused([one, other], 'refused.parquet')
    expect(code).toBe('ERR_TRACE_MISMATCH')
    expect(message).toMatch(/first: +monitors little.interference .*\n +second: monitors big.interference/)
  })

  it('another schema', async () => {
    const other = at('schema.jsonl')
    writeFileSync(other, readFileSync(one, 'utf8').replace('flyball-trace/2', 'flyball-trace/99'))
    expect(await refused([one, other])).toMatchObject({ code: 'ERR_TRACE_SCHEMA', message: expect.stringContaining('flyball-trace/99') })
  })

  it('a broken record', async () => {
    const other = at('broken.jsonl')
    const lines = readFileSync(one, 'utf8').split('\n')
    writeFileSync(other, [...lines.slice(0, 9), ...lines.slice(10)].join('\n'))
    expect(await refused([two, other], 'refused.parquet')).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: expect.stringContaining(`${other}, line 10`),
    })
  })

  it('one trace, one named twice, one that is to be written over', async () => {
    expect(await refused([one])).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('two or more') })
    expect(await refused([one, `${folder}/../${folder.split('/').at(-1)}/one.jsonl`])).toMatchObject({ message: expect.stringContaining('twice') })
    expect(await rejectionOf(mergeTraces([one, two], one))).toMatchObject({ message: expect.stringContaining('is one of the traces') })
    expect(await refused([one, two], 'merged.csv')).toMatchObject({ message: expect.stringContaining('.jsonl or .parquet') })
  })
})
