import { rmSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { BoardEnv } from '../../../envs/board/board-env.ts'
import { monitorIndex } from '../../../src/core/spaces.ts'
import { getAffinity } from '../../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../../src/run/open-board.ts'
import { errorOf } from '../../support/error-of.ts'
import { writeSmallNetwork } from '../../support/small-network.ts'
import { childrenOf, isRunning, waitFor } from '../../support/wait-for.ts'

const network = writeSmallNetwork()
afterAll(() => rmSync(network, { recursive: true, force: true }))
const cpus = getAffinity(0)
const split = cpus.length > 1 ? `${cpus[0]},${cpus[1]}` : `${cpus[0]}`

let env: BoardEnv | undefined
afterEach(async () => {
  await env?.close()
  env = undefined
})

async function open(options: { rate?: string; interfere?: string[]; advise?: boolean; reserve?: string } = {}): Promise<BoardEnv> {
  const { rate = '200', interfere = [], advise = false, reserve } = options
  const settings = resolveBoard({ root: '/', rate, clusters: split, virtual: 'pacing', interfere, ...(reserve === undefined ? {} : { reserve }) })
  const opened = await openBoard(settings, network, () => {})
  env = boardEnv(opened, settings, { requirements: { percentile: 99, deadlineS: 0.02 }, advise })
  return env
}

describe('this machine as an environment', () => {
  it('runs the chosen sub-network on the chosen cluster', async () => {
    const board = await open()
    const { points } = board.spaces
    let answeredOn: number[] = []
    board.whenIdle?.(() => {
      answeredOn = getAffinity(0)
    })
    await board.reset({ seed: 1 })
    for (const [a, point] of points.entries()) {
      const { outcome } = await board.step(a)
      const cluster = board.spaces.knobs[1]?.values.indexOf(point['cluster'] as string) as number
      expect(answeredOn).toEqual([cpus[cluster]])
      expect(outcome.accuracy).toBe({ 25: 0.55, 50: 0.63, 75: 0.67, 100: 0.69 }[point['subnet'] as string])
      expect(outcome).toMatchObject({ latencyQuality: 'measured', accuracyQuality: 'estimated', confidenceQuality: 'measured' })
    }
  })

  it('waits for the next request wherever the kernel likes, so that a busy core delays none before it was decided about', async () => {
    const board = await open()
    await board.reset({ seed: 1 })
    // On a busy machine the next one may be there already.
    for (let i = 0; i < 100 && getAffinity(0).length < cpus.length; i++) await board.step(0)
    expect(getAffinity(0)).toEqual(cpus)
  })

  it('looks ahead of a request that is due, and of none that comes at random', async () => {
    const board = await open()
    await board.reset({ seed: 1 })
    let aheadS = 0
    // On a busy machine it can wake too late for that.
    for (let i = 0; i < 200 && aheadS === 0; i++) aheadS = (await board.step(0)).aheadS
    expect(aheadS).toBeGreaterThan(0)
    await board.close()
    const random = await open({ rate: 'poisson:200' })
    await random.reset({ seed: 1 })
    for (let i = 0; i < 20; i++) expect((await random.step(0)).aheadS).toBe(0)
  })

  it('says that knobs moved, and that none did', async () => {
    const board = await open()
    await board.reset({ seed: 1 })
    expect((await board.step(0)).changed).toBe(true)
    expect((await board.step(0)).changed).toBe(false)
    expect((await board.step(1)).changed).toBe(true)
  })

  it('answers the same picture with the same confidence at every speed and place', async () => {
    const board = await open()
    const pointsOf = (subnet: string) => Array.from(board.spaces.points.keys()).filter((a) => board.spaces.points[a]?.['subnet'] === subnet)
    const confidences = new Set<number>()
    for (const a of pointsOf('100')) {
      // The first request after opening is the first picture, so each is asked about every sixteenth.
      await board.reset({ seed: 1 })
      const seen: number[] = []
      for (let k = 0; k < 16; k++) seen.push((await board.step(a)).outcome.confidence)
      confidences.add(seen[0] as number)
    }
    expect(confidences.size).toBe(1)
  })

  it('asks what the application asks from the next decision on', async () => {
    const board = await open()
    const at = monitorIndex(board.spaces, 'deadlineS')
    const { observation } = await board.reset({ seed: 1 })
    expect(observation[at]).toBe(0.02)
    board.require({ percentile: 95, deadlineS: 0.5, accuracyFloor: 0.6 })
    const first = await board.step(0)
    expect(first.requirements.deadlineS).toBe(0.5)
    expect(first.observation[at]).toBe(0.5)
    expect(first.observation[monitorIndex(board.spaces, 'accuracyFloor')]).toBe(0.6)
  })

  it('lets work be done after each answer, before the next request is waited for', async () => {
    const board = await open()
    await board.reset({ seed: 1 })
    let done = 0
    board.whenIdle?.(() => done++)
    for (let k = 1; k <= 5; k++) {
      await board.step(0)
      expect(done).toBe(k)
    }
  })

  it('counts requests that a full queue dropped, and who waits', async () => {
    // Requests come far faster than they can be answered.
    const board = await open({ rate: '100000' })
    await board.reset({ seed: 1 })
    for (let k = 0; k < 5; k++) await board.step(0)
    expect(board.dropped).toBeGreaterThan(0)
    const { observation, durationS } = await board.step(0)
    expect(observation[monitorIndex(board.spaces, 'queueLength')]).toBe(16)
    // The oldest of those that the queue holds: it came sixteen requests of 10 us ago, at least.
    const waitedS = observation[monitorIndex(board.spaces, 'waitedS')] as number
    expect(waitedS).toBeGreaterThanOrEqual(16e-5)
    expect(waitedS).toBeLessThan(durationS + 1e-3)
  })

  it('serves back to back', async () => {
    const board = await open({ rate: 'back-to-back' })
    const { observation } = await board.reset({ seed: 1 })
    expect(observation[monitorIndex(board.spaces, 'queueLength')]).toBe(0)
    for (let k = 0; k < 5; k++) await board.step(k)
    expect(board.dropped).toBe(0)
  })

  it('advises without touching anything: the incumbent runs, unplaced', async () => {
    const board = await open({ advise: true })
    const { incumbent } = board.runtime
    expect(board.spaces.points[incumbent]).toMatchObject({ subnet: '100' })
    const before = getAffinity(0)
    await board.reset({ seed: 1 })
    for (const chosen of [0, 1, 2]) {
      const step = await board.step(chosen)
      expect(step.executedAction).toBe(incumbent)
      expect(step.changed).toBe(false)
      expect(step.outcome.accuracy).toBe(0.69)
    }
    expect(getAffinity(0)).toEqual(before)
  })

  it('starts co-runners at a reset that is not quiet, and ends them', async () => {
    const board = await open({ interfere: ['cpu:2@0.1'] })
    const before = childrenOf(process.pid)
    const own = () => childrenOf(process.pid).filter((pid) => !before.includes(pid) && isRunning(pid))
    await board.reset({ seed: 1, quiet: true })
    expect(own()).toEqual([])
    await board.reset({ seed: 1 })
    const first = own()
    expect(first).toHaveLength(2)
    await board.reset({ seed: 1 })
    await waitFor('the first two to end', () => first.every((pid) => !isRunning(pid)))
    expect(own()).toHaveLength(2)
    await board.step(0)
    await board.close()
    await waitFor('all to end', () => own().length === 0)
  })
})

describe('what cannot be governed', () => {
  const request = { root: '/', rate: '30', virtual: 'auto', interfere: [] } as const
  it.each([
    [{ rate: 'fast' }, 'ERR_RANGE'],
    [{ interfere: ['cpu:1'] }, 'ERR_USAGE'],
    [{ clusters: '0,0' }, 'ERR_RANGE'],
    [{ reserve: '4000' }, 'ERR_RANGE'],
    [{ reserve: 'none' }, 'ERR_USAGE'],
    [{ reserve: cpus.join('+') }, 'ERR_UNKNOWN_BOARD'],
    [{ clusters: `${cpus[0]}`, reserve: `${cpus[0]}` }, 'ERR_RANGE'],
    [{ virtual: 'bandwidth' }, 'ERR_USAGE'],
  ] as const)('%j gives %s before anything starts', (changes, code) => {
    expect(errorOf(() => resolveBoard({ ...request, ...changes })).code).toBe(code)
  })

  it('reserved cores are not used', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const settings = resolveBoard({ ...request, reserve: `${cpus[0]}` })
    expect(settings.reserved).toEqual([cpus[0]])
    for (const cluster of settings.clusters) expect(cluster.cpus).not.toContain(cpus[0])
  })
})
