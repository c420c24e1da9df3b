import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeJob, whyNoLab } from './lab/machine.ts'

const why = whyNoLab()
const untouched = ['schedutil 400000 1400000', 'schedutil 600000 2000000']
const all = (policy: string, result: string): string[] => ['max', 'min'].map((end) => `${policy}/scaling_${end}_freq ${result}`)

/** Of entries in any order. */
const sorted = (lines: readonly string[]): string[] => lines.toSorted()
const everywhere = (result: string): string[] => [...all('policy0', result), ...all('policy2', result)]

describe.skipIf(why !== undefined)(`knobs on a real kernel${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const job = makeJob()
  let seen: Record<string, Record<string, unknown>> = {}
  let printed = ''

  /** What a scenario saw. */
  const of = <T extends object = Record<string, unknown>>(name: string): T => {
    expect(seen, printed).toHaveProperty([name])
    const found = seen[name] as T & { failed?: string }
    expect(found.failed, found.failed).toBeUndefined()
    return found
  }

  beforeAll(async () => {
    const { status, console } = await job.run('exec node /repo/test/kernel/guest/knobs.mjs /job/seen.json\n', 420)
    printed = `status ${status}\n${console}`
    const file = join(job.dir, 'seen.json')
    if (existsSync(file)) seen = JSON.parse(readFileSync(file, 'utf8'))
  }, 450_000)
  afterAll(() => job.remove())

  it('discovers both domains and may write them', () => {
    expect(of('discovery')).toMatchObject({
      fingerprint: expect.stringMatching(/ \| little cpu 0-1 5 OPP \| big cpu 2-3 5 OPP$/),
      writable: ['yes', 'yes'],
      zones: 2,
      psi: true,
      knobs: untouched,
    })
  })

  it('clamps: however stale a reading, the value holds once it has settled, and no stale one passes for a foreign write', () => {
    const { count, standings, released, held, restored, after } = of<{ count: object; restored: string[] }>('clamps') as Record<string, unknown>
    expect(count).toMatchObject({ sets: 300, wrong: 0, suspected: 0 })
    expect(standings).toEqual(['kept', 'kept'])
    expect(released).toEqual(untouched)
    // The kernel's governors stay in charge below the clamp.
    expect(held).toEqual(['schedutil 1000000 1000000', 'schedutil 1000000 1000000'])
    expect(sorted(restored as string[])).toEqual(sorted(everywhere('restored')))
    expect(after).toEqual(untouched)
  })

  it('takes an OPP of the table where the kernel would round', () => {
    expect(of('rounding')).toMatchObject({ rounded: '700000', tooHigh: '1400000', text: 'EINVAL', nearest: 1e9, standing: 'kept', after: untouched })
  })

  it('leaves no minimum behind that the kernel hides below a foreign maximum', () => {
    expect(of('remembered minimum')).toMatchObject({
      shown: 'schedutil 600000 600000',
      standing: 'changed',
      raised: untouched[1],
      after: untouched,
    })
  })

  it('does not write over a foreign value, and leaves it when it restores', () => {
    const { restored, ...rest } = of<{ restored: string[] }>('foreign write')
    expect(rest).toEqual({ standing: 'changed', refused: 'NaN', left: 'schedutil 600000 1400000', after: 'schedutil 600000 1400000' })
    expect(restored).toEqual([expect.stringMatching(/^policy2\/scaling_max_freq changed-by-somebody-else/), 'policy2/scaling_min_freq already'])
  })

  it('restores after kill -9 from another process, and only then', () => {
    expect(of('kill -9')).toMatchObject({ liveOwner: 'ERR_JOURNAL true', moved: [true, true], after: untouched, left: [] })
  })

  it('has one writer, whichever user it belongs to; root undoes what a user left, with the rights of that user', () => {
    const { restored, planted, ...rest } = of<{ restored: string[]; planted: string[] }>('two users')
    expect(rest).toEqual({
      root: expect.stringMatching(/^ERR_JOURNAL process PID \(.*, user 65534\) is governing this board/),
      moved: true,
      after: untouched,
      user: true,
      kept: untouched,
    })
    expect(restored).toHaveLength(4)
    for (const line of restored) expect(line).toMatch(/ (restored|already)$/)
    expect(planted).toEqual(['policy2/scaling_max_freq failed: user 65534 may not write it; run as one who may'])
  })

  it('has one writer also where a service has a network, and so a /sys, of its own', () => {
    const { restored, ...rest } = of<{ restored: string[] }>('a network of its own')
    expect(rest).toEqual({
      refused: expect.stringMatching(/^ERR_JOURNAL process PID \(.*, user 0\) is governing this board/),
      said: '',
      after: untouched,
    })
    expect(restored).toHaveLength(4)
  })

  it('notices a foreign write to a domain that is not in use, and another governor', () => {
    const { told, ...rest } = of<{ told: string[] }>('a domain that is not in use, and its governor')
    expect(told.toSorted()).toEqual(['changed little.freqHz', 'governor big.freqHz performance'])
    expect(rest).toEqual({
      untouched: untouched[0],
      left: 'schedutil 400000 1000000',
      after: ['schedutil 400000 1000000', 'performance 600000 2000000'],
      said: [expect.stringMatching(/policy0\/scaling_max_freq is 1000000, as somebody else set it: left alone/)],
    })
  })

  it('tells a firmware limit from a foreign write, and restores through it', () => {
    const { restored, ...rest } = of<{ restored: string[] }>('firmware')
    expect(rest).toMatchObject({
      standing: 'capped',
      throttle: { firmwareHz: 1e9, coolingSteps: 0 },
      held: 'schedutil 1000000 1000000',
      during: 'schedutil 600000 1000000',
      after: untouched[1],
    })
    expect(restored).toContainEqual(expect.stringMatching(/scaling_max_freq restored: heat or firmware holds it at 1000000/))
  })

  it('tells heat from a foreign write, and knows when it is over', () => {
    expect(of('heat')).toMatchObject({ standings: ['capped', 'capped'], after: untouched })
  })

  it('survives a domain that answers EBUSY: what is owed is paid when it returns', () => {
    const { restored, ...rest } = of<{ restored: string[] }>('domain offline')
    expect(rest).toMatchObject({
      policy: 'EBUSY',
      clusters: expect.stringMatching(/cpu1 cpu 2-3 0 OPP$/),
      owed: 1,
      set: 'NaN',
      access: 'broken',
      after: untouched,
      left: [],
    })
    expect(restored.filter((line) => line.includes('policy2'))).toEqual(all('policy2', 'failed: EBUSY: resource busy or locked, read'))
  })

  it('lets a domain go that was offline when it should have', () => {
    expect(of('domain offline while clamped')).toMatchObject({
      oneLeft: 'kept',
      related: '2 3',
      affected: '2',
      none: 'broken',
      remembered: 'schedutil 1000000 1000000',
      released: untouched[1],
    })
  })

  it('holds some threads in a bandwidth group, and removes it', () => {
    expect(of('bandwidth')).toEqual({
      version: 2,
      set: true,
      max: '2000 10000',
      type: 'threaded',
      restored: ['restored'],
      gone: 'ENOENT',
      controlsAsBefore: true,
    })
  })

  it('knows which cores there are: hotplug, a cpuset with a gap, one that falls back to its parent, and back', () => {
    expect(of('cores')).toEqual({
      all: [0, 1, 2, 3],
      placed: [1, 3],
      whilePlaced: [0, 1, 2, 3],
      offline: [0, 1, 2],
      file: [1, 1, 1, 0],
      moved: [1],
      online: [0, 1, 2, 3],
      gap: [0, 2, 3],
      gapPlaced: 'ERR_AFFINITY',
      one: [3],
      fallBack: { cpus: [0, 1, 2], text: '3', effective: '0-2' },
      returned: [3],
      end: [0, 1, 2, 3],
    })
  })

  it('reads pressure under load', () => {
    expect(of('pressure')).toEqual({ known: true, grew: true })
  })
})
