import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { writeTimeline } from '../../src/report/timeline.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { runScripted, scriptedHeader } from '../support/scripted-run.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-timeline-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function draw(name: string, steps: number): Promise<string> {
  const header = scriptedHeader('random', 3)
  const writer = createTrace(join(dir, `${name}.jsonl`), header)
  await runScripted({ header, make: findAgent('random').make, from: 0, to: steps, writer })
  writer.close()
  await writeTimeline(join(dir, `${name}.jsonl`), join(dir, `${name}.svg`))
  return readFileSync(join(dir, `${name}.svg`), 'utf8')
}

/** Marks of one kind, one for each decision. */
const count = (svg: string, kind: RegExp): number => svg.match(kind)?.length ?? 0

describe('the picture of a trace', () => {
  it('shows every decision, its sub-network, and the load of each cluster', async () => {
    const svg = await draw('sixty', 60)
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/)
    for (const label of ['latency of each request', 'sub-network that answered', 'little', 'big', '25', '50', '75', '100'])
      expect(svg).toContain(label)
    expect(count(svg, /aria-roledescription="point"/g)).toBe(60)
    expect(count(svg, /aria-roledescription="tick"/g)).toBe(60)
    // It stands alone: nothing is fetched when it is looked at.
    expect(svg).not.toMatch(/<image|<script|href="http/)
  })

  it('marks what the agent noticed, with the evidence', async () => {
    const header = scriptedHeader('random', 3)
    const writer = createTrace(join(dir, 'events.jsonl'), header)
    await runScripted({ header, make: findAgent('random').make, from: 0, to: 30, writer, orderly: false })
    writer.event({ kind: 'relaxed', step: 30, since: 26, limits: { deadlineS: 0.012 }, feasible: { deadlineS: 0.0154 } })
    writer.event({ kind: 'sensor', step: 30, what: 'doubted', sensor: 'VDD_IN', trouble: 'stuck', why: 'has stopped counting' })
    writer.event({ kind: 'sensor', step: 30, what: 'believed', sensor: 'soc', trouble: 'broken' })
    writer.event({ kind: 'change', step: 30, what: 'latency', cluster: 'big', z: 7.13 })
    writer.close()
    await writeTimeline(join(dir, 'events.jsonl'), join(dir, 'events.svg'))
    const svg = readFileSync(join(dir, 'events.svg'), 'utf8')
    for (const text of [
      'what the agent noticed',
      'big latency',
      'z = 7.1',
      'deadline',
      '12 ms not kept, 15.4 ms could be',
      'sensor VDD_IN',
      'has stopped counting',
    ])
      expect(svg).toContain(text)
    expect(count(svg, /aria-roledescription="bar"/g)).toBe(2)
    expect(svg).not.toContain('sensor soc')
    expect(await draw('quiet', 5)).not.toContain('what the agent noticed')
  })

  it('shows a trace that holds nothing yet', async () => {
    const svg = await draw('none', 0)
    expect(svg).toContain('<svg')
    expect(count(svg, /aria-roledescription="point"/g)).toBe(0)
  })

  it('refuses what is no trace', async () => {
    await expect(writeTimeline(join(dir, 'nowhere.jsonl'), join(dir, 'x.svg'))).rejects.toMatchObject({ code: 'ERR_RUN_MISSING' })
  })
})
