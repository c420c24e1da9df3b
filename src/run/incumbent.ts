import { existsSync } from 'node:fs'
import { agentKinds, findBoardAgent } from '../../agents/index.ts'
import { checkSpacesFit } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { IncumbentSpec } from '../core/agent.ts'
import { FlyballError } from '../core/errors.ts'
import { describePoint, type Spaces } from '../core/spaces.ts'
import { checkpointPath } from './folder.ts'

/**
 * Whom a recording explores around: `best` (the best point of the profile), `static:POINT` by index or by knobs (`static:subnet=50,cluster=big`), the name of an agent, which learns on the way, or a
 * checkpoint, which does not. Throws ERR_USAGE, ERR_UNKNOWN_AGENT, ERR_UNKNOWN_KNOB, and what reading a checkpoint and its spaces throws.
 */
export function readIncumbent(text: string, spaces: Spaces): IncumbentSpec {
  if (text === 'best') return { agent: 'static', options: {}, frozen: true }
  if (text.startsWith('static:')) return { agent: 'static', options: { point: findPoint(text.slice('static:'.length), spaces) }, frozen: true }
  if (!agentKinds.some(({ name }) => name === text) && existsSync(checkpointPath(text))) {
    const checkpoint = readCheckpoint(checkpointPath(text))
    checkSpacesFit(checkpoint.spaces, spaces)
    const { name, options, data } = checkpoint.agent
    return { agent: name, options, frozen: true, data }
  }
  const { name } = findBoardAgent(text)
  if (name === 'explorer')
    throw new FlyballError('ERR_USAGE', `explorer explores around another agent, expected best, static:POINT, an agent or a checkpoint`)
  return { agent: name, options: {}, frozen: false }
}

/** Index of the one point that a text means: its index, or values of knobs that only one point has. Throws ERR_UNKNOWN_KNOB or ERR_RANGE. */
export function findPoint(text: string, { points, knobs }: Spaces): number {
  if (/^\d+$/.test(text)) {
    const index = Number(text)
    if (index < points.length) return index
    throw new FlyballError('ERR_RANGE', `static:${text}: there are ${points.length} points, expected an index below that`)
  }
  const wanted = text.split(',').map((part): readonly [string, string] => {
    const [name = '', value = ''] = part.split('=').map((word) => word.trim())
    const knob = knobs.find((candidate) => candidate.name === name)
    if (knob === undefined)
      throw new FlyballError('ERR_UNKNOWN_KNOB', `static:${text}: no knob is called '${name}', expected ${knobs.map((one) => one.name).join(', ')}`)
    if (!knob.values.some((one) => String(one) === value))
      throw new FlyballError('ERR_UNKNOWN_KNOB', `static:${text}: ${name} is never '${value}', expected one of ${knob.values.join(', ')}`)
    return [name, value]
  })
  const fitting = points.flatMap((point, a) => (wanted.every(([name, value]) => String(point[name]) === value) ? [a] : []))
  const [first, second] = fitting
  if (first === undefined) throw new FlyballError('ERR_UNKNOWN_KNOB', `static:${text}: no operating point is like that`)
  if (second === undefined) return first
  const few = fitting.slice(0, 3).map((a) => describePoint(points[a] as Spaces['points'][number]))
  throw new FlyballError(
    'ERR_UNKNOWN_KNOB',
    `static:${text}: ${fitting.length} operating points are like that (${few.join('; ')} …), expected more knobs`,
  )
}
