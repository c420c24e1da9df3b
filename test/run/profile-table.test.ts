import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { tableSpaces } from '../../envs/table/table-spaces.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openSimNetwork, simGround } from '../../src/run/grounds/sim-ground.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { profileBoard, profileGround } from '../../src/run/profile-table.ts'
import { findTable } from '../../src/table/find.ts'
import { readTable } from '../../src/table/read.ts'
import { writeSmallNetwork } from '../support/small-network.ts'
import { makeTwoPolicyBoard } from '../support/two-policy-board.ts'

const network = writeSmallNetwork()
const folder = mkdtempSync(join(tmpdir(), 'flyball-profile-'))
afterAll(() => {
  for (const dir of [network, folder]) rmSync(dir, { recursive: true, force: true })
})
const cpus = getAffinity(0)

const events = { note: () => {}, progress: () => {}, stopped: () => undefined }

describe('a profile kept as a table', () => {
  it.each([
    ['as it is', {}],
    ['its cores split', cpus.length > 1 ? { clusters: `${cpus[0]},${cpus[1]}` } : {}],
  ])('of this board, %s, has the spaces of its environment: a policy of one fits the other', async (_, more) => {
    const request = { root: '/', rate: 'back-to-back', virtual: 'pacing' as const, interfere: [], ...more }
    const out = join(folder, `board-${Object.keys(more).length}.json`)
    const result = await profileBoard(request, network, { out, force: false, rounds: 1, seed: 1 }, events)
    const settings = resolveBoard(request)
    const open = await openBoard(settings, network, events.note)
    const env = boardEnv(open, settings, { requirements: { percentile: 99 }, advise: false })
    try {
      const table = readTable(findTable(out, []))
      expect(tableSpaces(table)).toEqual(env.spaces)
      expect(result).toMatchObject({ table: out, points: env.spaces.points.length, samples: 3, energyScope: open.runtime.meter.scope })
      expect(table.quality.latencyS).toBe('measured')
    } finally {
      await env.close()
    }
  })
})

describe('a profile during which somebody else sets a clock', () => {
  it('says so beside the figures', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
    const chosenBefore = process.env['FLYBALL_STATE_DIR']
    process.env['FLYBALL_STATE_DIR'] = join(folder, 'state')
    onTestFinished(() => {
      board.remove()
      if (chosenBefore === undefined) delete process.env['FLYBALL_STATE_DIR']
      else process.env['FLYBALL_STATE_DIR'] = chosenBefore
    })
    const meddling = {
      ...events,
      progress(_: string, done: number) {
        // While the big core is at work.
        if (done === 24) writeFileSync(join(board.root, `sys/devices/system/cpu/cpufreq/policy${cpus[1]}/scaling_max_freq`), '1300000\n')
      },
    }
    const request = { root: board.root, rate: 'back-to-back', virtual: 'none' as const, interfere: [] }
    const result = await profileBoard(request, network, { out: join(folder, 'meddled.json'), force: false, rounds: 30, seed: 1 }, meddling)
    expect(result.notes).toContainEqual(expect.stringMatching(/^big\.freqHz was held by .+ meanwhile: .*profile again/))
    expect(result.notes.filter((note) => note.includes('little.freqHz was'))).toEqual([])
  })
})

describe('a simulated board kept as a table', () => {
  it('has its spaces, near its nominal outcomes, and says that they are estimated', async () => {
    const ground = simGround({ board: readShipped('odroid-xu4'), network: openSimNetwork('date2020'), plant: 'nominal' })
    const out = join(folder, 'simulated')
    const result = await profileGround(ground, { out, force: false, rounds: 3, seed: 2 }, events)
    const table = readTable(findTable(out, []))
    expect(tableSpaces(table)).toEqual(ground.spaces)
    expect([result.latencyQuality, result.energyQuality, table.quality.latencyS]).toEqual(['estimated', 'estimated', 'estimated'])
    // Medians of nine samples with a jitter of a few per cent.
    const ratios = ground.nominal.map(({ latencyS }, a) => (table.latencyS[a] as number) / latencyS)
    expect(Math.abs(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length - 1)).toBeLessThan(0.05)
  })

  it('ends when it is asked to, and keeps nothing', async () => {
    const ground = simGround({ board: readShipped('odroid-xu4'), network: openSimNetwork('date2020'), plant: 'nominal' })
    const out = join(folder, 'interrupted')
    let stopped: string | undefined
    setImmediate(() => {
      stopped = 'SIGINT'
    })
    const asked = profileGround(ground, { out, force: false, rounds: 500, seed: 1 }, { ...events, stopped: () => stopped })
    await expect(asked).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' })
    expect(existsSync(`${out}.json`)).toBe(false)
  })
})
