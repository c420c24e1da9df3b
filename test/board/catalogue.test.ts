import { describe, expect, it } from 'vitest'
import type { Board } from '../../src/board/board.ts'
import { addKnownFacts } from '../../src/board/catalogue.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import type { KnownBoard } from '../../src/board/known/schema.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'
import { makeKnownBoard } from '../support/known-board.ts'

function discover(name: string): Board {
  const tree = unpackBoard(name)
  const board = discoverBoard({ root: tree.root, catalogue: false })
  tree.remove()
  return board
}

const cluster = { cpus: [], oppsQuality: 'listed', policyPaths: [], writable: 'absent' } as const
const made: Board = {
  ...discover('vm'),
  clusters: [
    { ...cluster, id: 'cpu0', kind: 'cpu', coreType: 'arm,cortex-a55', opps: [{ freqHz: 5e8 }, { freqHz: 7e8 }, { freqHz: 1e9, voltageV: 0.9 }] },
    { ...cluster, id: 'cpu1', kind: 'cpu', coreType: 'arm,cortex-a76', opps: [{ freqHz: 1e9 }, { freqHz: 2e9, powerW: 9 }] },
    { ...cluster, id: 'cpu2', kind: 'cpu', coreType: 'arm,cortex-x1', opps: [{ freqHz: 1e9 }] },
  ],
}

describe('known facts', () => {
  it('are added where the kernel says nothing', () => {
    const { clusters, id, source } = addKnownFacts(made, makeKnownBoard())
    expect([id, source]).toEqual(['made-up', 'catalogue'])
    expect(clusters[0]?.opps).toEqual([
      { freqHz: 5e8, voltageV: 0.7, powerW: expect.closeTo(1e-10 * 0.49 * 5e8, 12) },
      { freqHz: 7e8 },
      { freqHz: 1e9, voltageV: 0.9, powerW: expect.closeTo(0.081, 12) },
    ])
    expect(clusters[0]?.capacitanceF).toBe(1e-10)
    expect(clusters[1]?.opps).toEqual([
      { freqHz: 1e9, powerW: 0.5 },
      { freqHz: 2e9, powerW: 9 },
    ])
    expect(clusters[2]).toBe(made.clusters[2])
  })

  it('leave a board alone of which nothing more is known', () => {
    const pi = discover('raspberry-pi-5')
    // Discovered with the catalogue, or without: all that it adds is where the firmware throttles.
    expect(addKnownFacts(pi, readShipped('raspberry-pi-5'))).toEqual({ ...pi, firmwareTripC: 80 })
    const nothing: KnownBoard = { ...makeKnownBoard(), clusters: [] }
    expect(addKnownFacts(made, nothing)).toBe(made)
  })

  it('reach a GPU whatever its driver calls it', () => {
    const board = addKnownFacts(discover('rk3588'), readShipped('rk3588'))
    const gpu = board.clusters.find((one) => one.kind === 'gpu')
    // 2982 uW/MHz/V^2 at 1000 MHz and 0.85 V.
    expect(gpu?.opps.at(-1)).toEqual({ freqHz: 1e9, voltageV: 0.85, powerW: expect.closeTo(2.154495, 6) })
    expect(board.clusters.find((one) => one.kind === 'npu')?.opps[0]).toEqual({ freqHz: 3e8 })
  })
})
