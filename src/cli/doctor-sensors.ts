import type { Board } from '../board/board.ts'
import type { SensorCheck } from '../board/sensor-check.ts'
import { formatQuantity } from '../core/units.ts'
import { formatTable } from './print.ts'

/** A line for each sensor, below it what is wrong and what to do. */
export function checkLines(checks: readonly SensorCheck[], board: Board): string[] {
  const rows = formatTable(
    checks.map((check) => [check.label, valueText(check), check.use, check.quality, periodText(check), tripsOf(check, board), check.paths[0] ?? '']),
    'left',
  )
  return checks.flatMap(({ problem, fix }, i) => [
    rows[i] as string,
    ...(problem === null ? [] : [`    ${problem}`]),
    ...(fix === null ? [] : [`    fix: ${fix}`]),
  ])
}

function valueText({ value, unit }: SensorCheck): string {
  if (value === null) return 'no value'
  return unit === 'degC' ? `${value.toFixed(1)} degC` : formatQuantity(value, 'power')
}

const periodText = ({ periodS }: SensorCheck): string => (periodS === null ? '' : `new every ${formatQuantity(periodS, 'time')}`)

const tripsOf = ({ paths: [path] }: SensorCheck, { thermalZones }: Board): string =>
  thermalZones
    .find((zone) => path === zone.file || path === `${zone.path}/temp`)
    ?.trips.map(({ type, tempC }) => `${type} ${tempC}`)
    .join(', ') ?? ''
