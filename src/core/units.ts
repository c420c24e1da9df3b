import { FlyballError } from './errors.ts'

type Scale = Readonly<Record<string, number>>

const scales = {
  time: { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 },
  frequency: { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 },
  power: { uW: 1e-6, mW: 1e-3, W: 1, kW: 1e3 },
  energy: { nJ: 1e-9, uJ: 1e-6, mJ: 1e-3, J: 1, kJ: 1e3 },
  size: { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
} as const satisfies Record<string, Scale>

export type Dimension = keyof typeof scales

/** What a number in `unit` is multiplied with to be SI; undefined for a unit of another dimension. */
export const unitFactor = (unit: string, dimension: Dimension): number | undefined => (scales[dimension] as Scale)[unit]

/** Units of a dimension, for messages. */
export const unitsOf = (dimension: Dimension): string[] => Object.keys(scales[dimension])

const quantityPattern = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([A-Za-z]+)$/

/** `33ms`, `1.8GHz`, `5W`, `100mJ` to SI. The unit is required, so that nobody's milliseconds become seconds. Throws ERR_UNIT. */
export function parseQuantity(text: string, dimension: Dimension, where: string): number {
  const scale: Scale = scales[dimension]
  const [, digits, unit] = quantityPattern.exec(text.trim()) ?? []
  const factor = unit === undefined ? undefined : scale[unit]
  const example = { time: '33ms', frequency: '1.8GHz', power: '5W', energy: '100mJ', size: '500MB' }[dimension]
  const value = Number(digits) * (factor ?? Number.NaN)
  if (!Number.isFinite(value))
    throw new FlyballError(
      'ERR_UNIT',
      `${where}: '${text}' is no ${dimension}, expected a number with one of ${Object.keys(scale).join(', ')}, e.g. ${example}`,
    )
  return value
}

/** As parseQuantity, and above 0. Throws ERR_UNIT or ERR_RANGE. */
export function parsePositive(text: string, dimension: Dimension, where: string): number {
  const value = parseQuantity(text, dimension, where)
  if (!(value > 0)) throw new FlyballError('ERR_RANGE', `${where}: '${text}' is not above 0`)
  return value
}

/** A deadline: a time, or a multiple of the fastest fitting point's unloaded latency (`1.3x`). */
export type Deadline = { readonly seconds: number } | { readonly times: number }

export function parseDeadline(text: string, where: string): Deadline {
  const [, digits] = /^([+-]?(?:\d+\.?\d*|\.\d+))x$/.exec(text.trim()) ?? []
  if (digits === undefined) {
    if (/^(?:\d+\.?\d*|\.\d+)$/.test(text.trim()))
      throw new FlyballError(
        'ERR_UNIT',
        `${where}: '${text}' has no unit, expected a number with one of ${Object.keys(scales.time).join(', ')}, e.g. 33ms, or ${text.trim()}x for a multiple`,
      )
    return { seconds: parsePositive(text, 'time', where) }
  }
  const times = Number(digits)
  if (!(times > 0)) throw new FlyballError('ERR_RANGE', `${where}: '${text}' is not above 0`)
  return { times }
}

/** Dimensions that are printed; those beyond `Dimension` are never asked of a user. */
export type PrintedDimension = Dimension | 'voltage' | 'capacitance' | 'resistance' | 'bandwidth' | 'rate'

const printed: Record<PrintedDimension, readonly (readonly [number, string])[]> = {
  time: [
    [1, 's'],
    [1e-3, 'ms'],
    [1e-6, 'us'],
    [1e-9, 'ns'],
  ],
  frequency: [
    [1e9, 'GHz'],
    [1e6, 'MHz'],
    [1e3, 'kHz'],
    [1, 'Hz'],
  ],
  power: [
    [1, 'W'],
    [1e-3, 'mW'],
    [1e-6, 'uW'],
  ],
  energy: [
    [1, 'J'],
    [1e-3, 'mJ'],
    [1e-6, 'uJ'],
    [1e-9, 'nJ'],
  ],
  voltage: [[1, 'V']],
  capacitance: [
    [1e-9, 'nF'],
    [1e-12, 'pF'],
  ],
  resistance: [
    [1, 'ohm'],
    [1e-3, 'mohm'],
  ],
  bandwidth: [
    [1e9, 'GB/s'],
    [1e6, 'MB/s'],
  ],
  size: [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'B'],
  ],
  rate: [
    [1e9, 'GFLOP/s'],
    [1e6, 'MFLOP/s'],
  ],
}

/** SI to three significant digits (or `digits`) with a fitting unit; `-` for what is absent. */
export function formatQuantity(value: number | null | undefined, dimension: PrintedDimension, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-'
  const rows = printed[dimension]
  const [factor, unit] = rows.find(([least]) => Math.abs(value) >= least * 0.9995) ?? (rows.at(-1) as readonly [number, string])
  return `${Number((value / factor).toPrecision(digits))} ${unit}`
}
