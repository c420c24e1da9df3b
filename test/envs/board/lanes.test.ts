import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Lanes, makeLanes } from '../../../envs/board/lanes.ts'
import { gettid } from '../../../src/linux/affinity.ts'
import { listThreads, readTask } from '../../../src/linux/task.ts'
import { hashOf, type NetworkManifest, openNetwork } from '../../../src/network/manifest.ts'
import { makeSampleInput } from '../../../src/network/sample-input.ts'
import { openSession } from '../../../src/network/session.ts'
import { writeSmallNetwork } from '../../support/small-network.ts'
import { waitFor } from '../../support/wait-for.ts'

const small = writeSmallNetwork()
afterAll(() => rmSync(small, { recursive: true, force: true }))
const shipped = fileURLToPath(new URL('../../../checkpoints/networks/cifar10-g4', import.meta.url))
const networks: [string, string][] = [['a small network', small]]
if (existsSync(join(shipped, 'manifest.json'))) networks.push(['the shipped network', shipped])

const closing = async (making: Promise<Lanes>): Promise<Lanes> => {
  const lanes = await making
  onTestFinished(() => lanes.close())
  return lanes
}

describe.each(networks)('lanes of %s', (_, dir) => {
  const network = openNetwork(dir)
  const units = network.manifest.units.length
  const { classes } = network.manifest.output
  const all = (1 << units) - 1

  it.each([
    [1, true],
    [2, true],
    [4, true],
    [1, false],
    [2, false],
    [4, false],
  ])('%i lanes, the first inline: %s, answer bit for bit as one session does', async (count, inline) => {
    const session = await openSession(network)
    onTestFinished(() => session.close())
    const lanes = await closing(makeLanes(network, { count, inline }))
    expect(lanes.count).toBe(count)
    for (let seed = 0; seed < 3; seed++) {
      const input = makeSampleInput(network.manifest.input.shape, seed)
      session.input.set(input)
      const expected = new Float32Array(units * classes)
      for (let u = 0; u < units; u++) expected.set(await session.run(u), u * classes)
      for (const speed of [1, 0.5]) {
        lanes.input.set(input)
        lanes.logits.fill(Number.NaN)
        await lanes.run(all, speed)
        expect(Array.from(lanes.logits)).toEqual(Array.from(expected))
      }
      // Only the units that were asked for run.
      lanes.logits.fill(Number.NaN)
      await lanes.run(0b0011, 1)
      const half = Array.from(expected, (logit, k) => (k < 2 * classes ? logit : Number.NaN))
      expect(Array.from(lanes.logits)).toEqual(half)
    }
  })
})

describe('lanes', () => {
  const network = openNetwork(small)

  it('are threads of their own, but for the first when inline; their CPU time grows when they work', async () => {
    const lanes = await closing(makeLanes(network, { count: 4, inline: true }))
    expect(lanes.tids[0]).toBe(gettid())
    expect(new Set(lanes.tids).size).toBe(4)
    const alive = listThreads('/')
    for (const tid of lanes.tids) expect(alive).toContain(tid)
    const before = lanes.tids.map((_, lane) => lanes.cpuTimeS(lane))
    for (let i = 0; i < 5; i++) await lanes.run(0b1111, 1)
    lanes.tids.forEach((_, lane) => {
      expect(lanes.cpuTimeS(lane)).toBeGreaterThan(before[lane] as number)
    })
    const apart = await closing(makeLanes(network, { count: 2, inline: false }))
    expect(apart.tids).not.toContain(gettid())
  })

  it('hold each unit once: with the units of one lane asked, the other lanes do nothing', async () => {
    const lanes = await closing(makeLanes(network, { count: 2, inline: false }))
    const busy = async (bits: number): Promise<boolean[]> => {
      const before = [0, 1].map((lane) => lanes.cpuTimeS(lane))
      await lanes.run(bits, 1)
      return [0, 1].map((lane) => lanes.cpuTimeS(lane) > (before[lane] as number))
    }
    expect(await busy(0b0001)).toEqual([true, false])
    expect(await busy(0b0010)).toEqual([false, true])
    expect(await busy(0b0101)).toEqual([true, false])
    expect(await busy(0b1010)).toEqual([false, true])
    expect(await busy(0b1111)).toEqual([true, true])
  })

  it('are no more than there are units', async () => {
    expect((await closing(makeLanes(network, { count: 8, inline: true }))).count).toBe(4)
  })

  it('end their threads when closed', async () => {
    const lanes = await makeLanes(network, { count: 4, inline: true })
    const [, ...workers] = lanes.tids
    await lanes.run(0b1111, 1)
    await lanes.close()
    await waitFor('threads to end', () => workers.every((tid) => readTask('/', tid) === undefined))
  })

  it.each([
    ['group4.onnx', true, 'ERR_INFERENCE'],
    ['group4.onnx', false, 'ERR_INFERENCE'],
    ['group1.onnx', false, 'ERR_INFERENCE'],
    ['group1.onnx', true, 'ERR_NETWORK_FILE'],
  ])('leave no thread behind when %s does not load (first lane inline: %s)', async (file, inline, code) => {
    const dir = writeSmallNetwork(2)
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const making = () => makeLanes(openNetwork(dir), { count: 4, inline })
    // The runtime's own pool is grown before the count.
    await (await making()).close()
    const before = listThreads('/').length
    spoil(dir, file)
    await expect(making()).rejects.toMatchObject({ code, message: expect.stringContaining(file) })
    await waitFor('threads to end', () => listThreads('/').length <= before)
  })
})

/** A file that is what the manifest says, and no model. */
function spoil(dir: string, file: string): void {
  const bytes = Buffer.from('no model')
  writeFileSync(join(dir, file), bytes)
  const path = join(dir, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as NetworkManifest
  const units = manifest.units.map((unit) => (unit.file === file ? { ...unit, sizeB: bytes.length, sha256: hashOf(bytes) } : unit))
  writeFileSync(path, JSON.stringify({ ...manifest, units }))
}
