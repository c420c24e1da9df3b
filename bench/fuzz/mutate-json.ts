import type { Rng } from '../../src/core/rng.ts'
import { hostileName, hostileValue } from './hostile.ts'
import { type Span, spansOf } from './json-spans.ts'

/** A valid JSON text, looked through once. */
export interface JsonSeed {
  readonly text: string
  readonly spans: readonly Span[]
}

export const jsonSeed = (text: string): JsonSeed => ({ text, spans: spansOf(text) })

/** One change of one value or member; the text need not be JSON afterwards. */
export function mutateJson({ text, spans }: JsonSeed, rng: Rng): string {
  const span = spans[rng.int(spans.length)] as Span
  const put = (from: number, to: number, what: string): string => text.slice(0, from) + what + text.slice(to)
  const value = text.slice(span.start, span.end)
  const member = text.slice(span.from, span.end)
  switch (rng.int(9)) {
    case 0:
    case 1:
    case 2:
      return put(span.start, span.end, hostileValue(rng))
    case 3:
      return put(span.start, span.end, anotherNumber(value, rng))
    case 4: {
      const other = spans[rng.int(spans.length)] as Span
      return put(span.start, span.end, text.slice(other.start, other.end))
    }
    case 5: {
      // Gone, with the comma behind it.
      const comma = text[span.end] === ',' ? 1 : 0
      return put(span.from, span.end + comma, '')
    }
    case 6:
      return put(span.end, span.end, `,${member}`)
    case 7:
      // The same key once more: the last one counts.
      return span.from === span.start
        ? put(span.end, span.end, `,${hostileValue(rng)}`)
        : put(span.end, span.end, `,${text.slice(span.from, span.start)}${hostileValue(rng)}`)
    default:
      return span.from === span.start
        ? put(span.start, span.end, `{"${hostileName(rng)}":${value}}`)
        : put(span.from, span.start, `"${hostileName(rng)}":`)
  }
}

const factors = [-1, 0, 0.001, 0.5, 2, 1000, 1e6, 1e9, 1e300]

function anotherNumber(value: string, rng: Rng): string {
  const number = Number(value)
  if (value === '' || Number.isNaN(number)) return hostileValue(rng)
  return String(rng.int(3) === 0 ? number + (rng.next() - 0.5) : number * (factors[rng.int(factors.length)] as number))
}
