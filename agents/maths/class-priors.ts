import type { AgentInput } from '../../src/core/agent.ts'
import type { Observation } from '../../src/core/spaces.ts'
import { fromPlain, type PlainNumber, toPlain } from './plain.ts'
import { type AskedLimits, makePrior, type PriorData } from './prior.ts'
import { type ClassData, makeRequirementClasses } from './requirement-classes.ts'

/** The prior and the requirement classes as they stand in a checkpoint. */
export interface ClassPriorsData {
  readonly prior: PriorData
  readonly origin: readonly PlainNumber[] | null
  readonly classes: readonly ClassData[]
}

/** Prior costs of every requirement class, and the slot in which an agent keeps what it learned about that class. */
export interface ClassPriors {
  /** Least prior cost: the unit in which agents count. */
  readonly scale: number
  readonly capUnit: number
  /** Prior cost of action a in class slot s: `costs[s * actions + a]`. The last slot is the spare. */
  readonly costs: Float64Array
  /** Slots, the spare included. */
  readonly slots: number
  /** Slots in use, the spare excluded. */
  used(): number
  /** Slot of the observation's class, which is remembered from now on. */
  enter(observation: Observation): number
  /** Slot of the observation's class, or the spare one filled with its prior. Remembers nothing. */
  look(observation: Observation): number
  /** Slot of the observation's class, or -1. */
  find(observation: Observation): number
  /** What the class in a slot asks; of the spare one what was asked when it was last looked at. Reused. */
  limits(slot: number): AskedLimits
  save(): ClassPriorsData
}

/** Makes the priors of at most `most` classes; `open(slot, costs)` is called whenever a slot begins anew, the spare included. */
export function makeClassPriors(
  input: AgentInput,
  most: number,
  open: (slot: number, costs: Float64Array) => void,
  data?: ClassPriorsData,
): ClassPriors {
  const actions = input.spaces.points.length
  const prior = makePrior(input, data?.prior)
  const costs = new Float64Array((most + 1) * actions)
  const lastAsked: AskedLimits = { deadlineS: Number.NaN, energyBudgetJ: Number.NaN, accuracyFloor: Number.NaN }
  let origin: AskedLimits | undefined

  const start = (slot: number, asked: AskedLimits): void => {
    // The costs in hand were made under the requirements met first.
    prior.under(asked, origin ?? asked, costs, slot * actions)
    open(slot, costs)
  }

  const classes = makeRequirementClasses(input.spaces, most, (slot) => {
    const asked = classes.limits(slot)
    origin ??= { ...asked }
    start(slot, asked)
  })

  if (data !== undefined) {
    if (data.origin !== null) origin = toLimits(data.origin)
    classes.restore(data.classes)
    for (let slot = 0; slot < classes.count(); slot++) start(slot, classes.limits(slot))
  }

  return {
    scale: prior.scale,
    capUnit: prior.capUnit,
    costs,
    slots: most + 1,
    used: classes.count,
    enter: classes.enter,
    look(observation) {
      const slot = classes.find(observation)
      if (slot >= 0) return slot
      Object.assign(lastAsked, classes.read(observation))
      start(most, lastAsked)
      return most
    },
    find: classes.find,
    limits: (slot) => (slot === most ? lastAsked : classes.limits(slot)),
    save: () => ({
      prior: prior.save(),
      origin: origin === undefined ? null : [origin.deadlineS, origin.energyBudgetJ, origin.accuracyFloor].map(toPlain),
      classes: classes.save(),
    }),
  }
}

function toLimits(values: readonly PlainNumber[]): AskedLimits {
  const [deadlineS = null, energyBudgetJ = null, accuracyFloor = null] = values
  return { deadlineS: fromPlain(deadlineS), energyBudgetJ: fromPlain(energyBudgetJ), accuracyFloor: fromPlain(accuracyFloor) }
}
