import type { GuardChange, GuardSettings, GuardWatch, HeatLimit, PowerRail } from '../../src/core/guard.ts'
import { describePoint, type Mask, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import { makeChangeLimit } from './change-limit.ts'
import { barSlowClocks, placesOf } from './min-frequency.ts'
import { orderPoints } from './order.ts'
import { makePowerCap } from './power-cap.ts'
import { makeThermal } from './thermal.ts'

/** Stands between an agent and the board. It acts through the mask, before the agent; what the agent chooses all the same passes `permit`. No call allocates unless something changed. */
export interface Guard extends GuardWatch {
  /** Coolest of the points that may ever run: the last to go. */
  readonly safe: number
  /** Begins anew: another world. */
  reset(): void
  /** New temperatures, degrees C, one for each limit; NaN is unknown. */
  heat(nowS: number, tempsC: Float64Array): void
  /** The last decision ran until now, and the rail has taken `totalJ` since its start; NaN is unknown. */
  power(nowS: number, totalJ: number): void
  /** From now on the rail is charged anew. */
  skipPower(): void
  /** Takes from a mask of what is possible all that must not be. Something always stays: else the coolest that is possible. */
  narrow(nowS: number, mask: Mask): void
  /** The point to execute for the agent's choice: itself, or another one where the choice was masked or the board has become too hot since. It counts as in force from here on. */
  permit(nowS: number, action: number): number
}

export interface GuardInput {
  readonly spaces: Spaces
  readonly settings: GuardSettings
  /** Of each point while it computes, W. */
  readonly powerW: ArrayLike<number>
  /** Work of an inference at each point, in any unit. */
  readonly work: ArrayLike<number>
  readonly limits: readonly HeatLimit[]
  readonly rail: PowerRail | undefined
}

const none: readonly GuardChange[] = []

/** Throws ERR_RANGE for a least frequency that cannot be kept. */
export function makeGuard({ spaces, settings, powerW, work, limits, rail }: GuardInput): Guard {
  const count = spaces.points.length
  const { barred, lowestHz } = barSlowClocks(spaces, settings.minFrequencyHz ?? {})
  const order = orderPoints({ powerW, work, barred, merit: lowestHz })
  const { level, top, allowed } = order
  const places = placesOf(spaces)
  const watched = settings.marginC === null ? [] : limits
  const silent = watched.filter(({ tripC }) => tripC < Number.POSITIVE_INFINITY).map(({ sensor }) => sensor)
  const marginC = settings.marginC ?? 0
  const possible = new Uint8Array(count)
  const open = new Uint8Array(count)
  let thermal = makeThermal(watched, marginC, top)
  let cap = settings.powerCapW === undefined ? undefined : makePowerCap(settings.powerCapW, order)
  let limit = settings.maxChanges === undefined ? undefined : makeChangeLimit(settings.maxChanges)
  let heatLevel = top
  let powerLevel = top
  let inForce = -1
  let coolest = 0
  // What `open` was made for: as a rule it is asked for the same again.
  let madeFor = -1
  let madeHeld = false
  let pending: GuardChange[] = []

  const onlyAt = (at: number): Pick<GuardChange, 'only'> =>
    allowed[at] === 1 ? { only: describePoint(spaces.points[level.indexOf(0)] as OperatingPoint) } : {}

  const heatChanged = (before: number): void => {
    const i = thermal.worst
    const { sensor, tripC } = i < 0 ? { sensor: silent.join(', '), tripC: Number.NaN } : (watched[i] as HeatLimit)
    pending.push({
      cause: 'heat',
      sensor,
      ...(i < 0 ? {} : { tempC: thermal.tempC, limitC: tripC - marginC }),
      ...(thermal.guessed ? { quality: 'estimated' as const } : {}),
      points: allowed[heatLevel] as number,
      before: allowed[before] as number,
      ...onlyAt(heatLevel),
    })
  }

  const powerChanged = (before: number, watts: number): void => {
    pending.push({
      cause: 'power',
      sensor: rail?.name ?? '',
      ...(Number.isNaN(watts) ? {} : { powerW: watts }),
      limitW: settings.powerCapW as number,
      quality: rail?.quality ?? 'estimated',
      points: allowed[powerLevel] as number,
      before: allowed[before] as number,
      ...onlyAt(powerLevel),
    })
  }

  /** Opens the points of what is possible up to the bound, or the coolest of all; finds the coolest. */
  const openUpTo = (bound: number): void => {
    let least = Number.MAX_SAFE_INTEGER
    for (let a = 0; a < count; a++)
      if (possible[a] === 1 && (level[a] as number) < least) {
        least = level[a] as number
        coolest = a
      }
    const most = least > bound ? least : bound
    for (let a = 0; a < count; a++) open[a] = possible[a] === 1 && (level[a] as number) <= most ? 1 : 0
  }

  const isPossible = (mask: Mask): boolean => {
    for (let a = 0; a < count; a++) if (mask[a] !== possible[a]) return false
    return true
  }

  /** While no change is allowed, only what touches nothing stays; where all of that is gone, the change cannot wait. */
  const hold = (): void => {
    const place = places[inForce] as number
    let staying = 0
    for (let a = 0; a < count; a++) if (open[a] === 1 && places[a] === place) staying++
    if (staying === 0) return
    for (let a = 0; a < count; a++) if (places[a] !== place) open[a] = 0
  }

  return {
    safe: level.indexOf(0),
    barred,
    reset() {
      thermal = makeThermal(watched, marginC, top)
      cap = settings.powerCapW === undefined ? undefined : makePowerCap(settings.powerCapW, order)
      limit = settings.maxChanges === undefined ? undefined : makeChangeLimit(settings.maxChanges)
      heatLevel = top
      powerLevel = top
      inForce = -1
      madeFor = -1
      pending = []
    },
    heat(nowS, tempsC) {
      const before = heatLevel
      heatLevel = thermal.sense(nowS, tempsC)
      if (heatLevel !== before) heatChanged(before)
    },
    power(nowS, totalJ) {
      if (cap === undefined) return
      const before = powerLevel
      powerLevel = cap.ran(nowS, inForce < 0 ? top : (level[inForce] as number), totalJ)
      if (powerLevel !== before) powerChanged(before, cap.powerW)
    },
    skipPower: () => cap?.skip(),
    narrow(nowS, mask) {
      const bound = heatLevel < powerLevel ? heatLevel : powerLevel
      const held = limit !== undefined && inForce >= 0 && !limit.allows(nowS)
      if (held || madeHeld || bound !== madeFor || !isPossible(mask)) {
        possible.set(mask)
        openUpTo(bound)
        if (held) hold()
        madeFor = bound
        madeHeld = held
      }
      mask.set(open)
    },
    permit(nowS, action) {
      let executed = action
      // Heat that came after the mask was made counts only where the board is about to throttle by itself: less than that the next mask takes care of.
      if ((level[action] as number) > heatLevel && (thermal.atTrip() || thermal.blind())) executed = coolest
      else if (open[action] !== 1) executed = inForce >= 0 && open[inForce] === 1 ? inForce : firstOpen()
      if (limit !== undefined && inForce >= 0 && places[executed] !== places[inForce]) limit.changed(nowS)
      inForce = executed
      return executed
    },
    changes() {
      if (pending.length === 0) return none
      const all = pending
      pending = []
      return all
    },
  }

  /** Coolest of the open points. */
  function firstOpen(): number {
    let best = coolest
    let least = Number.MAX_SAFE_INTEGER
    for (let a = 0; a < count; a++)
      if (open[a] === 1 && (level[a] as number) < least) {
        least = level[a] as number
        best = a
      }
    return best
  }
}
