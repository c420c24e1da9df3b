import { rmSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { BoardEnv } from '../../../envs/board/board-env.ts'
import type { GuardSettings } from '../../../src/core/guard.ts'
import { getAffinity } from '../../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../../src/run/open-board.ts'
import { type HotBoard, makeHotBoard } from '../../support/guarded.ts'
import { writeSmallNetwork } from '../../support/small-network.ts'
import { makeTwoPolicyBoard, untouchedKHz } from '../../support/two-policy-board.ts'

const network = writeSmallNetwork()
afterAll(() => rmSync(network, { recursive: true, force: true }))
const cpus = getAffinity(0)
const two = cpus.length > 1

let env: BoardEnv | undefined
let board: HotBoard | undefined
afterEach(async () => {
  await env?.close()
  env = undefined
  board?.remove()
  board = undefined
})

interface Opened {
  readonly env: BoardEnv
  readonly board: HotBoard
  readonly notes: readonly string[]
}

async function open(guard: Partial<GuardSettings> = {}, rail = true): Promise<Opened> {
  const notes: string[] = []
  board = makeHotBoard(cpus[0] as number, cpus[1] as number, rail)
  const settings = resolveBoard({ root: board.root, rate: '50', virtual: 'auto', interfere: [], guard })
  env = boardEnv(await openBoard(settings, network, (note) => notes.push(note)), settings, { requirements: { percentile: 99 }, advise: false })
  return { env, board, notes }
}

const count = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0)

/** Steps at the hottest point that is allowed until `done`, at most for some seconds; every step is one that the mask allowed. */
async function until(env: BoardEnv, mask: Uint8Array, done: (open: number) => boolean): Promise<Uint8Array> {
  let open = mask
  for (let k = 0; k < 2000; k++) {
    if (done(count(open))) return open
    const action = open.lastIndexOf(1)
    const step = await env.step(action)
    expect(step.executedAction).toBe(action)
    open = step.mask
  }
  throw new Error(`still ${count(open)} points`)
}

describe.runIf(two)('the guard of a board', () => {
  it('takes points away before the trip, the hottest first, and gives them back', async () => {
    const { env, board, notes } = await open()
    const { points } = env.spaces
    const start = await env.reset({ seed: 1 })
    expect(count(start.mask)).toBe(points.length)
    board.setTemp(80)
    let mask = await until(env, start.mask, (open) => open < points.length)
    // What is gone is the highest clock of big.
    expect(points.filter((_, a) => mask[a] === 0).every((point) => point['big.freqHz'] === 2e9)).toBe(true)
    const [took] = env.guard?.changes() ?? []
    expect(took).toMatchObject({ cause: 'heat', sensor: 'cpu-thermal', tempC: 80, limitC: 80, before: points.length })
    board.setTemp(84.9)
    mask = await until(env, mask, (left) => left === 1)
    expect(points[mask.indexOf(1)]).toMatchObject({ subnet: '25', cluster: 'little', 'little.freqHz': 4e8 })
    board.setTemp(60)
    mask = await until(env, mask, (open) => open === points.length)
    expect(notes).toEqual([])
    await env.close()
    expect(board.limits()).toEqual(untouchedKHz)
  })

  it('overrides a choice that heat overtook, however the agent insists', async () => {
    const { env, board } = await open()
    const start = await env.reset({ seed: 1 })
    const hottest = start.mask.lastIndexOf(1)
    expect((await env.step(hottest)).executedAction).toBe(hottest)
    board.setTemp(86)
    // The last look at the sensor is a tenth of a second old.
    await new Promise((resolve) => setTimeout(resolve, 120))
    for (let k = 0; k < 3; k++) {
      const step = await env.step(hottest)
      expect(env.spaces.points[step.executedAction]).toMatchObject({ cluster: 'little', 'little.freqHz': 4e8 })
    }
    // 400 MHz is what the kernel was told.
    expect(board.limits()[0]).toEqual([400000, 400000])
  })

  it('keeps what was left when the sensor goes silent', async () => {
    const { env, board } = await open()
    const start = await env.reset({ seed: 1 })
    board.setTemp(82)
    const held = count(await until(env, start.mask, (left) => left < env.spaces.points.length))
    board.setTemp(undefined)
    for (let k = 0; k < 20; k++) expect(count((await env.step(0)).mask)).toBe(held)
  })

  it('caps the power of the rail', async () => {
    const { env, board, notes } = await open({ powerCapW: 2 })
    const start = await env.reset({ seed: 1 })
    let { mask } = start
    for (let k = 0; k < 40; k++) ({ mask } = await env.step(mask.lastIndexOf(1)))
    expect(count(mask)).toBe(env.spaces.points.length)
    board.setPower(3)
    mask = await until(env, mask, (left) => left < env.spaces.points.length)
    expect(env.guard?.changes()[0]).toMatchObject({ cause: 'power', sensor: expect.stringContaining('VDD_CPU'), limitW: 2, quality: 'measured' })
    board.setPower(1)
    const capped = count(mask)
    await until(env, mask, (left) => left > capped)
    expect(notes).toEqual([])
  })

  it('says that a cap goes by an estimate where nothing is measured', async () => {
    const { env, notes } = await open({ powerCapW: 1e-6 }, false)
    expect(notes).toEqual([expect.stringMatching(/^power cap: this board measures no power; the cap is kept by an estimate/)])
    const start = await env.reset({ seed: 1 })
    await until(env, start.mask, (left) => left === 1)
    expect(env.guard?.changes()[0]).toMatchObject({ cause: 'power', quality: 'estimated' })
  })

  it('says that there is nothing to guard by, to who asked for a margin', async () => {
    const tree = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
    onTestFinished(() => tree.remove())
    const notesOf = async (guard: Partial<GuardSettings>): Promise<readonly string[]> => {
      const notes: string[] = []
      const settings = resolveBoard({ root: tree.root, rate: '50', virtual: 'auto', interfere: [], guard })
      const { runtime } = await openBoard(settings, network, (note) => notes.push(note))
      await runtime.close()
      return notes
    }
    expect(await notesOf({ marginC: 8 })).toEqual(['no thermal guard: the kernel has no thermal zones'])
    expect(await notesOf({})).toEqual([])
    expect(await notesOf({ marginC: null })).toEqual([])
  })

  it('never holds a cluster below the least frequency', async () => {
    const { env, board } = await open({ minFrequencyHz: { '*': 9e8 } })
    const { mask } = await env.reset({ seed: 1 })
    expect(
      env.spaces.points
        .filter((_, a) => mask[a] === 0)
        .map((point) => point['little.freqHz'] === 4e8 || point['little.freqHz'] === 7e8 || point['big.freqHz'] === 6e8),
    ).not.toContain(false)
    for (let a = 0; a < mask.length; a++) {
      await env.step(a)
      const [little, big] = board.limits()
      expect(little[0] === untouchedKHz[0][0] || (little[0] as number) >= 900000).toBe(true)
      expect(big[0] === untouchedKHz[1][0] || (big[0] as number) >= 900000).toBe(true)
    }
  })

  it('limits the changes of any second', async () => {
    const { env } = await open({ maxChanges: 2 })
    const { points } = env.spaces
    let { mask } = await env.reset({ seed: 1 })
    const place = (a: number): string => JSON.stringify({ ...points[a], subnet: '' })
    const timesS: number[] = []
    let inForce = -1
    let held = 0
    for (let k = 0; k < 100; k++) {
      const open = Array.from(mask.keys()).filter((a) => mask[a] === 1)
      const step = await env.step(open[(k * 7) % open.length] as number)
      if (inForce >= 0 && place(step.executedAction) !== place(inForce)) timesS.push(step.timeS)
      inForce = step.executedAction
      ;({ mask } = step)
      if (Array.from(mask.keys()).every((a) => mask[a] === 0 || place(a) === place(inForce))) held++
    }
    expect(timesS.length).toBeGreaterThan(1)
    const lastS = timesS.at(-1) as number
    expect(timesS.length).toBeLessThanOrEqual(2 * (lastS - (timesS[0] as number) + 2))
    expect(held).toBeGreaterThan(0)
  })

  it('can be switched off', async () => {
    const { env, board } = await open({ marginC: null })
    const start = await env.reset({ seed: 1 })
    board.setTemp(95)
    let { mask } = start
    for (let k = 0; k < 20; k++) ({ mask } = await env.step(mask.lastIndexOf(1)))
    expect(count(mask)).toBe(env.spaces.points.length)
  })
})
