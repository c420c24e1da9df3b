import { gradeOf, oppPowerW } from '../../board/known/power.ts'
import type { KnownCluster, KnownOpp } from '../../board/known/schema.ts'
import { formatQuantity } from '../../core/units.ts'
import { formatCpuList } from '../../linux/cpulist.ts'
import { formatTable } from '../print.ts'
import type { References } from './references.ts'

/** Frequencies and voltages are shown to the last digit that a device tree has. */
const exact = 6

export function clusterLines(cluster: KnownCluster, refs: References): string[] {
  const { id, kind, coreType, cpus, supply, note, variants } = cluster
  const path = `clusters.${id}`
  const cores = cpus.length === 0 ? (kind === 'cpu' ? 'cores unknown' : undefined) : `cores ${formatCpuList(cpus)}`
  const each = kind === 'cpu' ? ' a core' : ''
  const facts: [key: keyof KnownCluster, text: string][] = [
    ['capacity', `capacity ${cluster.capacity}`],
    ['dmipsPerMHz', `${cluster.dmipsPerMHz} DMIPS/MHz`],
    ['capacitanceF', `capacitance ${formatQuantity(cluster.capacitanceF, 'capacitance')}${each}`],
    ['transitionS', `change of frequency ${formatQuantity(cluster.transitionS, 'time')}`],
  ]
  const known = facts.filter(([key]) => cluster[key] !== undefined).map(([key, text]) => `${text}${refs(`${path}.${key}`)}`)
  return [
    [`${id}: ${kind}`, cores, coreType, supply].filter((part) => part !== undefined).join(', ') + refs(`${path}.cpus`),
    ...(known.length === 0 ? [] : [`  ${known.join('; ')}`]),
    ...(note === undefined ? [] : [`  ${note}`]),
    `  OPPs: ${gradeOf(cluster)}${refs(`${path}.opps`)}`,
    ...oppLines(cluster, cluster.opps),
    ...(variants ?? []).flatMap((variant) => [
      `  variant ${variant.id}: ${variant.what}${refs(`${path}.variants.${variant.id}`)}`,
      ...oppLines(cluster, variant.opps),
    ]),
    ...idleLines(cluster, refs),
  ]
}

type Column = readonly [title: string, cell: (opp: KnownOpp) => string | undefined]

function oppLines(cluster: KnownCluster, opps: readonly KnownOpp[]): string[] {
  const computed = opps.some((opp) => opp.powerW === undefined && oppPowerW(cluster, opp) !== undefined)
  const quantity =
    (key: 'voltageV' | 'transitionS' | 'memoryVoteBps' | 'l3VoteBps', dimension: Parameters<typeof formatQuantity>[1]) =>
    (opp: KnownOpp): string | undefined =>
      opp[key] === undefined ? undefined : formatQuantity(opp[key], dimension, exact)
  const columns: Column[] = [
    ['frequency', (opp) => formatQuantity(opp.freqHz, 'frequency', exact)],
    ['voltage', quantity('voltageV', 'voltage')],
    [
      computed ? 'power, C V^2 f' : 'power',
      (opp) => {
        const powerW = oppPowerW(cluster, opp)
        return powerW === undefined ? undefined : formatQuantity(powerW, 'power')
      },
    ],
    ['change', quantity('transitionS', 'time')],
    ['memory vote', quantity('memoryVoteBps', 'bandwidth')],
    ['L3 vote', quantity('l3VoteBps', 'bandwidth')],
    ['turbo', (opp) => (opp.turbo === true ? 'turbo' : undefined)],
    ['fuses', (opp) => opp.supportedHw?.join(' ')],
  ]
  // A column in which nothing is known is left out.
  const shown = columns.filter(([, cell]) => opps.some((opp) => cell(opp) !== undefined))
  if (shown.length === 0) return []
  if (shown.length === 1) return [`    ${opps.map((opp) => formatQuantity(opp.freqHz, 'frequency', exact)).join(', ')}`]
  return formatTable([shown.map(([title]) => title), ...opps.map((opp) => shown.map(([, cell]) => cell(opp) ?? '-'))], 'left').map(
    (line) => `    ${line}`,
  )
}

function idleLines(cluster: KnownCluster, refs: References): string[] {
  return (cluster.idleStates ?? []).map((state, i) => {
    const times = [
      state.entryS === undefined ? undefined : `entry ${formatQuantity(state.entryS, 'time')}`,
      state.exitS === undefined ? undefined : `exit ${formatQuantity(state.exitS, 'time')}`,
      state.minResidencyS === undefined ? undefined : `worth it from ${formatQuantity(state.minResidencyS, 'time')}`,
    ].filter((part) => part !== undefined)
    const scope = state.scope === undefined ? '' : ` (${state.scope})`
    return `  idle ${state.name}${scope}: ${times.length === 0 ? 'times unknown' : times.join(', ')}${refs(`clusters.${cluster.id}.idleStates.${i}`)}`
  })
}
