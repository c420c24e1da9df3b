import type { Command } from 'commander'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import { parsePositive } from '../core/units.ts'

/** Options of the guard that stands above every agent. */
export interface GuardFlags {
  guardMargin?: string
  powerCap?: string
  minFrequency?: string
  maxChanges?: string
}

/** `otherwise`: what holds where nothing is said, in words; it is handed the last resort. */
export function addGuardFlags(command: Command, otherwise = (value: string): string => value): Command {
  return command
    .option(
      '--guard-margin <TEMP>',
      `how far below the board's trip points the guard begins to take points away: 5C, or off (default: ${otherwise('5C where trip points are known')})`,
    )
    .option('--power-cap <POWER>', `most mean power of the measured rail: 5W, or off (default: ${otherwise('off')})`)
    .option('--min-frequency <FREQ>', `never hold a cluster below this: 800MHz, or big=1GHz,little=600MHz, or off (default: ${otherwise('off')})`)
    .option('--max-changes <RATE>', `most changes of cluster, cores or clock in any second: 10/s, or off (default: ${otherwise('off')})`)
}

const off = 'off'

/** What was said, checked; a field that is there and undefined was switched off. Throws ERR_UNIT, ERR_RANGE or ERR_USAGE. */
export function guardOf({ guardMargin, powerCap, minFrequency, maxChanges }: GuardFlags): Partial<GuardSettings> {
  return {
    ...(guardMargin === undefined ? {} : { marginC: guardMargin === off ? null : parseMargin(guardMargin) }),
    ...(powerCap === undefined ? {} : { powerCapW: powerCap === off ? undefined : parsePositive(powerCap, 'power', '--power-cap') }),
    ...(minFrequency === undefined ? {} : { minFrequencyHz: minFrequency === off ? undefined : parseMinFrequency(minFrequency) }),
    ...(maxChanges === undefined ? {} : { maxChanges: maxChanges === off ? undefined : parseMaxChanges(maxChanges) }),
  }
}

function parseMargin(text: string): number {
  const [, digits] = /^(\d+\.?\d*|\.\d+)\s*(?:C|degC|K)$/.exec(text.trim()) ?? []
  if (digits === undefined)
    throw new FlyballError(
      'ERR_UNIT',
      `--guard-margin: '${text}' is no difference of temperatures, expected a number of degrees C of at least 0, e.g. 5C, or off`,
    )
  const marginC = Number(digits)
  if (marginC > 60)
    throw new FlyballError(
      'ERR_RANGE',
      `--guard-margin: '${text}' is more than 60C, expected how far below the trip points the guard begins, e.g. 5C`,
    )
  return marginC
}

function parseMinFrequency(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, cluster, frequency = ''] = /^(?:([^=]+)=)?(.*)$/.exec(part.trim()) ?? []
      return [cluster ?? '*', parsePositive(frequency, 'frequency', '--min-frequency')]
    }),
  )
}

function parseMaxChanges(text: string): number {
  const [, digits] = /^(\d+)\s*\/\s*s$/.exec(text.trim()) ?? []
  const changes = Number(digits)
  if (digits === undefined || !(changes >= 1 && changes <= 1000))
    throw new FlyballError('ERR_RANGE', `--max-changes: '${text}' is no number of changes a second from 1 to 1000, expected e.g. 10/s, or off`)
  return changes
}
