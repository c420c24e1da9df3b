import type { AgentInput, DetectedChange, Transition } from '../../src/core/agent.ts'
import type { Observation } from '../../src/core/spaces.ts'
import { type Axes, makeAxes } from './axes.ts'
import type { Carried } from './carried.ts'
import { type LateStart, makeLateStart } from './late-start.ts'
import { type Load, makeLoad } from './load.ts'
import { latencyPrior, powerPrior } from './prior.ts'
import { type Look, makeQuantity, type Quantity, type QuantityData } from './quantity.ts'
import { makeWaiting, type Waiting } from './waiting.ts'

/** What is saved of a belief. */
export interface BeliefData {
  readonly latency: QuantityData
  readonly power: QuantityData
  readonly load: readonly (readonly number[])[]
  readonly lateStart?: readonly (readonly number[])[]
}

/** All that is believed of a board: log-latency and log-power (energy over latency) of every point, the load, and the queue. */
export interface Belief {
  readonly axes: Axes
  readonly latency: Quantity
  readonly power: Quantity
  /** Decisions learned from, a profile not counted. */
  readonly looks: number
  /** Whether anything is known of any point. */
  readonly informed: boolean
  /** By group of points (axes): 1 where one of them was looked at. */
  readonly groupSeen: Uint8Array
  /** Whether energy was ever measured. */
  readonly energyKnown: boolean
  /** How long the request at hand has waited. */
  readonly waiting: Waiting
  /** What an answer does to the request after it. */
  readonly lateStart: LateStart
  /** Brings everything up to what is seen. No allocation. */
  read(observation: Observation): void
  /** No allocation. */
  learn(transition: Transition): void
  /** The last changes that were detected. */
  readonly changes: readonly DetectedChange[]
  save(): BeliefData
}

const mostChanges = 32

export interface BeliefSettings {
  readonly rank: number
  readonly drift: number
  /** What an earlier checkpoint of another network or board says of latency and of power. */
  readonly carried?: ((axes: Axes) => { readonly latency: Carried; readonly power: Carried }) | undefined
}

export function makeBelief(
  { spaces, nominal }: Pick<AgentInput, 'spaces' | 'nominal'>,
  { rank, drift, carried }: BeliefSettings,
  data: (BeliefData & { looks: number }) | undefined,
): Belief {
  const n = spaces.points.length
  const axes = makeAxes(spaces)
  const load: Load = makeLoad(spaces, axes.clusters, data?.load)
  const waiting: Waiting = makeWaiting(spaces)
  const lateStart: LateStart = makeLateStart(spaces, Math.max(1, axes.clusters.length), data?.lateStart)
  const earlier = carried?.(axes)
  const latency = makeQuantity(
    axes,
    n,
    {
      prior: latencyPrior,
      told: axes.logSpeed,
      rank,
      noise: 0.03,
      noiseWeight: 6,
      noiseOfLoad: 0.15,
      slope: 1,
      slopeSpread: 0.15,
      drift,
      carried: earlier?.latency,
    },
    data?.latency,
  )
  const power = makeQuantity(
    axes,
    n,
    {
      prior: powerPrior,
      told: axes.logPower,
      rank,
      noise: 0.01,
      noiseWeight: 6,
      noiseOfLoad: 0.05,
      slope: -0.3,
      slopeSpread: 0.4,
      drift,
      carried: earlier?.power,
    },
    data?.power,
  )
  let looks = data?.looks ?? 0
  if (data === undefined)
    nominal?.forEach(({ latencyS, energyJ }, i) => {
      if (!(latencyS > 0)) return
      latency.profile(i, Math.log(latencyS))
      if (energyJ > 0) power.profile(i, Math.log(energyJ / latencyS))
    })
  const lookedAt = (quantity: Quantity): boolean => quantity.field.precision.some((s) => s > 0)
  let informed = lookedAt(latency)
  let energyKnown = lookedAt(power)
  const groupSeen = new Uint8Array(n)
  latency.field.precision.forEach((s, i) => {
    if (s > 0) groupSeen[axes.group[i] as number] = 1
  })

  const changes: DetectedChange[] = []
  const note = (what: DetectedChange['what'], action: number, { changed, z }: Look): void => {
    if (!changed) return
    if (changes.length === mostChanges) changes.shift()
    changes.push({ decision: looks, what, cluster: axes.clusters[axes.cluster[action] as number] ?? '', z })
  }

  return {
    axes,
    changes,
    waiting,
    lateStart,
    latency,
    power,
    groupSeen,
    get looks() {
      return looks
    },
    get informed() {
      return informed
    },
    get energyKnown() {
      return energyKnown
    },
    read(observation) {
      load.read(observation)
      latency.read(load.stretch, load.doubt, load.level, load.fork, load.trust)
      power.read(latency.stretched, latency.stretchedDoubt, load.level)
      waiting.read(observation)
    },
    learn({ observation, nextObservation, action, outcome, requirements, durationS }) {
      load.readBetween(observation, nextObservation)
      latency.read(load.stretch, load.doubt, load.level)
      power.read(latency.stretched, latency.stretchedDoubt, load.level)
      load.remember(observation, nextObservation)
      const serviceS = waiting.serviceS(observation, outcome.latencyS)
      const c = axes.cluster[action] as number
      const usualS = Math.exp((latency.field.mean[action] as number) + (latency.offset[c] as number))
      lateStart.learn(c, serviceS, durationS, (requirements.deadlineS ?? Number.POSITIVE_INFINITY) - usualS, nextObservation)
      const look = latency.look(action, Math.log(serviceS))
      note('latency', action, look)
      if (outcome.energyJ > 0) {
        note('power', action, power.look(action, Math.log(outcome.energyJ / serviceS), look.stretch))
        energyKnown = true
      }
      informed = true
      groupSeen[axes.group[action] as number] = 1
      looks++
    },
    save: () => ({ latency: latency.save(), power: power.save(), load: load.save(), lateStart: lateStart.save() }),
  }
}
