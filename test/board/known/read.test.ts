import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBoard, readBoardFile } from '../../../src/board/known/read.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is broken here has no type any more
type Broken = any

/** The error of the made-up board after `breakIt`. */
function errorAfter(breakIt: (board: Broken) => void): string {
  const board: Broken = makeKnownBoard()
  breakIt(board)
  try {
    parseBoard(JSON.stringify(board), 'mine.json')
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_BOARD_FILE', exitCode: 3 })
    return (error as Error).message
  }
  throw new Error('was accepted')
}

describe('a board file', () => {
  it('that is well formed comes back as it is', () => {
    expect(parseBoard(JSON.stringify(makeKnownBoard()), 'mine.json')).toEqual(makeKnownBoard())
  })

  const fields: [what: string, breakIt: (board: Broken) => void, message: string][] = [
    ['another schema', (b) => (b.schema = 'flyball-board/2'), `mine.json: schema is "flyball-board/2": expected 'flyball-board/1'`],
    ['a missing field', (b) => delete b.clusters[1].opps[0].freqHz, 'mine.json: clusters.1.opps.0.freqHz is missing: expected this field'],
    [
      'a misspelt field',
      (b) => (b.clusters[0].capacitence = 1e-10),
      'mine.json: clusters.0.capacitence is unknown: no such field here; did you mean capacitanceF?',
    ],
    [
      'a misspelt field that must be there',
      (b) => (b.clusters[0].opps = [{ freqhz: 1e9 }]),
      'clusters.0.opps.0.freqhz is unknown: no such field here; did you mean freqHz?',
    ],
    [
      'a field of nowhere',
      (b) => (b.thermalZones[0].colour = 1),
      'thermalZones.0.colour is unknown: no such field here; expected one of id, sensor, pollS,',
    ],
    [
      'kHz',
      (b) => (b.clusters[0].opps[0].freqHz = 5e5),
      'clusters.0.opps.0.freqHz is 500000: expected a frequency from 1e7 to 2e10 Hz; this looks like kHz: times 1e3',
    ],
    ['MHz', (b) => (b.clusters[0].opps[0].freqHz = 500), 'freqHz is 500: expected a frequency from 1e7 to 2e10 Hz; this looks like MHz: times 1e6'],
    [
      'uV',
      (b) => (b.clusters[0].opps[1].voltageV = 800000),
      'clusters.0.opps.1.voltageV is 800000: expected a voltage from 0.3 to 1.5 V; this looks like uV: times 1e-6',
    ],
    ['a coefficient of a device tree', (b) => (b.clusters[0].capacitanceF = 100), 'this looks like uW/MHz/V^2: times 1e-12'],
    [
      'millidegrees',
      (b) => (b.thermalZones[0].trips[0].tempC = 85000),
      'thermalZones.0.trips.0.tempC is 85000: expected a temperature from -40 to 200 degC; this looks like millidegrees',
    ],
    [
      'MB/s',
      (b) => (b.memory.bandwidth[0].bandwidthBps = 5000),
      'memory.bandwidth.0.bandwidthBps is 5000: expected a bandwidth from 1e7 to 1e13 B/s; this looks like MB/s: times 1e6',
    ],
    ['capacity of 1024', (b) => (b.clusters[0].capacity = 400), 'this looks like of 1024: divide by it'],
    ['a power of 0 for unknown', (b) => (b.clusters[1].opps[0].powerW = 0), 'clusters.1.opps.0.powerW is 0: expected a power above 0'],
    [
      'a text for a number',
      (b) => (b.clusters[1].opps[0].powerW = '0.5 W'),
      'clusters.1.opps.0.powerW is "0.5 W": expected a power above 0 and up to 500 W',
    ],
    ['another kind', (b) => (b.clusters[0].kind = 'dsp'), 'clusters.0.kind is "dsp": expected one of cpu, gpu, npu'],
    ['no clusters', (b) => (b.clusters = []), 'clusters is 0: expected at least one cluster'],
    ['a list for an object', (b) => (b.memory = []), 'memory is []: expected an object with the fields type, sizeB, bandwidth'],
  ]
  it.each(fields)('with %s is refused', (_, breakIt, message) => {
    expect(errorAfter(breakIt)).toContain(message)
  })

  const rules: typeof fields = [
    [
      'descending OPPs',
      (b) => b.clusters[1].opps.reverse(),
      'clusters.1.opps.1.freqHz is 1000000000: expected more than the 2000000000 Hz before it',
    ],
    ['an OPP twice', (b) => b.clusters[0].opps.push({ freqHz: 1e9 }), 'clusters.0.opps.2.freqHz is 1000000000: expected more than'],
    [
      'descending points',
      (b) => (b.relativePower = [{ cluster: 'big', points: [2e9, 1e9].map((freqHz) => ({ freqHz, power: 1 })) }]),
      'relativePower.0.points.1.freqHz is 1000000000',
    ],
    ['a cluster twice', (b) => (b.clusters[1].id = 'little'), `clusters.1.id is 'little': expected a name of its own`],
    ['a CPU twice', (b) => (b.clusters[1].cpus = [4, 3]), `clusters.1.cpus.1 is 3: expected a CPU that is not in 'little' already`],
    [
      'a bandwidth of no cluster',
      (b) => (b.memory.bandwidth[0].cluster = 'huge'),
      `memory.bandwidth.0.cluster is 'huge': expected one of little, big, gpu`,
    ],
    [
      'a trip that throttles nothing known',
      (b) => (b.thermalZones[0].trips[0].throttles[0].device = 'huge'),
      `thermalZones.0.trips.0.throttles.0.device is 'huge': expected one of little, big, gpu, fan`,
    ],
    [
      'a mode of no cluster',
      (b) => (b.powerModes = [{ name: 'low', limits: [{ cluster: 'huge', maxFreqHz: 1e9 }] }]),
      `powerModes.0.limits.0.cluster is 'huge'`,
    ],
    [
      'a rail of nothing known',
      (b) => (b.sensors = [{ name: 'VDD', of: ['huge'], quality: 'documented' }]),
      `sensors.0.of.0 is 'huge': expected one of little, big, gpu, board, module, memory, soc`,
    ],
    ['a figure without source', (b) => b.sources.shift(), 'clusters.0.cpus.0 has no source: expected one in'],
    ['a pitfall without source', (b) => (b.sources[0].fields = ['clusters', 'memory', 'thermalZones']), 'pitfalls.0 has no source'],
    [
      'a source of nothing',
      (b) => b.sources[1].fields.push('clusters.huge'),
      `sources.1.fields.2 is 'clusters.huge': no figure of this file is there`,
    ],
    [
      'a source that says nothing',
      (b) => (b.sources[1] = { fields: ['memory'] }),
      'sources.1 has none: expected document or derived, or else assumed',
    ],
    ['a document that is assumed', (b) => (b.sources[1].assumed = 'so'), 'sources.1 has both: expected document or derived, or else assumed'],
  ]
  it.each(rules)('with %s is refused', (_, breakIt, message) => {
    expect(errorAfter(breakIt)).toContain(message)
  })

  it('that is no JSON, no object or not there is refused by name', () => {
    const dir = mkdtempSync(join(tmpdir(), 'flyball-board-'))
    const path = join(dir, 'mine.json')
    writeFileSync(path, '{"schema":')
    expect(() => readBoardFile(path)).toThrow(`${path}: is not JSON: `)
    writeFileSync(path, '[]')
    expect(() => readBoardFile(path)).toThrow(`${path}: the document is []: expected an object with the fields schema, id`)
    writeFileSync(path, JSON.stringify(makeKnownBoard()))
    expect(readBoardFile(path).id).toBe('made-up')
    rmSync(dir, { recursive: true })
    expect(() => readBoardFile(path)).toThrow(FlyballError)
    expect(() => readBoardFile(path)).toThrow(`${path} cannot be read, expected a board file: ENOENT`)
  })
})
