import type { KnownBoard } from '../../board/known/schema.ts'
import { formatQuantity } from '../../core/units.ts'
import { formatTable } from '../print.ts'
import type { References } from './references.ts'

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined).join(', ')

export function memoryLines({ memory }: KnownBoard, refs: References): string[] {
  if (memory === undefined) return []
  const lines: string[] = []
  const kind = joined(memory.type, memory.sizeB === undefined ? undefined : formatQuantity(memory.sizeB, 'size'))
  if (kind !== '') lines.push(`${kind}${refs('memory.sizeB')}`)
  for (const [i, one] of memory.bandwidth?.entries() ?? [])
    lines.push(
      `${joined(`${one.kind} ${formatQuantity(one.bandwidthBps, 'bandwidth', 4)}`, one.cluster, one.conditions)}${refs(`memory.bandwidth.${i}`)}`,
    )
  for (const [i, one] of memory.latency?.entries() ?? [])
    lines.push(
      `${joined(`latency ${formatQuantity(one.latencyS, 'time', 4)} in ${formatQuantity(one.blockB, 'size')}`, one.cluster)}${refs(`memory.latency.${i}`)}`,
    )
  for (const [i, one] of memory.caches?.entries() ?? [])
    lines.push(`${joined(`L${one.level} cache ${formatQuantity(one.sizeB, 'size')}`, one.cluster)}${refs(`memory.caches.${i}`)}`)
  if (memory.opps !== undefined) {
    const opps = memory.opps.map(({ freqHz, voltageV }) =>
      joined(formatQuantity(freqHz, 'frequency', 6), voltageV === undefined ? undefined : formatQuantity(voltageV, 'voltage', 6)),
    )
    lines.push(`controller ${opps.join('; ')}${refs('memory.opps')}`)
  }
  return lines
}

export function thermalLines(board: KnownBoard, refs: References): string[] {
  const lines: string[] = []
  for (const zone of board.thermalZones ?? []) {
    const { id, sensor, pollS, passivePollS, sustainablePowerW, rc } = zone
    const poll = (timeS: number | undefined, when: string): string | undefined =>
      timeS === undefined ? undefined : timeS === 0 ? `${when} by interrupt` : `${when} every ${formatQuantity(timeS, 'time')}`
    const bears = sustainablePowerW === undefined ? undefined : `bears ${formatQuantity(sustainablePowerW, 'power')}`
    const model = rc === undefined ? undefined : `R ${rc.resistanceKPerW} K/W, C ${rc.capacitanceJPerK} J/K`
    lines.push(`${joined(id, sensor, poll(pollS, 'read'), poll(passivePollS, 'when hot'), bears, model, zone.note)}${refs(`thermalZones.${id}`)}`)
    for (const trip of zone.trips) {
      const hysteresis = (trip.hysteresisC ?? 0) === 0 ? '' : ` (-${trip.hysteresisC})`
      const acts = (trip.throttles ?? []).map(({ device, fromState, toState, share, note }) => {
        const states = fromState === undefined && toState === undefined ? undefined : `steps ${fromState ?? 0} to ${toState ?? 'the last'}`
        return [device, states, share === undefined ? undefined : `${100 * share} %`, note].filter((part) => part !== undefined).join(' ')
      })
      lines.push(`  ${trip.type} ${trip.tempC} degC${hysteresis} ${trip.id}${acts.length === 0 ? '' : `: ${acts.join('; ')}`}`)
    }
  }
  if (board.hardwareShutdownTempC !== undefined)
    lines.push(`the hardware resets at ${board.hardwareShutdownTempC} degC${refs('hardwareShutdownTempC')}`)
  if (board.fan !== undefined) lines.push(`fan ${board.fan.kind}, levels ${board.fan.levels.join(', ')}${refs('fan')}`)
  return lines
}

export function basePowerLines({ basePower = [] }: KnownBoard, refs: References): string[] {
  return basePower.map(
    (one, i) =>
      `${one.bound === undefined ? '' : `${one.bound} `}${formatQuantity(one.powerW, 'power', 4)} (${one.scope}), ${one.conditions}${refs(`basePower.${i}`)}`,
  )
}

export function sensorLines({ sensors }: KnownBoard, refs: References): string[] {
  if (sensors === undefined) return ['unknown']
  if (sensors.length === 0) return ['none that measures power']
  return sensors.map((sensor, i) => {
    const { name, of, chip, address, shuntOhm, periodS, quality, where } = sensor
    const shunt = shuntOhm === undefined ? undefined : `shunt ${formatQuantity(shuntOhm, 'resistance')}`
    const period = periodS === undefined ? undefined : `every ${formatQuantity(periodS, 'time')}`
    const device = joined([chip, address].filter((part) => part !== undefined).join(' ') || undefined, shunt, period)
    return `${name} (${of.join(', ')}), ${quality}${device === '' ? '' : `, ${device}`}${where === undefined ? '' : `; ${where}`}${refs(`sensors.${i}`)}`
  })
}

export function modeLines({ powerModes = [] }: KnownBoard, refs: References): string[] {
  const rows = powerModes.map((mode, i) => {
    const limits = (mode.limits ?? []).map(({ cluster, maxFreqHz, effectiveFreqHz }) => {
      const real = effectiveFreqHz === undefined ? '' : ` (in effect ${formatQuantity(effectiveFreqHz, 'frequency', 6)})`
      return `${cluster} up to ${formatQuantity(maxFreqHz, 'frequency', 6)}${real}`
    })
    const rest = joined(
      mode.budgetW === undefined ? undefined : `called ${formatQuantity(mode.budgetW, 'power')}`,
      mode.cpusOnline === undefined ? undefined : `${mode.cpusOnline} CPUs`,
      mode.cpusDisabled === undefined ? undefined : `${mode.cpusDisabled} CPUs off`,
      ...limits,
      mode.memoryFreqHz === undefined ? undefined : `memory ${formatQuantity(mode.memoryFreqHz, 'frequency', 6)}`,
      mode.bandwidthBps === undefined ? undefined : formatQuantity(mode.bandwidthBps, 'bandwidth'),
      mode.default === true ? 'default' : undefined,
      mode.note,
    )
    return [mode.id === undefined ? '-' : String(mode.id), mode.name, `${rest}${refs(`powerModes.${i}`)}`]
  })
  return formatTable(rows, 'left')
}
