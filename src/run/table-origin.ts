import * as v from 'valibot'
import { type BoardId, boardSchema, type NetworkId } from '../checkpoint/parts.ts'
import { FlyballError } from '../core/errors.ts'
import type { MeasuredTable } from '../table/table.ts'
import { type BoardSettings, boardSettings } from './settings.ts'

/** The board, its settings and the network that a table was measured with, as `flyball profile` writes them into its JSON. */
export interface TableOrigin {
  readonly board: BoardId
  readonly network: NetworkId
  /** As it was named on the command line. */
  readonly networkSource: string
  readonly env: BoardSettings
}

const origin = v.object({
  board: boardSchema,
  network: v.object({ name: v.string(), sha256s: v.array(v.string()) }),
  networkSource: v.string(),
  env: boardSettings,
})

/** Throws ERR_TABLE for a table of something else: what is learned on it could govern nothing. */
export function originOf({ name, about }: MeasuredTable): TableOrigin {
  const parsed = v.safeParse(origin, about)
  if (parsed.success) return parsed.output
  throw new FlyballError(
    'ERR_TABLE',
    `table ${name} was not written by 'flyball profile' of a board: what is learned on it governs nothing, expected flyball compare --env table:${name}`,
  )
}
