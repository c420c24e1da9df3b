import { parseDeadline, parseQuantity } from '../../../src/core/units.ts'
import type { RequirementChange } from '../world.ts'
import type { Asked, Scenario } from './schema.ts'

/** The point that loads, and requirements stated for another board, are measured by: the fastest of full size. */
export interface ScenarioReference {
  /** Its latency on the quiet board, s. Load 1 is one request in so long. */
  readonly referenceLatencyS: number
  /** Its energy, J; NaN or left out: unknown. */
  readonly referenceEnergyJ?: number
  /** Of the least and the most accurate size. */
  readonly accuracyRange?: readonly [least: number, most: number]
  /** Board that the requirements may have been stated for. */
  readonly boardId?: string
  /** Air in which it keeps so much of its heat below the last trip that throttles, degC (WorldSite). */
  readonly airTempC?: (headroom: number) => number
}

/** What the fastest point of full size gave where absolute requirements were stated, and the least and the most accurate size there. */
export type Stated = Omit<NonNullable<Scenario['statedFor']>, 'board' | 'air'>

/** What is asked, phase by phase; and since when, s of the scenario's clock. */
export interface Phases {
  readonly changes: readonly RequirementChange[]
  readonly fromS: readonly number[]
}

/** Throws what parsing a quantity throws; a scenario that was read has none that does. */
export function phasesOf(scenario: Scenario, reference: ScenarioReference): Phases {
  const { requirements, statedFor } = scenario
  const asked = requirements[0]?.fromS === 0 ? requirements : [{ fromS: 0 }, ...requirements]
  const adapt = statedFor === undefined || isThere(statedFor, reference) ? same : makeAdapt(statedFor, reference)
  return { changes: asked.map((one) => adapt(changeOf(one))), fromS: asked.map(({ fromS }) => fromS) }
}

function changeOf({ deadline, energyBudget, percentile, accuracyFloor, leastConfidence }: Asked): RequirementChange {
  return {
    ...(deadline === undefined ? {} : { deadline: deadline === null ? null : parseDeadline(deadline, 'deadline') }),
    ...(energyBudget === undefined ? {} : { energyBudgetJ: energyBudget === null ? null : parseQuantity(energyBudget, 'energy', 'energyBudget') }),
    ...(percentile === undefined ? {} : { percentile }),
    ...(accuracyFloor === undefined ? {} : { accuracyFloor }),
    ...(leastConfidence === undefined ? {} : { leastConfidence }),
  }
}

/** The very board and network that it was stated for. */
export const isThere = ({ board, accuracy }: NonNullable<Scenario['statedFor']>, { boardId, accuracyRange = accuracy }: ScenarioReference): boolean =>
  board === boardId && accuracy[0] === accuracyRange[0] && accuracy[1] === accuracyRange[1]

const same = (change: RequirementChange): RequirementChange => change

/** The same wishes for another board or network: times and energies as those of the reference points, floors at the same height between the least and the most accurate size. */
export function makeAdapt(stated: Stated, reference: ScenarioReference): (change: RequirementChange) => RequirementChange {
  const times = reference.referenceLatencyS / stated.latencyS
  const energies = (reference.referenceEnergyJ ?? Number.NaN) / stated.energyJ
  const floorHere = makeFloorHere(stated.accuracy, reference.accuracyRange ?? stated.accuracy)
  return (change) => {
    const { deadline, energyBudgetJ, accuracyFloor, ...rest } = change
    return {
      ...rest,
      ...(deadline === undefined ? {} : { deadline: deadline !== null && 'seconds' in deadline ? { seconds: deadline.seconds * times } : deadline }),
      // Where nobody knows what anything costs or how often it is right, no budget or floor can be held to.
      ...(energyBudgetJ === undefined ? {} : { energyBudgetJ: energyBudgetJ === null || Number.isNaN(energies) ? null : energyBudgetJ * energies }),
      ...(accuracyFloor === undefined ? {} : { accuracyFloor: accuracyFloor === null ? null : floorHere(accuracyFloor) }),
    }
  }
}

/** A floor at the same height between the least and the most accurate size; null where no accuracy is known. */
export function makeFloorHere(
  [statedLeast, statedMost]: readonly [number, number],
  [least, most]: readonly [number, number],
): (floor: number) => number | null {
  const height = (floor: number): number =>
    statedMost > statedLeast ? (floor - statedLeast) / (statedMost - statedLeast) : floor > statedMost ? 1 : 0
  return (floor) => {
    if (Number.isNaN(most)) return null
    // What the most accurate size alone meets must not be lost to rounding.
    return height(floor) === 1 ? most : least + height(floor) * (most - least)
  }
}
