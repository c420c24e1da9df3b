import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { writeSmallNetwork } from '../support/small-network.ts'
import { makeTwoPolicyBoard } from '../support/two-policy-board.ts'

const network = writeSmallNetwork()
afterAll(() => rmSync(network, { recursive: true, force: true }))
const cpus = getAffinity(0)

describe('a board on which a cluster of the run is away', () => {
  // A core that this process was never allowed stands for one that is offline or in another cpuset.
  const away = 1000

  it('is said once, and governed by what there is', async () => {
    const board = makeTwoPolicyBoard(cpus[0] as number, away)
    onTestFinished(() => board.remove())
    const settings = resolveBoard({ root: board.root, rate: '100', virtual: 'auto', interfere: [] })
    const [little] = settings.clusters
    const trained = { ...settings, clusters: [{ ...little, id: 'big', boardCluster: 'big', cpus: [away] }, little] } as typeof settings
    const notes: string[] = []
    const opened = await openBoard(trained, network, (note) => notes.push(note))
    const env = boardEnv(opened, trained, { requirements: { percentile: 99 }, advise: false })
    onTestFinished(() => env.close())
    expect(notes).toEqual([`cluster big (core ${away}): this process may use none of its cores now; its points are masked until it may`])
    const { mask } = await env.reset({ seed: 1 })
    const open = env.spaces.points.filter((_, a) => mask[a] === 1)
    expect(new Set(open.map(({ cluster }) => cluster))).toEqual(new Set([little?.id]))
    expect(open.length).toBeLessThan(env.spaces.points.length)
    expect((await env.step(mask.indexOf(1))).executedAction).toBe(mask.indexOf(1))
    // It has none of that cluster's cores, whatever is chosen.
    expect(mask[(await env.step(0)).executedAction]).toBe(1)
  })
})
