import type { KnownBoard } from '../../board/known/schema.ts'
import { formatQuantity } from '../../core/units.ts'
import { formatTable } from '../print.ts'
import type { References } from './references.ts'

type Measured = NonNullable<KnownBoard['measured']>
type Workload = NonNullable<Measured['workloads']>[number]

const mhz = (freqHz: number): string => formatQuantity(freqHz, 'frequency', 6)

export function measuredLines({ measured }: KnownBoard, refs: References): string[] {
  if (measured === undefined) return []
  const clusters = [...new Set((measured.workloads ?? []).map((one) => one.cluster))]
  return [
    ...clusters.flatMap((cluster) =>
      workloadLines(
        cluster,
        (measured.workloads ?? []).filter((one) => one.cluster === cluster),
        refs('measured.workloads'),
      ),
    ),
    ...(measured.voltages ?? []).map(({ cluster, points, note }, i) => {
      const seen = points.map((point) => `${formatQuantity(point.voltageV, 'voltage', 6)} at ${mhz(point.freqHz)}`)
      return `voltages of ${cluster}${note === undefined ? '' : ` (${note})`}: ${seen.join(', ')}${refs(`measured.voltages.${i}`)}`
    }),
    ...(measured.fits ?? []).map(({ cluster, workload, baseW, e, gPerV, capacitanceF }, i) => {
      const formula = `P = ${baseW} W + (1 + ${gPerV} V) (1 + ${e}) ${capacitanceF} F V^2 f`
      return `fit of ${cluster}, ${workload}: ${formula}${refs(`measured.fits.${i}`)}`
    }),
    ...(measured.rails ?? []).map(
      ({ conditions, rail, powerW }, i) => `${rail} ${formatQuantity(powerW, 'power', 4)}: ${conditions}${refs(`measured.rails.${i}`)}`,
    ),
    ...(measured.compute ?? []).map(({ benchmark, flopPerS, powerW, scope, conditions }, i) => {
      const power = powerW === undefined ? '' : ` at ${formatQuantity(powerW, 'power')} (${scope})`
      return `${formatQuantity(flopPerS, 'rate', 4)}${power}: ${benchmark}, ${conditions}${refs(`measured.compute.${i}`)}`
    }),
    ...(measured.temperatures ?? []).map(({ conditions, tempC }, i) => `${tempC} degC: ${conditions}${refs(`measured.temperatures.${i}`)}`),
  ]
}

/** Power and relative speed of every workload, one row a frequency. */
function workloadLines(cluster: string, workloads: readonly Workload[], reference: string): string[] {
  const frequencies = [...new Set(workloads.flatMap((one) => one.points.map((point) => point.freqHz)))].sort((a, b) => a - b)
  const cell = ({ points }: Workload, freqHz: number): string => {
    const point = points.find((one) => one.freqHz === freqHz)
    if (point === undefined) return '-'
    return `${formatQuantity(point.powerW, 'power')}${point.relativeSpeed === undefined ? '' : ` ${point.relativeSpeed.toFixed(3)}`}`
  }
  const idle = workloads.find((one) => one.kind === 'idle')
  return [
    `power of ${cluster}${idle === undefined ? '' : `: idle of the ${idle.scope}`}, and what one busy core adds with its relative speed${reference}`,
    ...formatTable(
      [['', ...workloads.map((one) => one.workload)], ...frequencies.map((freqHz) => [mhz(freqHz), ...workloads.map((one) => cell(one, freqHz))])],
      'left',
    ).map((line) => `  ${line}`),
  ]
}

export function relativeLines({ relativePower = [] }: KnownBoard, refs: References): string[] {
  return relativePower.flatMap(({ cluster, points, coreIdle, clusterIdle }, i) => {
    const idle = (states: typeof coreIdle, what: string): string[] =>
      states === undefined ? [] : [`  ${what} idle: ${states.map(({ state, power }) => `${state} ${power}`).join(', ')}`]
    const rows = points.map(({ freqHz, power, clusterPower, capacity }) => [
      mhz(freqHz),
      String(power),
      clusterPower === undefined ? '-' : String(clusterPower),
      capacity === undefined ? '-' : String(capacity),
    ])
    return [
      `${cluster}${refs(`relativePower.${i}`)}`,
      ...formatTable([['frequency', 'core', 'cluster', 'capacity'], ...rows], 'left').map((line) => `  ${line}`),
      ...idle(coreIdle, 'core'),
      ...idle(clusterIdle, 'cluster'),
    ]
  })
}
