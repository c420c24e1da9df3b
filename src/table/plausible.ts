import { FlyballError } from '../core/errors.ts'
import { describePoint } from '../core/spaces.ts'
import { median } from '../core/statistics.ts'
import type { TableRows } from './rows.ts'

/** No board that runs one network draws more, W. */
const mostPowerW = 3000
/** Most that such a board usually draws, W: tells mW from uW. */
const usualPowerW = 300
/** A table whose fastest inference takes longer is more likely in ms, s. */
const slowestFastestS = 10
/** All rows below this are more likely in other units, W. */
const leastPowerW = 0.1
/** Beyond this share energy and power x latency are worth a note: often one of them is of a batch. */
const agreement = 0.05
/** A latency so many times the next smaller one is worth a note. */
const gap = 100
/** Within this share of a power of 1000 a ratio is a matter of units, as long as few rows have it. */
const closeness = 0.02

export interface Plausibility {
  readonly rows: TableRows
  readonly where: string
  /** The table says itself that its latencies are seconds. */
  readonly secondsStated: boolean
}

/** Notices columns in other units than SI. Throws ERR_TABLE; returns notes on what is odd and may be right. */
export function checkUnits({ rows, where, secondsStated }: Plausibility): string[] {
  const { points, lines, outcomes } = rows
  const latencyS = outcomes.get('latencyS') as Float64Array
  const energyJ = outcomes.get('energyJ')
  const powerW = outcomes.get('powerW')
  const fail = (row: number, column: string, message: string): never => {
    throw new FlyballError('ERR_TABLE', `${where}: line ${lines[row]} (${describePoint(points[row] ?? {})}), column ${column}: ${message}`)
  }

  powerW?.forEach((value, a) => {
    if (value > mostPowerW)
      fail(a, 'powerW', `${value} W is more than a board draws, expected up to ${mostPowerW}; this looks like ${smaller('W', value / usualPowerW)}`)
  })
  const notes = energyJ !== undefined && powerW !== undefined ? compare(latencyS, energyJ, powerW, lines, fail) : []
  if (powerW === undefined)
    energyJ?.forEach((value, a) => {
      const impliedW = value / (latencyS[a] as number)
      if (impliedW > mostPowerW)
        fail(
          a,
          'energyJ',
          `${value} J in ${latencyS[a]} s is ${Math.round(impliedW)} W, more than a board draws; this looks like ${smaller('J', impliedW / usualPowerW)}`,
        )
    })

  const fastest = latencyS.indexOf(latencyS.reduce((least, value) => Math.min(least, value)))
  if ((latencyS[fastest] as number) > slowestFastestS && !secondsStated)
    fail(
      fastest,
      'latencyS',
      `the fastest point takes ${latencyS[fastest]} s; this looks like ${smaller('s', (latencyS[fastest] as number) / slowestFastestS)}; where it really is in seconds, say so in the JSON: "units": { "latencyS": "s" }`,
    )
  return [...notes, ...lonelyLatency(latencyS, lines), ...(powerW === undefined ? faintPower(latencyS, energyJ) : [])]
}

/** The unit, a power of 1000 smaller, that makes a value at least so many times less: `mJ: times 1e-3`. */
function smaller(unit: string, times: number): string {
  const power = Math.min(prefixes.length, Math.max(1, Math.ceil(Math.log10(times) / 3 - rounding)))
  return `${prefixes[power - 1]}${unit}: times 1e-${3 * power}`
}

const prefixes = ['m', 'u', 'n']
/** Of logarithms. */
const rounding = 1e-9

/** A few rows far above all others: perhaps they are in ms. */
function lonelyLatency(latencyS: Float64Array, lines: readonly number[]): string[] {
  const order = Array.from(latencyS.keys()).sort((a, b) => (latencyS[a] as number) - (latencyS[b] as number))
  const first = order.findIndex(
    (a, i) => i * 4 >= order.length * 3 && i > 0 && (latencyS[a] as number) >= gap * (latencyS[order[i - 1] as number] as number),
  )
  if (first < 0) return []
  const [a, below] = [order[first] as number, order[first - 1] as number]
  return [
    `latencyS on line ${lines[a]} is ${latencyS[a]} s, ${Math.round((latencyS[a] as number) / (latencyS[below] as number))} times the next smaller one (line ${lines[below]}): is it in ms?`,
  ]
}

/** Energy that is too little for its time, in every row. */
function faintPower(latencyS: Float64Array, energyJ: Float64Array | undefined): string[] {
  const mostW = energyJ?.reduce((most, value, a) => Math.max(most, value / (latencyS[a] as number)), 0) ?? leastPowerW
  return mostW < leastPowerW
    ? [`energyJ / latencyS is at most ${Number((1000 * mostW).toPrecision(3))} mW in all rows: is latencyS in ms, or energyJ in kJ?`]
    : []
}

function compare(
  latencyS: Float64Array,
  energyJ: Float64Array,
  powerW: Float64Array,
  lines: readonly number[],
  fail: (row: number, column: string, message: string) => never,
): string[] {
  const ratios = energyJ.map((value, a) => value / ((powerW[a] as number) * (latencyS[a] as number)))
  const odd = Array.from(ratios.keys()).filter((a) => thousands(ratios[a] as number) !== 0)
  const all = odd.length === ratios.length
  // A batch of a thousand is a thousandfold as well, but then many rows have it.
  const [first] = all || odd.length * 4 <= ratios.length ? odd : []
  if (first !== undefined) {
    const ratio = ratios[first] as number
    const [column, unit] = ratio > 1 ? ['energyJ', 'J'] : (latencyS[first] as number) > 1 ? ['latencyS', 's'] : ['powerW', 'W']
    const times = 1000 ** Math.abs(thousands(ratio))
    fail(
      first,
      column,
      `energyJ is ${Number(ratio.toPrecision(3))} times powerW x latencyS${all ? ' here and in every row' : ''}; this looks like ${smaller(unit, times)}`,
    )
  }
  const apart = ratios.reduce((count, ratio) => count + (Math.abs(ratio - 1) > agreement ? 1 : 0), 0)
  if (apart === 0) return []
  const distance = ratios.map((ratio) => Math.abs(Math.log(ratio)))
  const worst = distance.indexOf(distance.reduce((most, value) => Math.max(most, value)))
  const factor = Number((ratios[worst] as number).toPrecision(3))
  return [
    `energyJ differs from powerW x latencyS by more than ${agreement * 100} % in ${apart} of ${ratios.length} rows (median ratio ${Number(median(ratios).toPrecision(3))}, ${factor} on line ${lines[worst]}): is one of them of a batch? energyJ is used`,
  ]
}

/** How many times 1000 a ratio is off, 0 when it is not a power of 1000. */
function thousands(ratio: number): number {
  const power = Math.round(Math.log10(ratio) / 3)
  return power !== 0 && Math.abs(ratio / 1000 ** power - 1) < closeness ? power : 0
}
