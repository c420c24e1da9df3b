import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readShipped } from '../../src/board/known/shipped.ts'

/** Samples of an Odroid-XU3 every 50 ms: what its A15 cluster did, drew and how warm it was. */
export interface Trace {
  readonly length: number
  /** Instructions over nominal cycles. */
  readonly ipc: Float64Array
  /** Whole degrees. */
  readonly tempC: Float64Array
  /** Of the A15's rail, brought forward by the sensor's delay. */
  readonly powerW: Float64Array
  readonly freqHz: Float64Array
  readonly voltageV: Float64Array
}

export const samplePeriodS = 0.05
/** The rail's sensor tells the mean of its last period (0.26 s, see the catalogue): its values lie that much behind the counters. */
const sensorDelay = 5

const fileOf = (folder: string, name: string): string => join(folder, `odroid-xu3-${name}-50ms.csv.gz`)

export const hasTrace = (folder: string, name: string): boolean => existsSync(fileOf(folder, name))

export function readTrace(folder: string, name: string): Trace {
  return parseTrace(gunzipSync(readFileSync(fileOf(folder, name))).toString('utf8'))
}

/** Columns ipc, temp_c, big_power_w and big_khz by their names in the first line. */
export function parseTrace(text: string): Trace {
  const [header = '', ...lines] = text.trim().split('\n')
  const names = header.split(',')
  const cells = lines.map((line) => line.split(','))
  const column = (name: string): Float64Array => {
    const at = names.indexOf(name)
    if (at < 0) throw new Error(`the trace has no column ${name}, only ${header}`)
    return Float64Array.from(cells, (row) => Number(row[at]))
  }
  const freqHz = column('big_khz').map((khz) => khz * 1e3)
  const raw = column('big_power_w')
  return {
    length: lines.length,
    ipc: column('ipc'),
    tempC: column('temp_c'),
    powerW: raw.map((_, i) => raw[Math.min(i + sensorDelay, raw.length - 1)] as number),
    freqHz,
    voltageV: freqHz.map(measuredVoltageV('a15')),
  }
}

/** Voltage of an XU3's cluster at a frequency, V, as measured (the catalogue's odroid-xu4), linear in between. */
export function measuredVoltageV(cluster: string): (freqHz: number) => number {
  const points = readShipped('odroid-xu4').measured?.voltages?.find((one) => one.cluster === cluster)?.points ?? []
  return (freqHz) => {
    const above = points.findIndex((point) => point.freqHz >= freqHz)
    const high = points[above < 0 ? points.length - 1 : above]
    const low = points[above < 0 ? points.length - 1 : Math.max(0, above - 1)]
    if (high === undefined || low === undefined) throw new Error(`the catalogue has no measured voltages of ${cluster}`)
    const share = high.freqHz > low.freqHz ? (freqHz - low.freqHz) / (high.freqHz - low.freqHz) : 0
    return low.voltageV + Math.min(1, share) * (high.voltageV - low.voltageV)
  }
}
