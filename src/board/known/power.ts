import type { KnownCluster, KnownOpp } from './schema.ts'

/** What is known of a cluster's OPPs: every voltage or power, frequencies only, or nothing. */
export type OppGrade = 'full' | 'frequencies only' | 'unknown'

export function gradeOf(cluster: KnownCluster): OppGrade {
  if (cluster.opps.length === 0) return 'unknown'
  return cluster.opps.every((opp) => opp.voltageV !== undefined || opp.powerW !== undefined) ? 'full' : 'frequencies only'
}

/** Power of one busy core (CPU) or the whole device at an OPP, W: as given, else C V^2 f. Undefined where neither is known. */
export function oppPowerW(cluster: Pick<KnownCluster, 'capacitanceF'>, opp: Pick<KnownOpp, 'freqHz' | 'voltageV' | 'powerW'>): number | undefined {
  if (opp.powerW !== undefined) return opp.powerW
  if (cluster.capacitanceF === undefined || opp.voltageV === undefined) return undefined
  return cluster.capacitanceF * opp.voltageV ** 2 * opp.freqHz
}
