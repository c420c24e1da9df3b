import type { AgentInput } from '../core/agent.ts'
import { FlyballError } from '../core/errors.ts'

const grammar =
  'expected epsilon:SHARE, softmax:TEMPERATURE[,epsilon=SHARE] or safe:PERCENT[,epsilon=SHARE], e.g. epsilon:0.2, softmax:0.3, safe:20%,epsilon=0.3'

/** Share of decisions that explore where nothing is said: all of a softmax, as its own distribution has the incumbent in it. */
const defaultShare = { softmax: 1, safe: 0.3 } as const

/** `--explore`: options of the agent `explorer`. A share of 0 is refused: such a log says nothing of any other policy. Throws ERR_USAGE or ERR_RANGE. */
export function parseExplore(text: string): AgentInput['options'] {
  const [, kind = '', amount = '', share] = /^(epsilon|softmax|safe):([^,]+)(?:,epsilon=([^,]+))?$/.exec(text.trim()) ?? []
  if (kind === 'epsilon' && share === undefined) return { epsilon: positive(text, amount, 1) }
  if (kind === 'softmax')
    return { temperature: positive(text, amount), epsilon: share === undefined ? defaultShare.softmax : positive(text, share, 1) }
  if (kind === 'safe' && amount.trim().endsWith('%'))
    return { within: positive(text, amount), epsilon: share === undefined ? defaultShare.safe : positive(text, share, 1) }
  throw new FlyballError('ERR_USAGE', `--explore: '${text}' says no exploration, ${grammar}`)
}

function number(text: string, digits: string, low: number, high: number): number {
  const [, amount = '', percent] = /^(.*?)(%?)$/.exec(digits.trim()) ?? []
  const value = amount === '' ? Number.NaN : percent === '%' ? Number(amount) / 100 : Number(amount)
  if (Number.isNaN(value)) throw new FlyballError('ERR_USAGE', `--explore: '${text}' says no exploration, ${grammar}`)
  if (value < low || value > high) throw new FlyballError('ERR_RANGE', `--explore ${text}: ${digits} lies outside [${low}, ${high}]`)
  return value
}

function positive(text: string, digits: string, most = 1e6): number {
  const value = number(text, digits, 0, most)
  if (value === 0) throw new FlyballError('ERR_RANGE', `--explore ${text}: 0 leaves nothing to explore, ${grammar}`)
  return value
}
