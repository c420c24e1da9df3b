import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import type { AnytimePoint } from '../../src/network/anytime-curve.ts'
import type { SizeEvaluation } from '../../src/network/evaluation.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { defaultNetwork, networkDir } from '../../src/run/shipped.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

const { subnets, units } = openNetwork(networkDir(defaultNetwork)).manifest

let place: Workplace
let data: string
beforeAll(() => {
  place = makeWorkplace()
  data = place.path('noise')
  mkdirSync(data)
  // A test batch whose records are nothing but for forty of noise, at even distances: what is measured is the command, not the network.
  const rng = makeRng(1)
  const batch = new Uint8Array(10_000 * 3073)
  for (let record = 0; record < 10_000; record += 250) {
    batch[record * 3073] = rng.int(10)
    for (let k = 1; k < 3073; k++) batch[record * 3073 + k] = rng.int(256)
  }
  writeFileSync(join(data, 'test_batch.bin'), batch)
})
afterAll(() => place.remove())

const evaluate = (...args: string[]) =>
  place.run('network', 'eval', defaultNetwork, '--data', data, '--images', '40', '--rounds', '20', '--processes', '1', ...args)

describe('flyball network eval', () => {
  it('--json prints one document: a row per size, and the anytime curve', async () => {
    const { status, stdout, stderr } = await evaluate('--json')
    expect(status, stderr).toBe(0)
    const printed = JSON.parse(stdout) as { sizes: (SizeEvaluation & { residentQuality: string })[]; anytime: AnytimePoint[] }
    expect(printed).toMatchObject({ network: defaultNetwork, signature: expect.any(String), dataset: 'cifar10' })
    expect(printed.sizes.map(({ subnet }) => subnet)).toEqual(subnets.map(({ name }) => name))
    for (const [s, size] of printed.sizes.entries()) {
      expect(size).toMatchObject({ images: 40, macs: subnets[s]?.macs, parameters: subnets[s]?.parameters })
      expect(size.sizeB).toBe(units.slice(0, s + 1).reduce((sum, unit) => sum + unit.sizeB, 0))
      expect(size.latencyS).toMatchObject({ p95: null, p99: null, n: 20 })
      expect(size.latencyS.p50).toBeGreaterThan(0)
      expect(size.ece).toBeGreaterThanOrEqual(0)
      expect(size.residentQuality).toBe(existsSync('/proc/self/status') ? 'measured' : 'absent')
      expect(size.residentB === null).toBe(size.residentQuality === 'absent')
    }
    // A whole size more of weights and activations than the smallest.
    if (printed.sizes[0]?.residentB !== null) expect(printed.sizes.at(-1)?.residentB).toBeGreaterThan(0)
    const [first] = printed.anytime
    expect(first).toMatchObject({ threshold: 0, meanMacs: subnets[0]?.macs, shares: [1, 0, 0, 0], top1: printed.sizes[0]?.top1 })
    for (const { shares, meanMacs } of printed.anytime) {
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9)
      expect(meanMacs).toBeLessThanOrEqual(subnets.at(-1)?.macs as number)
    }
  })

  it('prints tables for people, says how anytime compares, and writes a page', async () => {
    const { status, stdout, stderr } = await evaluate('--report', place.path('page.html'), '--processes', '0')
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(/^size +top-1 +ECE/m)
    expect(stdout).toMatch(/^stop at confidence/m)
    expect(stdout).toMatch(/^at equal mean MACs anytime is /m)
    expect(stdout).toContain('resident memory: absent')
    const html = readFileSync(place.path('page.html'), 'utf8')
    for (const label of ['airplane', 'truck', 'ECE', 'mean multiply-accumulates']) expect(html).toContain(label)
  })

  it('refuses more classes than the network tells apart, and a page that cannot be written', async () => {
    const other = await place.run('network', 'eval', place.network, '--data', data, '--images', '1')
    expect(other.stderr).toMatch(/cifar10 has 10 classes, small-1 tells 4 apart \[ERR_DATASET\]/)
    expect(other.status).toBe(3)
    const page = await evaluate('--report', '/proc/nothing/page.html', '--processes', '0')
    expect(page.stderr).toContain('[ERR_OUT_NOT_WRITABLE]')
  })
})
