import { agentOf } from '../../../agents/index.ts'
import { checkSpacesFit } from '../../checkpoint/fits.ts'
import { FlyballError } from '../../core/errors.ts'
import { makeObjective, type ObjectiveSpec } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { Ground } from '../grounds/ground.ts'
import { priorCostOf } from '../reexecute.ts'
import type { Wish } from '../request.ts'
import { truthOf } from './episode.ts'
import type { AgentEntry } from './lineup.ts'
import { infeasiblePhases, resolvePhases } from './phases.ts'
import type { Infeasible } from './result.ts'

/** What runs on one ground: everything settled but the seed. Plain data: worker threads get it as it is. */
export interface Plan {
  readonly requirements: readonly Requirements[]
  readonly objective: ObjectiveSpec
  readonly agents: readonly AgentEntry[]
  readonly steps: number
}

/** Why the planner takes no part. */
export const plannerIdle = ({ id }: Ground): string => `the planner plans for heat, and ${id} has none that throttles`

/** Settles what is asked of a ground and checks that every agent can be made for it, before anything runs. */
export function makePlan(ground: Ground, wish: Wish, agents: readonly AgentEntry[], steps: number): Plan & { readonly infeasible: Infeasible[] } {
  const { nominal, spaces } = ground
  const resolved = named(ground, () => resolvePhases(wish, ground))
  if (wish.energyBudgetJ !== undefined && ground.energyQuality === 'absent')
    throw new FlyballError('ERR_RANGE', `--energy-budget: ${ground.id} has no energy, expected one that has, or another requirement`)
  if (wish.accuracyFloor !== undefined && nominal.every(({ accuracy }) => Number.isNaN(accuracy)))
    throw new FlyballError('ERR_RANGE', `--accuracy-floor: ${ground.id} has no accuracy, expected one that has, or another requirement`)
  const objective = named(ground, () => makeObjective(resolved.objective, nominal))
  if (!(objective.nominalCost(resolved.objective.reference, resolved.requirements[0] as Requirements) > 0))
    throw new FlyballError(
      'ERR_RANGE',
      `--weights: in ${ground.id} nothing has a cost, as the confidence of an answer is unknown there, expected a weight above 0 on latency, e.g. latency=1`,
    )
  const taking = agents.filter(({ name }) => name !== 'planner' || ground.planner !== undefined)
  if (taking.length === 0) throw new FlyballError('ERR_USAGE', `--agents: ${plannerIdle(ground)}`)
  const truth = truthOf(ground.open(resolved.requirements))
  const priorCost = priorCostOf(objective, nominal, resolved.requirements[0] as Requirements)
  for (const { name, options, checkpoint, transfer } of taking)
    named(ground, () => {
      if (checkpoint !== undefined) checkSpacesFit(checkpoint.spaces, spaces)
      const data = checkpoint === undefined ? {} : { data: checkpoint.data }
      const input = { spaces, seed: 0, options, objective, nominal, priorCost, truth, plan: () => -1 }
      agentOf(name, { ...input, ...data, ...(transfer === undefined ? {} : { transfer }) }, name)
    })
  return { ...resolved, agents: taking, steps, infeasible: infeasiblePhases(resolved.requirements, spaces, nominal) }
}

/** An error of one ground among several says which. */
function named<T>({ id }: Ground, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof FlyballError) throw new FlyballError(error.code, `${id}: ${error.message}`, { cause: error })
    throw error
  }
}
