/** Splits a line of numbers at its commas without allocating: cells are read one after the other. */
export interface CellReader {
  start(line: string): void
  /** The next cell as a number: NaN for one that holds none (empty, a word, Infinity, hexadecimal). */
  number(): number
  /** The next cell as it stands, for messages. */
  skip(): void
  /** Cells that were started, and whether the line has more. */
  readonly read: number
  readonly more: boolean
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const powersOfTen = Float64Array.from({ length: 23 }, (_, e) => Number(`1e${e}`))
const [comma, dot, minus, zero, nine] = [44, 46, 45, 48, 57]

export function makeCellReader(): CellReader {
  let line = ''
  let at = 0
  let read = 0
  const ended = (): boolean => at > line.length

  /** Decimals of up to 15 digits and 22 places are exact in one division (Clinger, PLDI 1990); all else goes to Number. */
  const number = (): number => {
    const from = at
    read++
    let mantissa = 0
    let digits = 0
    let places = -1
    const negative = line.charCodeAt(at) === minus
    if (negative) at++
    for (; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if (code >= zero && code <= nine) {
        mantissa = mantissa * 10 + code - zero
        if (mantissa > 0) digits++
        if (places >= 0) places++
      } else if (code === dot && places < 0) places = 0
      else break
    }
    const plain = at - from - (negative ? 1 : 0) - (places < 0 ? 0 : 1) > 0
    if ((at >= line.length || line.charCodeAt(at) === comma) && plain && digits <= 15 && places <= 22) {
      at++
      const value = places > 0 ? mantissa / (powersOfTen[places] as number) : mantissa
      return negative ? -value : value
    }
    const end = line.indexOf(',', at)
    at = end < 0 ? line.length : end
    const cell = line.slice(from, at).trim()
    at++
    const value = decimal.test(cell) ? Number(cell) : Number.NaN
    return Number.isFinite(value) ? value : Number.NaN
  }

  return {
    start(text) {
      line = text
      at = 0
      read = 0
    },
    number,
    skip() {
      read++
      const end = line.indexOf(',', at)
      at = (end < 0 ? line.length : end) + 1
    },
    get read() {
      return read
    },
    get more() {
      return !ended()
    },
  }
}
