import { type ErrorCode, FlyballError } from '../core/errors.ts'
import type { Spaces } from '../core/spaces.ts'
import type { BoardId, NetworkId } from './parts.ts'

/** What a policy was learned for, or is about to govern. */
export interface Target {
  readonly spaces: Spaces
  readonly board: BoardId
  readonly network: NetworkId | null
}

/**
 * Throws ERR_BOARD_MISMATCH, ERR_NETWORK_MISMATCH or ERR_SPACE_MISMATCH when a checkpoint was made for something else than what is
 * here; the message prints both sides, only the lines that differ. Board and network come first: they explain why spaces differ.
 */
export function checkFits(checkpoint: Target, here: Target): void {
  const { board, network } = checkpoint
  compare('ERR_BOARD_MISMATCH', 'was made on another board', boardLines(board), boardLines(here.board))
  compare('ERR_NETWORK_MISMATCH', 'was made for another network', networkLines(network), networkLines(here.network))
  checkSpacesFit(checkpoint.spaces, here.spaces)
}

/** Only the spaces: what a policy needs to be asked about a log of another board. Throws ERR_SPACE_MISMATCH. */
export function checkSpacesFit(checkpoint: Spaces, here: Spaces): void {
  if (checkpoint.signature === here.signature) return
  compare('ERR_SPACE_MISMATCH', 'was made for other knobs, points or monitors', spaceLines(checkpoint), spaceLines(here), [
    '  expected the same board, --clusters, --virtual, --reserve and --network on both sides',
  ])
}

function compare(code: ErrorCode, what: string, theirs: readonly string[], ours: readonly string[], advice: readonly string[] = []): void {
  const lines = differingLines(theirs, ours)
  if (lines.length > 0) throw new FlyballError(code, [`the checkpoint ${what}`, ...lines, ...advice].join('\n'))
}

/** Lines of one side that the other lacks: `checkpoint: …` and `here:       …`, at most twelve of each. */
export function differingLines(
  theirs: readonly string[],
  ours: readonly string[],
  names: readonly [string, string] = ['checkpoint', 'here'],
): string[] {
  const width = Math.max(names[0].length, names[1].length) + 1
  const side = (name: string, lines: readonly string[]): string[] => [
    ...lines.slice(0, mostLines).map((line) => `  ${`${name}:`.padEnd(width)} ${line}`),
    ...(lines.length > mostLines ? [`  ${`${name}:`.padEnd(width)} … and ${lines.length - mostLines} more`] : []),
  ]
  const missing = (from: readonly string[], other: readonly string[]): string[] => {
    const known = new Set(other)
    return from.filter((line) => !known.has(line))
  }
  const [only, added] = [missing(theirs, ours), missing(ours, theirs)]
  if (only.length === 0 && added.length === 0) return theirs.join('\n') === ours.join('\n') ? [] : ['  the same lines in another order']
  return [...side(names[0], only), ...side(names[1], added)]
}

const mostLines = 12

const boardLines = (board: BoardId): string[] => [`board ${board.id}`, `fingerprint ${board.fingerprint}`]

const networkLines = (network: NetworkId | null): string[] =>
  network === null ? ['no network'] : [`network ${network.name}`, ...network.sha256s.map((digest, i) => `file ${i} sha256 ${digest}`)]

function spaceLines({ knobs, points, monitors }: Spaces): string[] {
  return [
    ...knobs.map((knob) => `knob ${knob.name}${knob.unit === undefined ? '' : `[${knob.unit}]`}`),
    ...points.map((point, a) => `point ${a} ${knobs.map((knob) => `${knob.name}=${point[knob.name]}`).join(' ')}`),
    ...monitors.map((monitor, i) => `monitor ${i} ${monitor.name}`),
  ]
}
