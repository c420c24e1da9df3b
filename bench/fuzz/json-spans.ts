/** Where a value of a JSON text stands; of a member, `from` is its key, else `start`. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly from: number
}

/** Every value of a valid JSON text, the whole first. Linear. */
export function spansOf(text: string): Span[] {
  const spans: { start: number; end: number; from: number }[] = []
  let at = 0
  const blank = (): void => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const string = (): void => {
    for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++
    at++
  }
  const value = (from: number | undefined): void => {
    blank()
    const span = { start: at, end: at, from: from ?? at }
    spans.push(span)
    if (text[at] === '"') string()
    else if (text[at] === '{' || text[at] === '[') inside(text[at] === '{')
    else while (at < text.length && !/[,\]}\s]/.test(text[at] as string)) at++
    span.end = at
  }
  const inside = (members: boolean): void => {
    at++
    for (blank(); text[at] !== '}' && text[at] !== ']'; blank()) {
      let from: number | undefined
      if (members) {
        from = at
        string()
        blank()
        at++
      }
      value(from)
      blank()
      if (text[at] === ',') at++
    }
    at++
  }
  value(undefined)
  return spans
}
