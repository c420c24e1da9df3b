import type { KnownBoard } from '../../src/board/known/schema.ts'
import type { SimCluster } from './board.ts'
import { constants } from './constants.ts'

/** A trip point that throttles a cluster: OPP steps below the top that it may take. */
export interface ThrottleRule {
  readonly cluster: number
  readonly tempC: number
  /** Below this it gives back. */
  readonly releaseC: number
  readonly from: number
  readonly to: number
  /** The kernel knows, so its points are masked; a firmware's cap shows in nothing but the latency. */
  readonly visible: boolean
}

export interface Throttle {
  readonly rules: readonly ThrottleRule[]
  readonly pollS: number
}

/** Trips of all zones that throttle CPU clusters: with one temperature for the whole die the same trip of several zones counts once. */
export function throttleOf(board: KnownBoard, clusters: readonly SimCluster[]): Throttle {
  const zones = board.thermalZones ?? []
  const ids = clusters.map(({ id }) => id)
  const trips = zones.flatMap((zone) => zone.trips).filter(({ type }) => type !== 'active' && type !== 'critical')
  const naming = trips.filter((trip) => trip.throttles?.some(({ device }) => ids.includes(device)))
  const rules = new Map<string, ThrottleRule>()
  for (const trip of naming.length > 0 ? naming : trips) {
    const throttles =
      naming.length > 0 ? (trip.throttles ?? []) : ids.map((device) => ({ device, fromState: undefined, toState: undefined, share: undefined }))
    for (const { device, fromState, toState, share } of throttles) {
      const cluster = ids.indexOf(device)
      if (cluster < 0) continue
      const most = (clusters[cluster] as SimCluster).freqHz.length - 1
      const rule = {
        cluster,
        tempC: trip.tempC,
        releaseC: trip.tempC - (trip.hysteresisC ?? constants.hysteresisC.value),
        from: Math.min(most, Math.max(1, fromState ?? 0)),
        to: Math.min(most, toState ?? (share === undefined ? most : Math.max(1, Math.round(share * most)))),
        visible: trip.type !== 'firmware',
      }
      rules.set(JSON.stringify(rule), rule)
    }
  }
  const polls = zones.map(({ passivePollS }) => passivePollS ?? 0).filter((value) => value > 0)
  return { rules: [...rules.values()], pollS: polls.length > 0 ? Math.min(...polls) : constants.pollS.value }
}

/**
 * What the kernel's step-wise governor (drivers/thermal/gov_step_wise.c) does in `polls` looks at one temperature: above a trip one step more, below its
 * hysteresis one step less a look, between the two nothing. Upwards one step at most, because the heat of the first is not yet felt. True when a level moved.
 */
export function pollThrottle(rules: readonly ThrottleRule[], levels: Int32Array, tempC: number, polls: number): boolean {
  let moved = false
  for (let r = 0; r < rules.length; r++) {
    const { tempC: tripC, releaseC, from, to } = rules[r] as ThrottleRule
    const level = levels[r] as number
    let next = level
    if (tempC >= tripC) next = level === 0 ? from : level < to ? level + 1 : level
    else if (tempC < releaseC && level > 0) next = level - polls < from ? 0 : level - polls
    if (next === level) continue
    levels[r] = next
    moved = true
  }
  return moved
}

/** Highest OPP that the rules leave each cluster. */
export function fillCaps(
  rules: readonly ThrottleRule[],
  levels: Int32Array,
  clusters: readonly SimCluster[],
  caps: Int32Array,
  visibleCaps: Int32Array,
): void {
  for (let c = 0; c < caps.length; c++) caps[c] = visibleCaps[c] = (clusters[c] as SimCluster).freqHz.length - 1
  for (let r = 0; r < rules.length; r++) {
    const { cluster, visible } = rules[r] as ThrottleRule
    const cap = (clusters[cluster] as SimCluster).freqHz.length - 1 - (levels[r] as number)
    if (cap < (caps[cluster] as number)) caps[cluster] = cap
    if (visible && cap < (visibleCaps[cluster] as number)) visibleCaps[cluster] = cap
  }
}
