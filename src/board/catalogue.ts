import type { Board, Cluster, Opp } from './board.ts'
import { oppPowerW } from './known/power.ts'
import type { KnownBoard, KnownCluster } from './known/schema.ts'

/**
 * The board with voltages, powers and capacitances of a known board added. What the kernel says is never replaced; a board of which nothing more is known comes
 * back as it is.
 */
export function addKnownFacts(board: Board, known: KnownBoard): Board {
  const clusters = board.clusters.map((cluster) => {
    const facts = known.clusters.find((one) => one.kind === cluster.kind && (cluster.kind !== 'cpu' || one.coreType === cluster.coreType))
    return facts === undefined ? cluster : addToCluster(cluster, facts)
  })
  const firmwareC = Math.min(
    ...(known.thermalZones ?? []).flatMap(({ trips }) => trips.flatMap(({ type, tempC }) => (type === 'firmware' ? [tempC] : []))),
  )
  const told = Number.isFinite(firmwareC) ? { ...board, firmwareTripC: firmwareC } : board
  return clusters.every((cluster, i) => cluster === board.clusters[i]) ? told : { ...told, id: known.id, source: 'catalogue', clusters }
}

function addToCluster(cluster: Cluster, facts: KnownCluster): Cluster {
  const opps = cluster.opps.map((opp) => addToOpp(opp, facts))
  const { capacitanceF } = facts
  if (capacitanceF === undefined && opps.every((opp, i) => opp === cluster.opps[i])) return cluster
  return { ...cluster, opps, ...(capacitanceF === undefined ? {} : { capacitanceF }) }
}

function addToOpp(opp: Opp, facts: KnownCluster): Opp {
  const known = facts.opps.find((other) => other.freqHz === opp.freqHz)
  const voltageV = opp.voltageV ?? known?.voltageV
  const powerW = opp.powerW ?? oppPowerW(facts, { freqHz: opp.freqHz, voltageV, powerW: known?.powerW })
  if (voltageV === opp.voltageV && powerW === opp.powerW) return opp
  return { ...opp, ...(voltageV === undefined ? {} : { voltageV }), ...(powerW === undefined ? {} : { powerW }) }
}
