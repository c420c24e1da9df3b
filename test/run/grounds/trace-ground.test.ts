import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { type Mask, monitorIndex } from '../../../src/core/spaces.ts'
import { findGrounds, openGround } from '../../../src/run/grounds/open.ts'
import { openTrace } from '../../../src/trace/reader.ts'
import { createTrace } from '../../../src/trace/writer.ts'
import { errorOf } from '../../support/error-of.ts'
import { runScripted, scriptedHeader } from '../../support/scripted-run.ts'

let dir: string
let trace: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-trace-ground-'))
  trace = join(dir, 'run.jsonl')
  const header = scriptedHeader('random', 5)
  const writer = createTrace(trace, header)
  await runScripted({ header, make: findAgent('random').make, from: 0, to: 40, writer })
  writer.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const open = (file: string, on = 'sim:odroid-xu4') => {
  const [spec] = findGrounds([`trace:${file}`], { on })
  if (spec === undefined) throw new Error('no ground')
  return openGround(spec)
}

describe('a trace driven through a simulated board', () => {
  it('meets the loads, cores and requirements of the trace, and ends with it', async () => {
    const ground = open(trace)
    expect(ground.id).toBe(`trace:${trace}`)
    expect(ground.labels.join('\n')).toContain('trace: clusters by order (little as a7, big as a15)')
    expect(ground.labels.join('\n')).toMatch(
      /trace: times and deadlines x [\d.]+, as the fastest point that meets the floor takes 1.5 ms on scripted and [\d.]+ ms here/,
    )
    expect(ground.phases).toHaveLength(3)
    const env = ground.open(ground.phases.map(({ percentile = 99 }) => ({ percentile, deadlineS: 10 })))
    // Fast enough that no request ever waits.
    const fastest = (mask: Mask): number =>
      ground.nominal.reduce((best, { latencyS }, a) => (mask[a] === 1 && !(latencyS >= (ground.nominal[best]?.latencyS ?? Infinity)) ? a : best), -1)
    const cores = monitorIndex(env.spaces, 'a15.availableCores')
    const load = monitorIndex(env.spaces, 'a15.interference')
    const { observation, mask } = await env.reset({ seed: 1 })
    const logged = [...openTrace(trace).entries()].filter((entry) => entry.kind === 'decision')
    let gone = 0
    for (let k = 0; k < 200; k++) {
      const seen = logged[k]?.observation
      // The big cluster had four cores, and none in every tenth decision. The simulated load meter shows the window before, off by some percent.
      expect(observation[cores]).toBe(seen?.[3])
      const before = logged[k - 1]?.observation[1] ?? 0
      expect(Math.abs((observation[load] as number) - before)).toBeLessThan(0.1)
      if (seen?.[3] === 0) gone++
      const step = await env.step(fastest(mask))
      if (step.truncated) {
        expect(k).toBe(39)
        break
      }
    }
    expect(gone).toBe(4)
    await env.close()
  })

  it('says where it cannot be', () => {
    expect(errorOf(() => open(join(dir, 'none.jsonl')))).toMatchObject({ code: 'ERR_RUN_MISSING' })
  })

  it('is driven through boards with other numbers of clusters', () => {
    expect(open(trace, 'sim:raspberry-pi-4').labels).toContain('trace: clusters by speed (big as a72; nothing here is as little)')
    expect(open(trace, 'sim:rk3588').labels).toContain('trace: clusters by speed (little as a55, big as a76_0, big as a76_1)')
  })
})
