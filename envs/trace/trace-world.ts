import { fastestPoint } from '../../src/core/objective.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { NominalOutcome } from '../../src/core/spaces.ts'
import { makeFloorHere } from '../world/scenario/phases.ts'
import { clustersOf, referenceOf } from '../world/scenario/site.ts'
import {
  defaultAmbientTempC,
  defaultQueueLimit,
  type RequirementChange,
  type World,
  type WorldCluster,
  type WorldMaker,
  type WorldSite,
  type WorldState,
} from '../world/world.ts'
import type { LoggedWorld } from './logged-world.ts'
import { type ClusterMatch, matchClusters } from './match-clusters.ts'

/** How a logged world was fitted to where it is put. */
export interface TraceFit {
  readonly match: ClusterMatch
  /** On every time and deadline of the trace. */
  readonly stretch: number
  readonly ambientTempC: number
  readonly labels: readonly string[]
}

/**
 * The world of a trace: what each decision saw holds until the next, requirements change where they changed, requests come where decisions were taken
 * (what a request had waited before is not logged). It does not hang on the seed, and ends with the trace.
 */
export const traceMaker =
  (logged: LoggedWorld): WorldMaker =>
  (site) =>
    makeTraceWorld(logged, site)

/** On another board than it was logged on, everything is slower or faster as the fastest point that meets the first floor is. */
export function fitTrace(logged: LoggedWorld, site: WorldSite): TraceFit {
  const match = matchClusters(logged, clustersOf(site))
  const { here, there } = makeReferences(logged, site)(logged.asked[0] as Requirements)
  const stretch = logged.boardId === site.boardId ? 1 : here.latencyS / there.latencyS
  // A board is never cooler than the air around it: the lowest temperature seen bounds it from above.
  const ambientTempC = Number.isNaN(logged.lowestTempC) ? defaultAmbientTempC : Math.min(warmestAmbientC, logged.lowestTempC)
  return {
    match,
    stretch,
    ambientTempC,
    labels: [
      `trace: clusters by ${match.by}${match.by === 'id' ? '' : ` (${pairsOf(match, logged, site)})`}`,
      ...(stretch === 1
        ? []
        : [
            `trace: times and deadlines x ${short(stretch)}, as the fastest point that meets the floor takes ${short(there.latencyS * 1e3)} ms on ${logged.boardId} and ${short(here.latencyS * 1e3)} ms here`,
          ]),
      `trace: ambient ${short(ambientTempC)} degC, assumed (${Number.isNaN(logged.lowestTempC) ? 'no temperature was logged' : 'the lowest temperature logged'})`,
    ],
  }
}

function pairsOf({ logged: told }: ClusterMatch, { clusters }: LoggedWorld, site: WorldSite): string {
  const pairs = told.map((l, c) => `${clusters[l]?.id} as ${site.clusters[c]?.id}`).join(', ')
  const left = clusters.flatMap(({ id }, l) => (told.includes(l) ? [] : [id]))
  return left.length === 0 ? pairs : `${pairs}; nothing here is as ${left.join(', ')}`
}

const short = (value: number): number => Number(value.toPrecision(3))

/** A closed case in the sun; a board that was never cooler was busy. Assumed. */
const warmestAmbientC = 50

export function makeTraceWorld(logged: LoggedWorld, site: WorldSite): World {
  const { clusters } = site
  const { match, stretch, ambientTempC } = fitTrace(logged, site)
  const { timeS, interference, coresRatio, blind, phase } = logged
  const width = logged.clusters.length
  const last = timeS.length - 1
  const endS = logged.endS * stretch
  // A trace of one decision without a duration has no rate of its own.
  const meanGapS = endS / (last + 1) || 1
  let row = 0
  return {
    clusters,
    phases: changesOf(logged, site),
    queueLimit: defaultQueueLimit,
    rateHz: logged.backToBack ? undefined : 1 / meanGapS,
    timeScale: 1,
    endS,
    reset() {
      row = 0
    },
    at(nowS: number, out: WorldState) {
      while (row < last && nowS >= (timeS[row + 1] as number) * stretch) row++
      let cores = 0
      for (let c = 0; c < clusters.length; c++) {
        const all = (clusters[c] as WorldCluster).cores
        const l = match.logged[c] as number
        const at = row * width + l
        out.interference[c] = l < 0 ? 0 : (interference[at] as number)
        const ratio = l < 0 ? 1 : (coresRatio[at] as number)
        out.availableCores[c] = ratio === 0 ? 0 : Math.max(1, Math.round(ratio * all))
        cores += out.availableCores[c] as number
      }
      // Its governor had a safe point, so that something was left.
      if (cores === 0) out.availableCores[0] = 1
      out.bandwidthShare = 0
      out.ambientTempC = ambientTempC
      out.slowdown = 1
      out.tempFault = 'none'
      out.interferenceFault = blind[row] === 1 ? 'missing' : 'none'
      out.phase = phase[row] as number
    },
    // Who looks ahead at the end of the trace finds the stream going on.
    arrivalS: (k) => (logged.backToBack ? Number.NaN : k <= last ? (timeS[k] as number) * stretch : endS + (k - last - 1) * meanGapS),
  }
}

/** What a time or an energy that was asked is a multiple of: the fastest point that meets the floor, there and here, where the floor keeps its height. */
function makeReferences(logged: LoggedWorld, site: WorldSite) {
  const floorHere = makeFloorHere(rangeOf({ ...site, nominal: logged.nominal }), rangeOf(site))
  return ({ accuracyFloor }: Requirements) => {
    const floor = accuracyFloor === undefined ? undefined : floorHere(accuracyFloor)
    return { floor, there: fastest(logged.nominal, accuracyFloor), here: fastest(site.nominal, floor ?? undefined) }
  }
}

const rangeOf = (site: WorldSite): readonly [number, number] => referenceOf(site).accuracyRange
const fastest = (nominal: readonly NominalOutcome[], floor?: number): NominalOutcome => nominal[fastestPoint(nominal, floor)] as NominalOutcome

function changesOf(logged: LoggedWorld, site: WorldSite): RequirementChange[] {
  if (logged.boardId === site.boardId) return logged.asked.map(changeOf)
  const references = makeReferences(logged, site)
  return logged.asked.map((asked) => {
    const { floor, there, here } = references(asked)
    const change = changeOf(asked)
    const { deadlineS, energyBudgetJ } = asked
    const energies = here.energyJ / there.energyJ
    return {
      ...change,
      ...(deadlineS === undefined ? {} : { deadline: { seconds: (deadlineS * here.latencyS) / there.latencyS } }),
      // Where nobody knows what anything costs, no budget can be held to.
      ...(energyBudgetJ === undefined ? {} : { energyBudgetJ: Number.isNaN(energies) ? null : energyBudgetJ * energies }),
      ...(floor === undefined ? {} : { accuracyFloor: floor }),
    }
  })
}

/** What was asked, whole: what was not asked then is not asked now. */
const changeOf = ({ deadlineS, percentile, energyBudgetJ, accuracyFloor, leastConfidence }: Requirements): RequirementChange => ({
  deadline: deadlineS === undefined ? null : { seconds: deadlineS },
  percentile,
  energyBudgetJ: energyBudgetJ ?? null,
  accuracyFloor: accuracyFloor ?? null,
  leastConfidence: leastConfidence ?? null,
})
