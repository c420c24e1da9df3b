import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { FlyballError } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import { problemOf } from './rules.ts'
import { boardSchema, type KnownBoard } from './schema.ts'
import { describeIssues } from './values.ts'

/** Reads a user's board file. Throws ERR_BOARD_FILE, which names file and field. */
export function readBoardFile(path: string): KnownBoard {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_BOARD_FILE', `${path} cannot be read, expected a board file: ${(error as Error).message}`, { cause: error })
  }
  return parseBoard(text, path)
}

/** The board in `text`; `where` names it in errors. Pure. Throws ERR_BOARD_FILE naming the field, what was found and what would be right. */
export function parseBoard(text: string, where: string): KnownBoard {
  const board = parseFields(text, where)
  const problem = problemOf(board)
  if (problem !== undefined) throw new FlyballError('ERR_BOARD_FILE', `${where}: ${problem}`)
  return board
}

/** As parseBoard, but looks at each field by itself: a tenth of the time. For files whose tables, names and sources were checked before. */
export function parseFields(text: string, where: string): KnownBoard {
  const fail = (message: string, cause?: unknown): never => {
    throw new FlyballError('ERR_BOARD_FILE', `${where}: ${message}`, { cause })
  }
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    return fail(`is not JSON: ${(error as Error).message}`, error)
  }
  const parsed = v.safeParse(boardSchema, json)
  if (!parsed.success) return fail(describeIssues(parsed.issues))
  return parsed.output
}
