/**
 * Numbers out of a buffer of ASCII digits, without strings: control-loop files are read some thousand times a second and must leave nothing to collect.
 */

const zero = 48
const nine = 57
const minus = 45
const newline = 10

/** Where a scan goes on; made once by whoever scans. */
export interface Cursor {
  at: number
}

/** The next integer at or after the cursor (a minus directly before a digit counts), which moves behind it; NaN when none is left before `end`. */
export function nextNumber(buffer: Uint8Array, end: number, cursor: Cursor): number {
  let at = cursor.at
  while (at < end && !isDigit(buffer[at] as number)) at++
  if (at >= end) {
    cursor.at = end
    return Number.NaN
  }
  const negative = at > 0 && buffer[at - 1] === minus
  let value = 0
  for (; at < end && isDigit(buffer[at] as number); at++) value = value * 10 + ((buffer[at] as number) - zero)
  cursor.at = at
  // Hundreds of digits are no number that a kernel counts.
  if (value > Number.MAX_VALUE) return Number.NaN
  return negative ? -value : value
}

const single: Cursor = { at: 0 }

/** The first integer in the buffer, NaN without one. */
export function firstNumber(buffer: Uint8Array, end: number): number {
  single.at = 0
  return nextNumber(buffer, end, single)
}

/** Index of the byte after the next newline at or after `at`; `end` when there is none. */
export function nextLine(buffer: Uint8Array, end: number, at: number): number {
  while (at < end && buffer[at] !== newline) at++
  return at < end ? at + 1 : end
}

/** Whether the bytes at `at` are these. */
export function startsWith(buffer: Uint8Array, end: number, at: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > end) return false
  for (let i = 0; i < prefix.length; i++) if (buffer[at + i] !== prefix[i]) return false
  return true
}

export function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine
}
