import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'
import { fromPlain, type PlainNumber, toPlain } from './plain.ts'
import type { AskedLimits } from './prior.ts'

/** One class as it stands in a checkpoint. */
export interface ClassData {
  readonly deadlineS: PlainNumber
  readonly energyBudgetJ: PlainNumber
  readonly accuracyFloor: PlainNumber
  readonly lastUse: number
}

/**
 * Requirements that are alike share what was learned; others get a table of their own. A deadline or budget within 15 % belongs to the
 * class (two profiles of one machine differ by less), and so does an accuracy floor within 0.02; "not asked" only matches "not asked".
 * At most `slots` classes are kept: a further one takes the place of the one used longest ago.
 */
export interface RequirementClasses {
  /** What the observation asks. Reused. */
  read(observation: Observation): AskedLimits
  /** Slot of the observation's class, or -1. Changes nothing. */
  find(observation: Observation): number
  /** Slot of the observation's class. `open(slot)` is called when the slot begins anew. */
  enter(observation: Observation): number
  /** What the class in a slot asks. Reused. */
  limits(slot: number): AskedLimits
  /** Slots in use. */
  readonly count: () => number
  save(): ClassData[]
  restore(data: readonly ClassData[]): void
}

const tolerance = Math.log(1.15)
const floorTolerance = 0.02

export function makeRequirementClasses(spaces: Spaces, slots: number, open: (slot: number) => void): RequirementClasses {
  const indices = ['deadlineS', 'energyBudgetJ', 'accuracyFloor'].map((name) => monitorIndex(spaces, name)) as [number, number, number]
  const limitsOf: AskedLimits[] = Array.from({ length: slots }, () => ({
    deadlineS: Number.NaN,
    energyBudgetJ: Number.NaN,
    accuracyFloor: Number.NaN,
  }))
  const lastUse = new Float64Array(slots)
  const asked: AskedLimits = { deadlineS: Number.NaN, energyBudgetJ: Number.NaN, accuracyFloor: Number.NaN }
  let used = 0
  let clock = 0

  const read = (observation: Observation): AskedLimits => {
    asked.deadlineS = observation[indices[0]] ?? Number.NaN
    asked.energyBudgetJ = observation[indices[1]] ?? Number.NaN
    asked.accuracyFloor = observation[indices[2]] ?? Number.NaN
    return asked
  }

  const find = (observation: Observation): number => {
    read(observation)
    for (let slot = 0; slot < used; slot++) if (alike(limitsOf[slot] as AskedLimits, asked)) return slot
    return -1
  }

  const oldest = (): number => {
    let least = 0
    for (let slot = 1; slot < slots; slot++) if ((lastUse[slot] as number) < (lastUse[least] as number)) least = slot
    return least
  }

  return {
    read,
    find,
    enter(observation) {
      let slot = find(observation)
      if (slot < 0) {
        slot = used < slots ? used++ : oldest()
        Object.assign(limitsOf[slot] as AskedLimits, asked)
        open(slot)
      }
      lastUse[slot] = ++clock
      return slot
    },
    limits: (slot) => limitsOf[slot] as AskedLimits,
    count: () => used,
    save: () =>
      limitsOf.slice(0, used).map((limits, slot) => ({
        deadlineS: toPlain(limits.deadlineS),
        energyBudgetJ: toPlain(limits.energyBudgetJ),
        accuracyFloor: toPlain(limits.accuracyFloor),
        lastUse: lastUse[slot] as number,
      })),
    restore(data) {
      used = data.length
      data.forEach((entry, slot) => {
        const limits = limitsOf[slot] as AskedLimits
        limits.deadlineS = fromPlain(entry.deadlineS)
        limits.energyBudgetJ = fromPlain(entry.energyBudgetJ)
        limits.accuracyFloor = fromPlain(entry.accuracyFloor)
        lastUse[slot] = entry.lastUse
        clock = Math.max(clock, entry.lastUse)
      })
    },
  }
}

function alike(a: AskedLimits, b: AskedLimits): boolean {
  return near(a.deadlineS, b.deadlineS) && near(a.energyBudgetJ, b.energyBudgetJ) && close(a.accuracyFloor, b.accuracyFloor)
}

const near = (a: number, b: number): boolean => a === b || (Number.isNaN(a) ? Number.isNaN(b) : Math.abs(Math.log(a / b)) <= tolerance)

const close = (a: number, b: number): boolean => (Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) <= floorTolerance)
