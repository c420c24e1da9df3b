import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMap } from '../../../src/run/import/map.ts'
import type { LogFormat } from '../../../src/run/import/rows.ts'
import { noneSkipped, samplesOf } from '../../../src/run/import/samples.ts'
import { parseTegrastats } from '../../../src/run/import/tegrastats.ts'
import { parseTime } from '../../../src/run/import/times.ts'
import { type FuzzedParser, laterVerdictOf, promise, verdictOf } from '../parser.ts'
import { scratchFolder } from '../scratch.ts'

const mapText = JSON.stringify({
  schema: 'flyball-import/1',
  time: { column: 'time', unit: 's' },
  knobs: [
    { column: 'freq', name: 'freqHz', kind: 'frequency', unit: 'MHz', levels: [600, 1200] },
    { column: 'net', kind: 'subnet' },
  ],
  monitors: [{ column: 'temp', name: 'tempC', unit: 'degC' }],
  outcomes: { latencyS: { column: 'latency', unit: 'ms' }, powerW: { column: 'power', unit: 'mW' } },
  requirements: { deadlineS: '33ms', percentile: 95 },
})

/** All that a map may say besides. */
const fullMapText = JSON.stringify({
  schema: 'flyball-import/1',
  ...{ format: 'csv', delimiter: ';', decimal: ',', board: 'b', energyScope: 'board', time: { every: '1s' }, run: { column: 'session' } },
  knobs: [
    { column: 'freq', name: 'freqHz', kind: 'frequency', unit: 'MHz', step: 100, domain: 'big' },
    { column: 'net', kind: 'subnet', levels: ['a', 'b'], accuracy: { a: 0.5, b: 0.6 } },
  ],
  monitors: [{ column: 'temp', name: 'tempC', unit: 'degC', low: 0, high: 100 }],
  monitorsFrom: 'previousRow',
  outcomes: { latencyS: { column: 'l', unit: 'us' }, powerW: { column: 'p', unit: 'W', over: 'interval' }, accuracy: { column: 'a', unit: '%' } },
  propensity: { column: 'q' },
  requirements: { deadlineS: { column: 'd', unit: 'ms' }, accuracyFloor: 0.5, percentile: 99 },
})

const tegrastats = `RAM 1766/3964MB (lfb 197x4MB) SWAP 0/1982MB (cached 0MB) CPU [24%@1224,off,3%@1224,1%@1224] EMC_FREQ 4%@1600 GR3D_FREQ 28%@76 PLL@42C CPU@44.5C POM_5V_IN 4122/3107 POM_5V_CPU 1200/900
01-31-2026 12:00:00 RAM 2000/7620MB (lfb 4x4MB) CPU [1%@729,0%@729] GR3D_FREQ 0%@[305] cpu@45.2C tj@46C VDD_IN 4000mW/4000mW VDD_CPU_GPU_CV 500mW/500mW
`

const logs: Readonly<Record<Exclude<LogFormat, 'parquet'>, string>> = {
  csv: 'time,freq,net,latency,power,temp\n0,600,a,10.5,1200,40\n1,1200,b,5,2400,41.5\n2,600,a,,1200,\n',
  tsv: 'time\tfreq\tnet\tlatency\tpower\ttemp\n0\t600\ta\t10.5\t1200\t40\n',
  jsonl:
    '{"time":0,"freq":600,"net":"a","latency":10.5,"power":1200,"temp":40}\n{"time":1,"freq":1200,"net":"b","latency":5,"power":{"rail":1},"temp":null}\n',
  tegrastats,
  jtop: 'time,CPU1,CPU2,GPU,Power TOT,Temp CPU\n2026-01-31 12:00:00,5,6,7,4000,45.5\n',
}

/** A log as it is imported, with a map that fits all of these; what the map misses in a log is an error of the log. */
function imported(format: keyof typeof logs): FuzzedParser {
  const dir = scratchFolder()
  const [log, mapPath] = [join(dir, 'log.csv'), join(dir, 'map.json')]
  // What Jetson tools print has columns of its own.
  const jetson = format === 'tegrastats' || format === 'jtop'
  const columns = {
    time: { every: '1s' },
    knobs: [{ column: format === 'jtop' ? 'cpu0.load' : 'cpu0.freqHz', name: 'speed' }],
    outcomes: { powerW: { column: 'powerW' } },
  }
  writeFileSync(mapPath, jetson ? JSON.stringify({ schema: 'flyball-import/1', ...columns }) : mapText)
  const map = readMap(mapPath)
  return {
    name: `import-${format}`,
    covers: ['src/run/import/rows.ts readRows', ...(format === 'tegrastats' ? ['src/run/import/tegrastats.ts parseTegrastats'] : [])],
    form: format === 'jsonl' ? 'lines' : 'text',
    corpus: () => [Buffer.from(logs[format])],
    parse(input) {
      writeFileSync(log, input)
      return laterVerdictOf(async () => {
        for await (const { timeS } of samplesOf(log, map, { format }, noneSkipped())) promise(!Number.isNaN(timeS), 'a sample has a time')
      })
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function importMap(): FuzzedParser {
  const dir = scratchFolder()
  const path = join(dir, 'map.json')
  return {
    name: 'import-map',
    covers: ['src/run/import/map.ts readMap'],
    form: 'json',
    corpus: () => [Buffer.from(mapText), Buffer.from(fullMapText)],
    parse(input) {
      writeFileSync(path, input)
      return verdictOf(() => promise(readMap(path).knobs.length > 0, 'a map has a knob'))
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const times: FuzzedParser = {
  name: 'import-time',
  covers: ['src/run/import/times.ts parseTime'],
  form: 'text',
  corpus: () => ['2026-01-31T12:00:00.5Z', '2026-01-31 12:00', '01-31-2026 12:00:00', '2026-01-31T12:00:00+01:00'].map((text) => Buffer.from(text)),
  parse: (input) => (Number.isNaN(parseTime(input.toString('utf8'))) ? 'no time' : 'accepted'),
}

const tegrastatsLine: FuzzedParser = {
  name: 'import-tegrastats-line',
  covers: ['src/run/import/tegrastats.ts parseTegrastats'],
  form: 'text',
  corpus: () =>
    tegrastats
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line)),
  parse: (input) => (parseTegrastats(input.toString('utf8')) === undefined ? 'foreign' : 'accepted'),
}

export const importParsers = (): FuzzedParser[] => [
  ...(['csv', 'tsv', 'jsonl', 'tegrastats', 'jtop'] as const).map(imported),
  importMap(),
  times,
  tegrastatsLine,
]
