import { makeRng } from '../../../src/core/rng.ts'
import { makeWorldState, type World, type WorldState } from '../world.ts'
import { eventsHere } from './air.ts'
import { makeArrivalStream, planArrivals } from './arrivals.ts'
import { clustersNamed, type ScenarioCluster } from './clusters.ts'
import { type Influence, makeInfluence } from './influence.ts'
import { makeMoving } from './moving.ts'
import { phasesOf, type ScenarioReference } from './phases.ts'
import type { Scenario } from './schema.ts'

/**
 * The world of a scenario: pure, and drawn from the seed alone, each copy of an event by a generator of its own. Others that share a cluster or the memory
 * multiply what they leave: two that take a half each leave a quarter. The board never loses its last core.
 * Throws ERR_SCENARIO, which names `where`, where an event names a cluster that is not there.
 */
export function makeScenarioWorld(
  scenario: Scenario,
  clusters: readonly ScenarioCluster[],
  reference: ScenarioReference,
  where: string = scenario.name,
): World {
  const plan = planArrivals(scenario, 1 / reference.referenceLatencyS)
  const phases = phasesOf(scenario, reference)
  const { durationS, after, ambientTempC } = scenario
  const cycleS = after === 'repeat' ? durationS : Number.POSITIVE_INFINITY
  const influences = eventsHere(scenario, reference).flatMap((event, i) =>
    Array.from({ length: 'copies' in event ? event.copies : 1 }, () => makeInfluence(event, cycleS, clusters, `${where}: events.${i}`)),
  )
  const moving = makeMoving(influences, ambientTempC)
  const stream = makeArrivalStream(plan)
  // Most boards keep their first CPU, which is in the slowest cluster.
  const [last = 0] = clustersNamed('slowest', clusters, '').indices
  const now = makeWorldState(clusters)
  let changeS = 0
  let cycleStartS = 0
  let cycle = 0

  /** What holds until the next change. */
  const settle = (): void => {
    changeS = Number.POSITIVE_INFINITY
    now.interference.fill(0)
    for (let c = 0; c < clusters.length; c++) now.availableCores[c] = (clusters[c] as ScenarioCluster).cores
    now.bandwidthShare = 0
    now.tempFault = 'none'
    now.interferenceFault = 'none'
    for (let i = 0; i < influences.length; i++) {
      const influence = influences[i] as Influence
      if (influence.changeS < changeS) changeS = influence.changeS
      if (influence.there) apply(influence, now)
    }
    let cores = 0
    for (let c = 0; c < clusters.length; c++) cores += now.availableCores[c] as number
    if (cores === 0) now.availableCores[last] = 1
    moving.settle()
  }

  return {
    clusters,
    phases: phases.changes,
    objective: scenario.objective,
    queueLimit: scenario.queueLimit,
    rateHz: plan.rateHz,
    timeScale: plan.timeScale,
    endS: after === 'end' ? durationS / plan.timeScale : Number.POSITIVE_INFINITY,
    reset(seed) {
      const rng = makeRng(seed).fork('world')
      influences.forEach((influence, i) => {
        influence.begin(rng.fork(`event ${i}`))
      })
      if (plan.rateHz !== undefined) stream.begin(rng.fork('arrivals'))
      cycle = 0
      cycleStartS = 0
      now.phase = 0
      settle()
    },
    at(requestS, out) {
      const timeS = requestS * plan.timeScale
      if (timeS >= changeS) {
        for (let i = 0; i < influences.length; i++) (influences[i] as Influence).advance(timeS)
        settle()
      }
      while (timeS - cycleStartS >= cycleS) {
        cycleStartS = ++cycle * cycleS
        now.phase = 0
      }
      const intoS = timeS - cycleStartS
      while (intoS >= (phases.fromS[now.phase + 1] ?? Number.POSITIVE_INFINITY)) now.phase++
      copyInto(out, now)
      out.ambientTempC = moving.ambientTempC(timeS, intoS)
      out.slowdown = moving.slowdown(intoS)
    },
    arrivalS: (k) => (plan.rateHz === undefined ? Number.NaN : stream.at(k)),
  }
}

function apply(influence: Influence, state: WorldState): void {
  const { event, clusters, one } = influence
  if (event.kind === 'co-runner' || event.kind === 'memory') state.bandwidthShare = joined(state.bandwidthShare, influence.bandwidthShare)
  if (event.kind === 'co-runner') {
    for (let i = 0; i < clusters.indices.length; i++) {
      const c = clusters.indices[i] as number
      if (one < 0 || one === i) state.interference[c] = joined(state.interference[c] as number, influence.amount)
    }
  } else if (event.kind === 'cores') {
    for (let i = 0; i < clusters.indices.length; i++) {
      const c = clusters.indices[i] as number
      if (one >= 0 && one !== i) continue
      state.availableCores[c] = event.take === 'all' ? 0 : Math.max(0, (state.availableCores[c] as number) - event.take)
    }
  } else if (event.kind === 'sensor') {
    if (event.sensor === 'temperature') state.tempFault = event.fault
    else state.interferenceFault = event.fault
  }
}

/** Many may come together, and still something is left. */
const mostShare = 0.98
/** What two take who each take a share of what the other leaves. */
const joined = (a: number, b: number): number => Math.min(mostShare, 1 - (1 - a) * (1 - b))

function copyInto(out: WorldState, from: WorldState): void {
  for (let c = 0; c < from.interference.length; c++) {
    out.interference[c] = from.interference[c] as number
    out.availableCores[c] = from.availableCores[c] as number
  }
  out.bandwidthShare = from.bandwidthShare
  out.tempFault = from.tempFault
  out.interferenceFault = from.interferenceFault
  out.phase = from.phase
}
