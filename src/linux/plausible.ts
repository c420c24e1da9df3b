import { formatQuantity } from '../core/units.ts'

/** What a sensor of a kind can say on a working board, and how it is watched. SI; degrees C. */
export interface SensorLimits {
  readonly quantity: 'temperature' | 'power'
  readonly low: number
  readonly high: number
  /** Values that stand for a failure, within the range. */
  readonly codes: readonly number[]
  /** Nearer to 0 than this, and above: a thousandth of what it should be, from a driver that takes the ABI's milli or micro for none. 0: nothing is too small. */
  readonly leastUnit: number
  /** A value this far from the last believed one must be confirmed by the next; Infinity: never. */
  readonly jump: number
  /** A value this many times the highest believed one must be confirmed, and above `jumpAbove`; Infinity: never. */
  readonly jumpFactor: number
  readonly jumpAbove: number
  /** Unchanged for so long while the load of the CPUs changed by half: stuck, s. */
  readonly stuckUnderLoadS: number
  /** Unchanged for so long: stuck, s. */
  readonly stuckS: number
}

/**
 * Silicon: -40 is the coldest that any of it is sold for, and the hottest trip of a board is below 125. A byte that failed reads 127, 255 or 0 degrees, a sleeping or disconnected sensor
 * -274 or 200 (drivers of Documentation/hwmon); exactly 0 on a winter's day is unknown for that moment. Whole degrees are common, so that a calm board's sensor may rest for as long as its load does.
 */
export const temperatureLimits: SensorLimits = {
  quantity: 'temperature',
  low: -40,
  high: 126,
  codes: [0],
  leastUnit: 0.3,
  jump: 40,
  jumpFactor: Number.POSITIVE_INFINITY,
  jumpAbove: 0,
  stuckUnderLoadS: 60,
  stuckS: Number.POSITIVE_INFINITY,
}

/** A rail: may be off. Its last digit moves as long as anything runs. */
export const railPowerLimits: SensorLimits = {
  quantity: 'power',
  low: 0,
  high: 500,
  codes: [],
  leastUnit: 0,
  jump: Number.POSITIVE_INFINITY,
  jumpFactor: 8,
  jumpAbove: 5,
  stuckUnderLoadS: 5,
  stuckS: 60,
}

/** A board's whole supply: no board that runs Linux and Node takes less than 0.1 W. */
export const boardPowerLimits: SensorLimits = { ...railPowerLimits, low: 0.1, leastUnit: 0.1 }

/** False for what no working board has. */
export function isPlausible(value: number, { low, high, codes, leastUnit }: SensorLimits): boolean {
  if (!(value >= low && value <= high) || (value > 0 && value < leastUnit)) return false
  for (let i = 0; i < codes.length; i++) if (value === codes[i]) return false
  return true
}

/** What is wrong with a value that is not plausible, for people. */
export function whyImplausible(value: number, limits: SensorLimits): string {
  const { quantity, low, high, codes, leastUnit } = limits
  const text = quantity === 'temperature' ? temperatureText : powerText
  if (codes.includes(value)) return `reads exactly ${text(value)}, as failed sensors do`
  const small = quantity === 'temperature' ? 'degrees where the kernel has thousandths' : 'mW where the kernel has uW'
  const large = quantity === 'temperature' ? 'millionths of a degree where the kernel has thousandths' : 'uW where the kernel has mW'
  const expected = `reads ${text(value)}, expected ${text(value > 0 ? Math.max(low, leastUnit) : low)} to ${text(high)}`
  const couldBe = (other: number): boolean => isPlausible(other, limits)
  if (value > 0 && value < leastUnit && couldBe(value * 1000)) return `${expected}: does its driver say ${small}?`
  if (value > high && couldBe(value / 1000)) return `${expected}: does its driver say ${large}?`
  return expected
}

export const temperatureText = (tempC: number): string => `${Number(tempC.toFixed(3))} degC`
export const powerText = (powerW: number): string => (powerW === 0 ? '0 W' : formatQuantity(powerW, 'power'))
