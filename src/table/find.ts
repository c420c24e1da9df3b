import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

/** Where the two halves of a table lie. */
export interface TablePair {
  readonly name: string
  readonly json: string
  readonly csv: string
}

/** Where tables are looked for by their bare name: the folders that a user names first, then the usual ones. */
export function tableFolders(asked?: string, fromEnvironment?: string): string[] {
  const named = [asked, fromEnvironment].filter((folder) => folder !== undefined && folder !== '') as string[]
  return [...named, '.', 'tables', 'data/tables', '../shared/data/tables']
}

/**
 * The table that `source` means: either half, the path of both without its ending, or a bare name, looked for in `folders`.
 * Throws ERR_UNKNOWN_ENV for a name that is in none of them, ERR_TABLE for a path where a half is missing.
 */
export function findTable(source: string, folders: readonly string[]): TablePair {
  const path = /^(.+)\.(json|csv)$/i.exec(source)?.[1] ?? source
  const isPath = path !== source || /[/\\]/.test(source)
  if (isPath) {
    const pair = pairAt(path)
    if (!existsSync(pair.json) && !existsSync(pair.csv))
      throw new FlyballError('ERR_TABLE', `${source}: there is neither ${pair.json} nor ${pair.csv}, expected both halves of a measured table`)
    return checkHalves(pair)
  }
  for (const folder of folders) {
    const pair = pairAt(join(folder, path))
    // A lone JSON or CSV file of that name may be anything; in the folder of a user's own choice it would be a table.
    if (existsSync(pair.json) && existsSync(pair.csv)) return pair
  }
  const halves = folders.map((folder) => pairAt(join(folder, path))).find(({ json, csv }) => existsSync(json) || existsSync(csv))
  if (halves !== undefined) return checkHalves(halves)
  const close = nearest(path, [...new Set(folders.flatMap(namesIn))])
  const hint = close.length === 0 ? '' : `; did you mean ${close.join(' or ')}?`
  throw new FlyballError(
    'ERR_UNKNOWN_ENV',
    `no measured table is called '${source}'${hint} (looked for ${path}.json and ${path}.csv in ${folders.map((folder) => resolve(folder)).join(', ')})`,
  )
}

const pairAt = (path: string): TablePair => ({ name: basename(path), json: `${path}.json`, csv: `${path}.csv` })

function checkHalves(pair: TablePair): TablePair {
  const missing = [pair.json, pair.csv].find((path) => !existsSync(path))
  if (missing !== undefined)
    throw new FlyballError(
      'ERR_TABLE',
      `${missing} is missing: a measured table is a pair of ${basename(pair.csv)} and ${basename(pair.json)} in ${dirname(pair.json)}`,
    )
  return pair
}

/** Names of the tables in a folder; none where it cannot be listed. */
export function namesIn(folder: string): string[] {
  try {
    const files = new Set(readdirSync(folder))
    return [...files]
      .filter((file) => file.endsWith('.csv') && files.has(`${file.slice(0, -4)}.json`))
      .map((file) => file.slice(0, -4))
      .sort()
  } catch {
    return []
  }
}
