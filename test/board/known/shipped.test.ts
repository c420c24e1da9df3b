import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { figuresOf, pathOf, sourcesOf, splitSources } from '../../../src/board/known/figures.ts'
import { oppPowerW } from '../../../src/board/known/power.ts'
import type { KnownCluster } from '../../../src/board/known/schema.ts'
import { findShipped, readShipped, shippedIds } from '../../../src/board/known/shipped.ts'

const ids = shippedIds()
const clusterOf = (board: string, id: string) => readShipped(board).clusters.find((cluster) => cluster.id === id) as KnownCluster

describe('the catalogue', () => {
  it('has fourteen boards', () => {
    expect(ids).toEqual([
      'apple-m1',
      'db845c',
      'hikey960',
      'imx8mm',
      'jetson-agx-orin',
      'jetson-nano',
      'jetson-orin-nano',
      'khadas-vim3',
      'odroid-xu4',
      'pixel-6',
      'raspberry-pi-4',
      'raspberry-pi-5',
      'rk3399',
      'rk3588',
    ])
  })

  it.each(ids)('%s: is valid, goes by the name of its file, has a source for every figure, and voltages a chip can bear', (id) => {
    const board = readShipped(id)
    expect(board.id).toBe(id)
    const sources = splitSources(board.sources)
    const bare = figuresOf(board).filter((figure) => sourcesOf(figure, sources).length === 0)
    expect(bare.map(pathOf)).toEqual([])
    for (const { opps } of board.clusters) {
      const frequencies = opps.map((opp) => opp.freqHz)
      expect(frequencies).toEqual([...new Set(frequencies)].sort((a, b) => a - b))
      for (const { voltageV } of opps) if (voltageV !== undefined) expect(voltageV >= 0.3 && voltageV <= 1.5).toBe(true)
    }
    // A document without an address is one that nobody could trace, or a comparison of the others.
    for (const { document, secondHand, fields } of board.sources)
      if (document !== undefined && !document.startsWith('https://') && secondHand !== true)
        expect(document, fields.join()).toMatch(/^the documents of the figures above|^drivers\//)
  })

  it('has capacitances, voltages and capacities that are those of the device tree by hand', () => {
    // ODROID-XU4: 310 uW/MHz/V^2 at 2000 MHz and 1.3125 V: 310 * 2000 * 1.72265625 = 1068047 uW.
    const a15 = clusterOf('odroid-xu4', 'a15')
    expect(a15.capacitanceF).toBe(3.1e-10)
    expect(oppPowerW(a15, a15.opps.at(-1) as KnownCluster['opps'][number])).toBeCloseTo(1.068047, 6)
    // 539 * 1400 / (1024 * 2000).
    expect(clusterOf('odroid-xu4', 'a7').capacity).toBeCloseTo(0.36846, 5)
    // Apple's turbo OPPs do not count: 714 * 2064 / (1024 * 2988).
    expect(clusterOf('apple-m1', 'icestorm').capacity).toBeCloseTo(0.48165, 5)
  })

  it('carries the measured tables', () => {
    const { workloads } = readShipped('odroid-xu4').measured ?? {}
    expect(workloads).toHaveLength(18)
    const gzip = workloads?.find((one) => one.cluster === 'a15' && one.workload === 'gzip-1')
    expect(gzip?.points).toHaveLength(19)
    expect(gzip?.points.at(-1)).toEqual({ freqHz: 2e9, powerW: 2.1601, relativeSpeed: 1 })
    expect(readShipped('raspberry-pi-4').measured?.workloads).toHaveLength(6)
    // What a core busy with gzip-1 adds, W.
    expect(clusterOf('raspberry-pi-4', 'a72').opps.at(-1)).toEqual({ freqHz: 1.5e9, powerW: 0.621 })
  })

  const boardData = new URL('../../../../shared/boards/', import.meta.url)
  it.skipIf(!existsSync(boardData))('gives the powers that the board data derive (skipped where ../shared/boards is not there)', () => {
    let compared = 0
    for (const id of ids) {
      const { clusters } = JSON.parse(readFileSync(new URL(`${id}.json`, boardData), 'utf8')) as {
        clusters: { id: string; opps: { freqHz: number; derivedEmPowerUw?: number }[] }[]
      }
      for (const cluster of clusters)
        for (const opp of cluster.opps) {
          const facts = clusterOf(id, cluster.id)
          const known = facts.opps.find((one) => one.freqHz === opp.freqHz)
          expect(known, `${id} ${cluster.id} ${opp.freqHz}`).toBeDefined()
          if (known === undefined || opp.derivedEmPowerUw === undefined) continue
          expect(oppPowerW(facts, known)).toBeCloseTo(opp.derivedEmPowerUw * 1e-6, 5)
          compared++
        }
    }
    // 32 OPPs of the XU4, 14 of the RK3399, 28 of the RK3588, 10 of the HiKey960, 42 of the Pixel 6.
    expect(compared).toBe(126)
  })
})

describe('readShipped', () => {
  it('names ids that are close to one that is not there', () => {
    expect(() => readShipped('rk3558')).toThrow(`no board is called 'rk3558', did you mean rk3588?`)
    expect(() => readShipped('beaglebone')).toThrow(`no board is called 'beaglebone', expected one of apple-m1, db845c`)
  })
})

describe('findShipped', () => {
  it('finds a board by any of its compatibles, and none without', () => {
    expect(findShipped(['radxa,rock-5b', 'rockchip,rk3588'])?.id).toBe('rk3588')
    expect(findShipped(['nvidia,p3768-0000+p3767-0005'])?.id).toBe('jetson-orin-nano')
    expect(findShipped([])).toBeUndefined()
    // Compatible of a core in every other file, and of no board.
    expect(findShipped(['arm,cortex-a53'])).toBeUndefined()
  })

  it('finds a board of its own for every compatible', () => {
    for (const id of ids) for (const name of readShipped(id).compatible) expect(findShipped([name])?.id).toBe(id)
  })
})
