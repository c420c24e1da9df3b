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
  const exponent = exponentOf(Math.abs(x))
  const shift = digits - 1 - exponent
  if (shift < 0) {
    const power = powers[Math.min(most, -shift)] as number
    return -shift > most ? x : Math.round(x / power) * power + 0
  }
  const power = powers[Math.min(most, shift)] as number
  return Math.round(x * power) / power + 0
}

const small = Float64Array.from({ length: most + 2 }, (_, i) => Number(`1e-${i}`))

/** Of the highest power of ten that is not above `size`; -23 for all below 1e-22. What is measured lies near 1: a short walk costs less than a logarithm. */
function exponentOf(size: number): number {
  let exponent = 0
  if (size < 1) {
    while (exponent > -most - 1 && size < (small[-exponent] as number)) exponent--
    return exponent
  }
  if (size >= (powers[most] as number)) return Math.floor(Math.log10(size))
  while (size >= (powers[exponent + 1] as number)) exponent++
  return exponent
}
