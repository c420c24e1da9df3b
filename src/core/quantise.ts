const most = 22
// 1e22 is the largest power of ten that a double holds exactly, so that one correctly rounded division or product gives the double nearest to the decimal.
const powers = Float64Array.from({ length: most + 1 }, (_, i) => Number(`1e${i}`))

/** Significant digits of what an agent sees, and of what an outcome says. */
export const observationDigits = 4
export const outcomeDigits = 6

/**
 * x rounded to `digits` significant decimal digits (1 to 15): the double that JSON prints with no more digits and parses back
 * to the same bits, so that a log holds exactly what was seen. NaN and infinities pass; -0 becomes 0; below 1e-15 fewer digits stay.
 * No allocation.
 */
export function quantise(x: number, digits: number): number {
  if (x === 0 || !Number.isFinite(x)) return x === 0 ? 0 : x
  const size = Math.abs(x)
  let exponent = Math.floor(Math.log10(size))
  // log10 may miss a power of ten by one unit in the last place.
  if (exponent >= 0 && exponent < most && size >= (powers[exponent + 1] as number)) exponent++
  const shift = digits - 1 - exponent
  if (shift < 0) {
    const power = powers[Math.min(most, -shift)] as number
    return -shift > most ? x : Math.round(x / power) * power + 0
  }
  const power = powers[Math.min(most, shift)] as number
  return Math.round(x * power) / power + 0
}
