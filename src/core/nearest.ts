/** Edits that turn one text into the other: letters put in, left out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] as number
}

/** The names that somebody who wrote `text` may have meant, likeliest first, at most three: few edits away, or one holds the other. */
export function nearest(text: string, names: readonly string[]): string[] {
  const wanted = text.toLowerCase()
  return names
    .map((name) => {
      const one = name.toLowerCase()
      const edits = distance(wanted, one)
      const part = wanted.length > 1 && (one.includes(wanted) || wanted.includes(one))
      return { name, edits: part ? Math.min(edits, 1) : edits }
    })
    .filter(({ edits }) => edits <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name)
}
