/** Where a value of a JSON text stands; of a member, `from` is its key, else `start`. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly from: number
}

const [tab, newline, carriage, blank, quote, comma, colon] = [9, 10, 13, 32, 34, 44, 58]
const [backslash, openList, closeList, openObject, closeObject] = [92, 91, 93, 123, 125]

/** Every value of a valid JSON text, the whole first. Linear, by one look at each character: mutants of mutants are looked through anew. */
export function spansOf(text: string): Span[] {
  const spans: { start: number; end: number; from: number }[] = []
  const open: { span: { end: number }; members: boolean }[] = []
  /** Of the key that a value will follow; -1 where none does. */
  let key = -1
  const begin = (at: number): { start: number; end: number; from: number } => {
    const span = { start: at, end: at, from: key < 0 ? at : key }
    key = -1
    spans.push(span)
    return span
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === colon || code === blank || code === newline || code === tab || code === carriage) continue
    if (code === openList || code === openObject) open.push({ span: begin(at), members: code === openObject })
    else if (code === closeList || code === closeObject) (open.pop() as (typeof open)[number]).span.end = at + 1
    else if (code === quote && key < 0 && open[open.length - 1]?.members === true) {
      key = at
      at = endOfString(text, at) - 1
    } else {
      const span = begin(at)
      span.end = code === quote ? endOfString(text, at) : endOfWord(text, at)
      at = span.end - 1
    }
  }
  return spans
}

/** Index after the closing quote. */
function endOfString(text: string, open: number): number {
  let at = open + 1
  for (let code = text.charCodeAt(at); code !== quote && at < text.length; code = text.charCodeAt(at)) at += code === backslash ? 2 : 1
  return at + 1
}

function endOfWord(text: string, from: number): number {
  let at = from + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === closeList || code === closeObject || code <= blank) break
  }
  return at
}
