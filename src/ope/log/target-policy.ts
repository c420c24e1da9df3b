import { FlyballError } from '../../core/errors.ts'
import { makeCellReader } from './cells.ts'
import { readLines } from './lines.ts'

/** A policy that looks at nothing but the position: `probability[position * actions + action]`. */
export interface TargetPolicy {
  readonly actions: number
  readonly positions: number
  readonly probability: Float64Array
}

/** Probabilities written with few digits do not quite sum to 1. */
const sumTolerance = 1e-6

/** Reads `action,position0,position1,…`, one row per action in any order, each column a distribution. Throws ERR_LOG. */
export async function readTargetPolicy(path: string): Promise<TargetPolicy> {
  const fail = (what: string): never => {
    throw new FlyballError('ERR_LOG', `${path}${what}`)
  }
  const rows: { action: number; shares: number[] }[] = []
  const cells = makeCellReader()
  let positions = -1
  for await (const { lines, first } of readLines(path))
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue
      if (positions < 0) {
        positions = positionsOf(line)
        if (positions < 1) fail(`, line ${first + i}: the header is '${line.slice(0, 60)}', expected action,position0,position1,…`)
        continue
      }
      cells.start(line)
      const action = cells.number()
      const shares: number[] = []
      while (cells.more) shares.push(cells.number())
      const where = `, record ${rows.length + 1} (line ${first + i}): `
      if (shares.length !== positions) fail(`${where}has ${shares.length + 1} values, expected ${positions + 1} as in the header`)
      if (!Number.isInteger(action) || action < 0) fail(`${where}action is '${line.split(',')[0]}', expected a whole number from 0`)
      shares.forEach((share, position) => {
        if (!(share >= 0 && share <= 1)) fail(`${where}position${position} is '${line.split(',')[position + 1]}', expected a probability from 0 to 1`)
      })
      rows.push({ action, shares })
    }
  if (rows.length === 0) fail(' is empty, expected a header and a row per action')
  const actions = rows.length
  const probability = new Float64Array(positions * actions).fill(Number.NaN)
  for (const [i, { action, shares }] of rows.entries()) {
    if (action >= actions) fail(`, record ${i + 1}: action is ${action}, expected each of 0 to ${actions - 1} once: there are ${actions} rows`)
    if (!Number.isNaN(probability[action]))
      fail(`, record ${i + 1}: action ${action} stands there a second time, expected each of 0 to ${actions - 1} once`)
    shares.forEach((share, position) => {
      probability[position * actions + action] = share
    })
  }
  for (let position = 0; position < positions; position++) {
    const sum = probability.subarray(position * actions, (position + 1) * actions).reduce((total, share) => total + share, 0)
    if (!(Math.abs(sum - 1) <= sumTolerance)) fail(`: column position${position} sums to ${Number(sum.toPrecision(9))}, expected 1`)
  }
  return { actions, positions, probability }
}

/** Positions of a header, -1 for another header. */
function positionsOf(header: string): number {
  const [first, ...rest] = withoutMark(header)
    .split(',')
    .map((name) => name.trim())
  return first === 'action' && rest.every((name, position) => name === `position${position}`) ? rest.length : -1
}

/** A byte order mark, as it looks in latin1. */
export const withoutMark = (line: string): string => (line.startsWith('ï»¿') ? line.slice(3) : line)
