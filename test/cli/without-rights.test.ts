import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTrace } from '../../src/trace/reader.ts'
import { type Unpacked, unpackBoard } from '../fixtures/boards/unpack.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

const nobody = 65534

/** Skipped unless it runs as root, who alone can become another user. */
describe.runIf(process.getuid?.() === 0)('a governor that was trained with rights and is deployed without', () => {
  let place: Workplace
  let board: Unpacked
  let run: string
  const clocks = () =>
    readdirSync(join(board.root, 'sys/devices/system/cpu/cpufreq')).flatMap((policy) =>
      ['min', 'max'].map((end) => readFileSync(join(board.root, 'sys/devices/system/cpu/cpufreq', policy, `scaling_${end}_freq`), 'utf8')),
    )

  beforeAll(async () => {
    place = makeWorkplace()
    board = unpackBoard('odroid-xu4')
    run = place.path('run')
    await place.train(run, '--root', board.root, '--steps', '30')
    chmodSync(place.dir, 0o777)
    chmodSync(run, 0o777)
    mkdirSync(place.stateDir, { recursive: true })
    chmodSync(place.stateDir, 0o777)
  })
  afterAll(() => {
    board.remove()
    place.remove()
  })

  it('governs sub-network and cores, masks the clocks it may not set, says so once with the fix, and writes nothing', async () => {
    const before = clocks()
    const { status, stdout, stderr } = await place.startAs(nobody, 'deploy', run, '--rate', 'back-to-back', '--steps', '40', '--json').ended
    expect(status, stderr).toBe(0)
    const said = stderr.split('\n').filter((line) => line.includes('no permission'))
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(
      /no permission to set the frequency of .*: left to the kernel, and points at other clocks are masked; flyball doctor --fix/,
    )
    const { trace } = JSON.parse(stdout) as { trace: string }
    const { header, ...reader } = openTrace(trace)
    const knob = header.spaces.knobs.filter(({ kind }) => kind === 'frequency').map(({ name }) => name)
    expect(knob.length).toBeGreaterThan(0)
    const subnets = new Set<unknown>()
    for (const entry of reader.entries()) {
      if (entry.kind !== 'decision') continue
      const allowed = header.spaces.points.filter((_, a) => entry.mask[a] === 1)
      for (const name of knob) expect(new Set(allowed.flatMap((point) => (name in point ? [point[name]] : []))).size, name).toBeLessThanOrEqual(2)
      for (const point of allowed) subnets.add(point['subnet'])
      expect(allowed.length).toBeLessThan(header.spaces.points.length)
    }
    expect(subnets.size).toBeGreaterThan(1)
    expect(clocks()).toEqual(before)
    expect(readdirSync(place.stateDir).filter((name) => name.startsWith('journal'))).toEqual([])
  })
})
