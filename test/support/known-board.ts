import type { KnownBoard } from '../../src/board/known/schema.ts'

/** A made-up board of two clusters and a GPU that says all a simulator needs. A new one each time: tests take parts away. */
export function makeKnownBoard(): KnownBoard {
  return {
    schema: 'flyball-board/1',
    id: 'made-up',
    name: 'Made Up 1',
    soc: 'Imagined M1',
    compatible: ['made,up'],
    clusters: [
      {
        id: 'little',
        kind: 'cpu',
        coreType: 'arm,cortex-a55',
        cpus: [0, 1, 2, 3],
        capacity: 0.4,
        capacitanceF: 1e-10,
        opps: [
          { freqHz: 5e8, voltageV: 0.7 },
          { freqHz: 1e9, voltageV: 0.8 },
        ],
      },
      {
        id: 'big',
        kind: 'cpu',
        coreType: 'arm,cortex-a76',
        cpus: [4, 5],
        capacity: 1,
        opps: [
          { freqHz: 1e9, powerW: 0.5 },
          { freqHz: 2e9, powerW: 1.5 },
        ],
      },
      { id: 'gpu', kind: 'gpu', cpus: [], opps: [] },
    ],
    memory: { bandwidth: [{ cluster: 'big', kind: 'memcpy', bandwidthBps: 5e9 }] },
    thermalZones: [{ id: 'cpu-thermal', trips: [{ id: 'hot', type: 'passive', tempC: 80, throttles: [{ device: 'big' }] }] }],
    pitfalls: ['It does not exist.'],
    sources: [
      { fields: ['*'], assumed: 'all made up' },
      { fields: ['clusters.*.opps', 'memory'], document: 'https://example.org/made-up.dtsi' },
      { fields: ['clusters.little.capacitanceF'], document: 'https://example.org/made-up.dtsi', derived: 'its 100 uW/MHz/V^2 times 1e-12' },
    ],
  }
}
