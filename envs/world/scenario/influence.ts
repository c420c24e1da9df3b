import type { Rng } from '../../../src/core/rng.ts'
import { clustersNamed, type Named, type ScenarioCluster } from './clusters.ts'
import type { ScenarioEvent } from './schema.ts'
import { makeTiming, type Timing } from './timing.ts'
import type { Drawn } from './values.ts'

/** One copy of an event at work: whether it is there, and what was drawn when it came. */
export interface Influence {
  readonly event: ScenarioEvent
  there: boolean
  /** When it comes or goes next, s of the scenario's clock. */
  changeS: number
  /** Index into `clusters.indices` of the cluster drawn for it; -1: all of them. */
  one: number
  /** Share, factor. */
  amount: number
  bandwidthShare: number
  readonly clusters: Named
  begin(rng: Rng): void
  /** Takes every change up to `timeS`; true where there was one. No allocation. */
  advance(timeS: number): boolean
}

const nobody: Named = { indices: [], draw: false }

/** Throws ERR_SCENARIO where the event names a cluster that is not there; `where` is the event's path. */
export function makeInfluence(event: ScenarioEvent, cycleS: number, clusters: readonly ScenarioCluster[], where: string): Influence {
  // A ramp holds what it has reached.
  const timing: Timing = makeTiming(holdsOn(event) ? { fromS: event.when.fromS } : event.when, cycleS)
  const named = 'cluster' in event ? clustersNamed(event.cluster, clusters, `${where}.cluster`) : nobody
  const amount: Drawn = event.kind === 'co-runner' ? event.share : event.kind === 'slowdown' ? event.factor : 0
  const bandwidth: Drawn = 'bandwidthShare' in event ? event.bandwidthShare : 0
  let rng: Rng

  const come = (): void => {
    if (named.draw) influence.one = rng.int(named.indices.length)
    influence.amount = draw(amount, rng)
    influence.bandwidthShare = draw(bandwidth, rng)
  }

  const influence: Influence = {
    event,
    there: false,
    changeS: 0,
    one: -1,
    amount: 0,
    bandwidthShare: 0,
    clusters: named,
    begin(own) {
      rng = own
      influence.there = timing.begin(rng)
      if (influence.there) come()
      influence.changeS = timing.endS(influence.there, 0)
    },
    advance(timeS) {
      if (timeS < influence.changeS) return false
      while (timeS >= influence.changeS) {
        influence.there = !influence.there
        if (influence.there) come()
        influence.changeS = timing.endS(influence.there, influence.changeS)
      }
      return true
    },
  }
  return influence
}

type Ramp = ScenarioEvent & { when: { fromS: number; toS: number } }

export function holdsOn(event: ScenarioEvent): event is Ramp {
  return (event.kind === 'ambient' && event.toTempC !== undefined) || (event.kind === 'slowdown' && event.toFactor !== undefined)
}

const draw = (value: Drawn, rng: Rng): number => (typeof value === 'number' ? value : value[0] + (value[1] - value[0]) * rng.next())
