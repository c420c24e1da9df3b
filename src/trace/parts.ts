import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Files of a rotated trace, oldest first: `trace.jsonl.1`, `trace.jsonl.2` … and `trace.jsonl` itself where it is there. Of any other trace the path alone. */
export function tracePartsOf(path: string): string[] {
  const earlier = earlierParts(path).map(({ file }) => file)
  return earlier.length > 0 && !existsSync(path) ? earlier : [...earlier, path]
}

export interface TracePart {
  readonly file: string
  readonly number: number
}

/** Parts that were closed, oldest first. Older ones may be gone. */
export function earlierParts(path: string): TracePart[] {
  const folder = dirname(path)
  const prefix = `${basename(path)}.`
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d*$/.test(name.slice(prefix.length)))
    .map((name) => ({ file: join(folder, name), number: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number)
}
