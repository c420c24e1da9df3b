import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { createTrace, rollBackTrace } from '../../src/trace/writer.ts'
import { errorOf } from '../support/error-of.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-roll-back-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const header = scriptedHeader('random', 3)

/** A trace of twelve decisions, and its length at its beginning, after five of them and at its end, B. */
async function make(): Promise<{ path: string; sizes: [number, number, number] }> {
  const path = join(dir, 'trace.jsonl')
  const writer = createTrace(path, header)
  const beginB = writer.sizeB()
  await runScripted({ header, make: findAgent('random').make, from: 0, to: 5, writer, orderly: false })
  const middleB = writer.sizeB()
  await runScripted({ header, make: findAgent('random').make, from: 5, to: 12, writer })
  writer.close()
  return { path, sizes: [beginB, middleB, writer.sizeB()] }
}

describe('rolling a trace back', () => {
  it('cuts it where the checkpoint was made, an orderly end too', async () => {
    const { path, sizes } = await make()
    const whole = readFileSync(path)
    const [beginB, middleB, endB] = sizes
    rollBackTrace(path, { records: 12, sizeB: endB }, header).close()
    const lines = whole.toString().trimEnd().split('\n')
    expect(readFileSync(path, 'utf8')).toBe(`${lines.slice(0, -1).join('\n')}\n`)
    rollBackTrace(path, { records: 5, sizeB: middleB }, header).close()
    expect(readFileSync(path)).toEqual(whole.subarray(0, middleB))
    rollBackTrace(path, { records: 0, sizeB: beginB }, header).close()
    expect(readFileSync(path)).toEqual(whole.subarray(0, beginB))
  })

  it('cuts nothing where no line ends there: the checkpoint is of another course of the run', async () => {
    const { path, sizes } = await make()
    const whole = readFileSync(path)
    for (const sizeB of [sizes[1] - 1, sizes[1] + 40])
      expect(errorOf(() => rollBackTrace(path, { records: 5, sizeB }, header))).toMatchObject({
        code: 'ERR_TRACE_MISMATCH',
        message: expect.stringContaining('do not end with a line'),
      })
    expect(readFileSync(path)).toEqual(whole)
  })
})
