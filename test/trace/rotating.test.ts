import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTrace } from '../../src/trace/reader.ts'
import { createRotatingTrace, leastTraceSizeB } from '../../src/trace/rotating.ts'
import { errorOf } from '../support/error-of.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-rotating-'))
  path = join(folder, 'trace.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const header = scriptedHeader('random', 3)
const record = scriptedRecord(header.spaces)

/** Writes so many decisions, rotating where it is due. */
function write(decisions: number) {
  const trace = createRotatingTrace(path, header, leastTraceSizeB)
  for (let step = 0; step < decisions; step++) {
    trace.decision({ ...record, step })
    if (trace.due()) trace.rotate({ ...header, startStep: step + 1 })
  }
  trace.close()
  return trace
}

const steps = (): number[] => Array.from(openTrace(path).entries(), (entry) => entry.step)

describe('a rotating trace', () => {
  it('is one file while it is short', () => {
    write(10)
    expect(readdirSync(folder)).toEqual(['trace.jsonl'])
    expect(steps()).toHaveLength(10)
  })

  it('is read over its parts as if it were one', () => {
    const trace = write(1000)
    expect(readdirSync(folder).length).toBeGreaterThan(1)
    expect(trace.removed()).toBe(0)
    expect(steps()).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  it('stays within its bound, keeps the newest decisions, and says how many went', () => {
    const trace = write(20_000)
    expect(trace.sizeB()).toBeLessThanOrEqual(leastTraceSizeB)
    expect(trace.records()).toBe(20_000)
    const kept = steps()
    expect(kept.at(-1)).toBe(19_999)
    expect(kept[0]).toBe(trace.removed())
    expect(kept).toHaveLength(20_000 - trace.removed())
    expect(openTrace(path).header.startStep).toBe(trace.removed())
  })

  it('is whole where a kill came between closing a part and beginning the next', () => {
    write(1000)
    rmSync(path)
    const whole = steps()
    expect(whole[0]).toBe(0)
    expect(whole.at(-1)).toBe(whole.length - 1)
  })

  it('begins anew where an earlier trace had parts', () => {
    write(1000)
    write(3)
    expect(existsSync(`${path}.1`)).toBe(false)
    expect(steps()).toEqual([0, 1, 2])
  })

  it('refuses a bound that a part does not fit into', () => {
    expect(errorOf(() => createRotatingTrace(path, header, 1000))).toMatchObject({ code: 'ERR_RANGE' })
    expect(existsSync(path)).toBe(false)
  })
})
