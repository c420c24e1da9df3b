import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { tableSpaces } from '../../envs/table/table-spaces.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openSimNetwork, simGround } from '../../src/run/grounds/sim-ground.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { profileBoard, profileGround } from '../../src/run/profile-table.ts'
import { findTable } from '../../src/table/find.ts'
import { readTable } from '../../src/table/read.ts'
import { writeSmallNetwork } from '../support/small-network.ts'

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
