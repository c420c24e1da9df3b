import { fastestPoint } from '../../../src/core/objective.ts'
import type { NominalOutcome } from '../../../src/core/spaces.ts'
import type { WorldMaker, WorldSite } from '../world.ts'
import type { ScenarioCluster } from './clusters.ts'
import type { ScenarioReference } from './phases.ts'
import { makeScenarioWorld } from './scenario-world.ts'
import type { Scenario } from './schema.ts'

/** Puts a scenario's world on any site. The maker throws ERR_SCENARIO, which names `where`, where an event names a cluster that is not there. */
export const scenarioMaker =
  (scenario: Scenario, where: string = scenario.name): WorldMaker =>
  (site) =>
    makeScenarioWorld(scenario, clustersOf(site), referenceOf(site), where)

/** The fastest of the most accurate points is what loads are a share of. */
export function referenceOf({ nominal, boardId, airTempC }: WorldSite): ScenarioReference & Required<Pick<ScenarioReference, 'accuracyRange'>> {
  const { latencyS, energyJ, accuracy } = nominal[fastestPoint(nominal, 1)] as NominalOutcome
  return {
    referenceLatencyS: latencyS,
    referenceEnergyJ: energyJ,
    accuracyRange: [Math.min(...nominal.map((point) => point.accuracy)), accuracy],
    ...(boardId === undefined ? {} : { boardId }),
    ...(airTempC === undefined ? {} : { airTempC }),
  }
}

/** How fast a cluster is: the most accurate answers that it gives in a second, any answers where no accuracy is known; 0 where it gives none. */
export function clustersOf({ clusters, spaces, nominal }: WorldSite): ScenarioCluster[] {
  const knob = spaces.knobs.find(({ kind }) => kind === 'cluster')?.name
  const most = Math.max(...nominal.map(({ accuracy }) => accuracy))
  return clusters.map((cluster) => {
    let speed = 0
    spaces.points.forEach((point, a) => {
      const { accuracy, latencyS } = nominal[a] as NominalOutcome
      if ((accuracy === most || Number.isNaN(most)) && (knob === undefined || point[knob] === cluster.id)) speed = Math.max(speed, 1 / latencyS)
    })
    return { ...cluster, speed }
  })
}
