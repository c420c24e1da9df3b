import { parseTable } from '../../src/table/read.ts'
import type { MeasuredTable } from '../../src/table/table.ts'

/** The JSON half of a made-up table of two sub-networks on two clusters. */
export const smallHalf = {
  schema: 'measured-table/1',
  name: 'small',
  device: 'a made-up board',
  knobs: [
    { name: 'subnet', values: ['large', 'small'] },
    { name: 'cluster', values: ['little', 'big'] },
    { name: 'freqHz', values: [600e6, 1200e6, 1800e6] },
  ],
  outcomes: ['accuracy', 'latencyS', 'energyJ', 'powerW'],
  rows: 8,
  source: 'made up',
}

// Power x latency is the energy. Not a full product: little has no 1.8 GHz.
export const smallRows = [
  'subnet,cluster,freqHz,accuracy,latencyS,energyJ,powerW',
  'small,little,600000000,0.6,0.06,0.06,1',
  'small,little,1200000000,0.6,0.03,0.06,2',
  'small,big,600000000,0.6,0.02,0.06,3',
  'small,big,1800000000,0.6,0.01,0.06,6',
  'large,little,600000000,0.7,0.24,0.24,1',
  'large,little,1200000000,0.7,0.12,0.24,2',
  'large,big,600000000,0.7,0.08,0.24,3',
  'large,big,1800000000,0.7,0.04,0.24,6',
]

export const smallCsv = `${smallRows.join('\n')}\n`

export const parseSmall = (half: object = smallHalf, csv = smallCsv): MeasuredTable =>
  parseTable({ json: JSON.stringify(half), csv, jsonPath: 'small.json', csvPath: 'small.csv', name: 'small' })

/** Latencies of two frequencies and of all cores or half of them, and nothing else. */
export const bareTable = (): MeasuredTable =>
  parseSmall(
    {
      schema: 'measured-table/1',
      knobs: [
        { name: 'cores', values: [2, 4] },
        { name: 'gpuFreqHz', values: [400e6, 800e6] },
      ],
      outcomes: ['latencyS'],
    },
    'cores,gpuFreqHz,latencyS\n2,400000000,0.08\n2,800000000,0.05\n4,400000000,0.06\n4,800000000,0.03\n',
  )
