import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { tableSpaces } from '../../envs/table/table-spaces.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { paretoOf, profileBoard } from '../../src/run/profile-table.ts'
import { findTable } from '../../src/table/find.ts'
import { readTable } from '../../src/table/read.ts'
import { writeSmallNetwork } from '../support/small-network.ts'

const network = writeSmallNetwork()
const folder = mkdtempSync(join(tmpdir(), 'flyball-profile-'))
afterAll(() => {
  for (const dir of [network, folder]) rmSync(dir, { recursive: true, force: true })
})
const cpus = getAffinity(0)

describe('a profile kept as a table', () => {
  it.each([
    ['as it is', {}],
    ['its cores split', cpus.length > 1 ? { clusters: `${cpus[0]},${cpus[1]}` } : {}],
  ])('of this board, %s, has the spaces of its environment: a policy of one fits the other', async (_, more) => {
    const request = { root: '/', rate: 'back-to-back', virtual: 'pacing' as const, interfere: [], ...more }
    const notes: string[] = []
    const events = { note: (message: string) => notes.push(message), progress: () => {}, stopped: () => undefined }
    const out = join(folder, `board-${Object.keys(more).length}.json`)
    const result = await profileBoard({ board: request, network, out, force: false, rounds: 1, seed: 1 }, events)
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

describe('the points that no other one beats', () => {
  const pareto = (rows: readonly (readonly [string, number, number, number])[]): string[] =>
    paretoOf(rows.map(([name, latencyS, energyJ, accuracy]) => ({ point: { name }, outcome: { latencyS, energyJ, accuracy } }))).map(
      ({ point }) => point,
    )

  it('are better in latency, energy or accuracy, the fastest first', () => {
    const rows = [
      ['slow and thrifty', 3, 1, 0.5],
      ['fast', 1, 3, 0.5],
      ['beaten by both', 3, 3, 0.5],
      ['accurate', 4, 4, 0.9],
      ['as good as the accurate one', 4, 4, 0.9],
    ] as const
    expect(pareto(rows)).toEqual(['name=fast', 'name=slow and thrifty', 'name=accurate', 'name=as good as the accurate one'])
  })

  it('are the fastest where nothing else is known', () => {
    const { NaN: unknown } = Number
    expect(
      pareto([
        ['a', 2, unknown, unknown],
        ['b', 1, unknown, unknown],
        ['c', 1, unknown, unknown],
      ]),
    ).toEqual(['name=b', 'name=c'])
  })
})
