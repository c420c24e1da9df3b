import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTrace } from '../../src/trace/writer.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

let place: Workplace
let path: string
const header = scriptedHeader('random', 3)
const record = scriptedRecord(header.spaces)

beforeAll(() => {
  place = makeWorkplace()
  path = place.path('trace.jsonl')
  const writer = createTrace(path, header)
  for (let step = 0; step < 3; step++) writer.decision({ ...record, step })
  writer.decision({
    ...record,
    step: 3,
    action: 5,
    executedAction: 5,
    propensity: 1,
    outcome: { ...record.outcome, latencyS: 0.0323, deadlineMet: false },
  })
  writer.segmentEnd(4, record.observation, record.mask)
  writer.close()
})
afterAll(() => place.remove())

describe('flyball trace', () => {
  it('shows what a trace holds, for people and for programs', async () => {
    const shown = await place.run('trace', 'show', path)
    expect(shown.stdout).toContain('4 decisions, 132 ms')
    expect(shown.stdout).toContain('misses       25.0 %')
    expect(shown.stdout).toContain('energy       absent 100.0 %')
    expect(shown.stdout).toContain('at least 0.333; 25.0 % of decisions were certain')
    expect(shown.stdout).toContain('14 points were never tried')
    const json = JSON.parse((await place.run('trace', 'show', path, '--json')).stdout) as Record<string, unknown>
    expect(json).toMatchObject({
      decisions: 4,
      firstStep: 0,
      segments: 1,
      overridden: 0,
      missRatio: 0.25,
      leastPropensity: 1 / 3,
      deterministicRatio: 0.25,
    })
    expect(json['points']).toMatchObject([
      { action: 2, ratio: 0.75 },
      { action: 5, ratio: 0.25 },
    ])
    // (3 * 12.3 ms + 32.3 ms) / 4
    expect((json['outcomes'] as { name: string; mean: number }[])[0]).toMatchObject({ name: 'latencyS', least: 0.0123, most: 0.0323 })
    expect((json['outcomes'] as { mean: number }[])[0]?.mean).toBeCloseTo(0.0173, 12)
  })

  it('shows the same of Parquet, and draws it', async () => {
    const parquet = place.path('trace.parquet')
    expect((await place.run('trace', 'convert', path, parquet)).stdout).toContain('4 decisions')
    const [one, other] = await Promise.all([
      place.run('trace', 'show', path, '--json'),
      place.run('trace', 'show', parquet, '--json', '--picture', place.path('p.svg')),
    ])
    const own = { trace: '', sizeB: 0, picture: null }
    expect({ ...JSON.parse(other.stdout), ...own }).toEqual({ ...JSON.parse(one.stdout), ...own })
    expect(readFileSync(place.path('p.svg'), 'utf8')).toContain('<svg')
  })

  it('never writes over a file unasked, and says what it cannot convert', async () => {
    const twice = await place.run('trace', 'convert', path, path.replace('jsonl', 'parquet'))
    expect(twice).toMatchObject({ status: 2, stderr: expect.stringContaining('ERR_OUT_EXISTS') })
    const csv = await place.run('trace', 'convert', path, place.path('a.csv'))
    expect(csv).toMatchObject({ status: 2, stderr: expect.stringContaining('expected one .parquet and one .jsonl') })
    const none = await place.run('trace', 'show', place.path('nowhere'))
    expect(none).toMatchObject({ status: 3, stderr: expect.stringContaining('ERR_RUN_MISSING') })
    expect(existsSync(place.path('a.csv'))).toBe(false)
  })
})
