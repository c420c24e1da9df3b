import { FlyballError } from '../../../src/core/errors.ts'
import type { Ground } from '../../../src/run/grounds/ground.ts'
import { findGrounds, openGround } from '../../../src/run/grounds/open.ts'
import { tableGround } from '../../../src/run/grounds/table-ground.ts'
import { tableFolders } from '../../../src/table/find.ts'
import { parseTable } from '../../../src/table/read.ts'

/** Measured tables, with knobs frozen where there are more points than a log of a few thousand decisions can tell of. */
const measured: readonly { readonly table: string; readonly fix: readonly string[] }[] = [
  { table: 'orin-agx-resnet', fix: ['batch=1', 'memFreqHz=2.133GHz', 'cores=8'] },
  { table: 'tx2-vgg19', fix: [] },
  { table: 'rk3399pro', fix: ['hostFreqHz=0'] },
]

/** Those tables that are there, else one made up of two networks on two clusters. A table without a world has no state: an outcome is its row, with noise. */
export function tableGrounds(names: readonly string[], noiseRatio: number): Ground[] {
  const folders = tableFolders(undefined, process.env['FLYBALL_TABLES'])
  const found = measured
    .filter(({ table }) => names.length === 0 || names.includes(table))
    .flatMap(({ table, fix }) => openMeasured(table, fix, noiseRatio, folders))
  return found.length > 0 ? found : [tableGround({ table: madeUp(), noiseRatio })]
}

function openMeasured(table: string, fix: readonly string[], noiseRatio: number, tables: readonly string[]): Ground[] {
  try {
    return findGrounds([`table:${table}`], { fix: [...fix], noiseRatio, tables: [...tables] }).map(openGround)
  } catch (error) {
    if (!(error instanceof FlyballError)) throw error
    process.stderr.write(`left out: ${error.message}\n`)
    return []
  }
}

/** Latency w / (c f) and power 0.5 + k c f^2, W: a small and a large network on a little and a big cluster at five clocks each. */
function madeUp() {
  const rows = ['subnet,cluster,freqHz,accuracy,latencyS,energyJ']
  for (const [subnet, work, accuracy] of [
    ['small', 12e6, 0.62],
    ['large', 30e6, 0.71],
  ] as const)
    for (const [cluster, perCycle, k] of [
      ['little', 1, 0.4],
      ['big', 2, 0.9],
    ] as const)
      for (const freqHz of [6e8, 9e8, 12e8, 15e8, 18e8]) {
        const latencyS = work / (perCycle * freqHz)
        rows.push([subnet, cluster, freqHz, accuracy, latencyS, latencyS * (0.5 + k * (freqHz / 1e9) ** 2 * perCycle)].join(','))
      }
  const json = {
    schema: 'measured-table/1',
    name: 'made-up',
    device: 'made up',
    knobs: [
      { name: 'subnet', values: ['small', 'large'] },
      { name: 'cluster', values: ['little', 'big'] },
      { name: 'freqHz', values: [6e8, 9e8, 12e8, 15e8, 18e8] },
    ],
    outcomes: ['accuracy', 'latencyS', 'energyJ'],
  }
  return parseTable({ json: JSON.stringify(json), csv: `${rows.join('\n')}\n`, jsonPath: 'made-up.json', csvPath: 'made-up.csv', name: 'made-up' })
}
