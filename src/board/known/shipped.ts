import { readdirSync, readFileSync } from 'node:fs'
import { FlyballError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { parseBoard, parseFields } from './read.ts'
import type { KnownBoard } from './schema.ts'

// The compiler copies these files beside its output: tsconfig.build.json names them.
const folder = new URL('../catalogue/', import.meta.url)
const textOf = (id: string): string => readFileSync(new URL(`${id}.json`, folder), 'utf8')

/** Ids of the boards that ship with flyball, in alphabetical order. */
export function shippedIds(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/** A board that ships with flyball. Throws ERR_UNKNOWN_BOARD, which names ids that are close. */
export function readShipped(id: string): KnownBoard {
  const ids = shippedIds()
  if (ids.includes(id)) return parseBoard(textOf(id), `the catalogue's ${id}.json`)
  const close = nearest(id, ids)
  throw new FlyballError(
    'ERR_UNKNOWN_BOARD',
    `no board is called '${id}', ${close.length > 0 ? `did you mean ${close.join(' or ')}?` : `expected one of ${ids.join(', ')}`}`,
  )
}

/**
 * The shipped board with one of these device-tree compatibles. Every run asks, so that file only is parsed, and a machine without a device tree reads none.
 */
export function findShipped(compatible: readonly string[]): KnownBoard | undefined {
  if (compatible.length === 0) return undefined
  for (const id of shippedIds()) {
    const text = textOf(id)
    // Looking for the words first is much cheaper than parsing fourteen files before every run.
    if (!compatible.some((name) => text.includes(`"${name}"`))) continue
    const board = parseFields(text, `the catalogue's ${id}.json`)
    if (board.compatible.some((name) => compatible.includes(name))) return board
  }
  return undefined
}
