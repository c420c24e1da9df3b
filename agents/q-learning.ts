import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, OptionSpec, PredictedPoint } from '../src/core/agent.ts'
import type { Requirements } from '../src/core/outcome.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { begin } from './data-version.ts'
import { cappedCost, costCapOption } from './maths/capped-cost.ts'
import { type ClassPriorsData, makeClassPriors } from './maths/class-priors.ts'
import { makeCostTable } from './maths/cost-table.ts'
import { makeDiscretiser } from './maths/discretise.ts'
import { decayedEpsilon, drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { explainPolicy } from './maths/explain-policy.ts'
import { argminAllowed } from './maths/masked.ts'
import { makeSeenMask } from './maths/seen-mask.ts'
import { discountedPrior, learningRate, qLearningError } from './maths/td.ts'
import { readOptions } from './options.ts'
import { makeStarts, type StartsData } from './q-learning/starts.ts'

const dataVersion = 2

const options = [
  {
    name: 'gamma',
    description: 'discount of the next decision: actions hardly move the state here (only through the queue), so little',
    default: 0.1,
    low: 0,
    high: 0.99,
  },
  { name: 'learningRate', description: 'floor of the learning rate, which falls as 1 / visits until it gets there', default: 0.05, low: 0, high: 1 },
  { name: 'priorVisits', description: 'visits that the prior cost counts for', default: 1, low: 0, high: 1e6 },
  { name: 'epsilon', description: 'share of uniformly random decisions at the start', default: 0.02, low: 0, high: 1 },
  {
    name: 'epsilonFloor',
    description: 'share of uniformly random decisions later on, which keeps the log useful for replay',
    default: 0.005,
    low: 0,
    high: 1,
  },
  { name: 'epsilonDecay', description: 'decisions after which epsilon has halved', unit: 'decisions', default: 200, low: 1, high: 1e9 },
  {
    name: 'doubleQ',
    description: 'two tables that judge each other (van Hasselt 2010), against the optimism of a minimum over noise',
    default: false,
  },
  {
    name: 'optimism',
    description: 'share by which a point that nobody has tried is held to be faster and cheaper than the tried ones say',
    default: 0.1,
    low: 0,
    high: 1,
  },
  costCapOption,
  { name: 'classes', description: 'requirement classes remembered at once', default: 4, low: 1, high: 64 },
] as const satisfies readonly OptionSpec[]

interface QLearningData extends CheckpointData {
  readonly decisions: number
  readonly priors: ClassPriorsData
  /** Null where the agent was made without an objective. */
  readonly starts: StartsData | null
  /** Visited states only. One entry per table (two with doubleQ): visits and values per action. */
  readonly rows: readonly {
    readonly slot: number
    readonly state: number
    readonly visits: readonly number[][]
    readonly values: readonly number[][]
  }[]
}

/**
 * Tabular Q-learning (Watkins 1989) on costs, over the discretised monitors of maths/discretise.ts, one table per class of requirements.
 *
 * A cell starts at the cost that q-learning/starts.ts foresees of its point in its state from whatever was measured so far, in any state, and from a profile where there is one; a point that nobody has tried at
 * somewhat less ("optimism in the face of uncertainty"). So a few tries tell which points are worth one. Where no objective says what latency and energy cost, all cells start at the cost of a profile, or at 0.
 */
export const qLearning: AgentKind = {
  name: 'q-learning',
  description: 'tabular Q-learning over binned monitors, starting from what its points are foreseen to cost',
  options,
  takesProfile: true,
  // Fitted Q iteration (Ernst, Geurts, Wehenkel, 2005): the values of what follows settle over the passes.
  passes: 10,
  learnsCosts: true,
  make: makeQLearning,
}

function makeQLearning(input: AgentInput): Agent {
  const settings = readOptions('q-learning', options, input.options)
  const { data, rng } = begin<QLearningData>('q-learning', input, dataVersion)
  const actions = input.spaces.points.length
  const frozen = input.frozen === true
  const discretiser = makeDiscretiser(input.spaces)
  const { states, stateOf } = discretiser
  const hasStarts = data === undefined ? input.objective !== undefined : data.starts !== null
  const starts = hasStarts ? makeStarts(input, discretiser, settings.optimism, data?.starts ?? undefined) : undefined
  const tables = settings.doubleQ ? 2 : 1

  // Row (table, slot, state); a never visited cell holds its start. Nothing is learned into the spare slot: one row stands for all of its states.
  const spare = settings.classes
  const spareRow = tables * spare * states
  const seenMask = makeSeenMask(actions)
  const values = makeCostTable(spareRow + 1, actions, seenMask)
  const visits = new Uint32Array(spareRow * actions)
  const rowOf = (table: number, slot: number, state: number): number => (slot === spare ? spareRow : (table * spare + slot) * states + state)
  const start = new Float64Array(actions)
  const filled = new Float64Array(actions)
  // By row of the first table: the epoch of its starts, and the least of them; -1 where it must begin anew.
  const filledAt = new Int32Array(spare * states + 1).fill(-1)
  const leastStart = new Float64Array(filledAt.length).fill(Number.POSITIVE_INFINITY)
  const indexOf = (slot: number, state: number): number => (slot === spare ? spare * states : slot * states + state)

  const priors = makeClassPriors(input, settings.classes, open, data?.priors)
  let decisions = data?.decisions ?? 0
  for (const row of data?.rows ?? [])
    for (let table = 0; table < tables; table++) {
      const at = rowOf(table, row.slot, row.state)
      visits.set(row.visits[table] as number[], at * actions)
      for (let a = 0; a < actions; a++) if (visits[at * actions + a] !== 0) values.set(at, a, row.values[table]?.[a] as number)
    }

  const requirements: Requirements = { percentile: 99, deadlineS: undefined, energyBudgetJ: undefined, accuracyFloor: undefined }
  const ask = (slot: number): Requirements => {
    const { deadlineS, energyBudgetJ, accuracyFloor } = priors.limits(slot)
    requirements.deadlineS = Number.isNaN(deadlineS) ? undefined : deadlineS
    requirements.energyBudgetJ = Number.isNaN(energyBudgetJ) ? undefined : energyBudgetJ
    requirements.accuracyFloor = Number.isNaN(accuracyFloor) ? undefined : accuracyFloor
    return requirements
  }

  /** Brings the cells of a row that were never visited to what is known at this epoch. O(points), once an epoch. */
  const ready = (slot: number, state: number): void => {
    if (starts === undefined) return
    const index = indexOf(slot, state)
    if (filledAt[index] === starts.epoch) return
    // Frozen, under requirements that it never learned under, it keeps to the floor: nothing would tell it better.
    starts.fill(start, ask(slot), state, frozen && slot === spare)
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < actions; a++) least = Math.min(least, start[a] as number)
    filledAt[index] = starts.epoch
    leastStart[index] = least
    for (let a = 0; a < actions; a++) start[a] = discountedPrior(start[a] as number, least, settings.gamma)
    for (let table = 0; table < (slot === spare ? 1 : tables); table++) {
      const row = rowOf(table, slot, state)
      for (let a = 0; a < actions; a++) filled[a] = slot !== spare && visits[row * actions + a] !== 0 ? values.get(row, a) : (start[a] as number)
      values.fill(row, row + 1, filled)
    }
  }

  function open(slot: number, costs: Float64Array): void {
    filledAt.fill(-1, slot * states, slot === spare ? filledAt.length : (slot + 1) * states)
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < actions; a++) least = Math.min(least, costs[slot * actions + a] as number)
    for (let a = 0; a < actions; a++) start[a] = discountedPrior(costs[slot * actions + a] as number, least, settings.gamma)
    if (slot === spare) values.fill(spareRow, spareRow + 1, start)
    for (let table = 0; table < tables && slot !== spare; table++) {
      const from = rowOf(table, slot, 0)
      visits.fill(0, from * actions, (from + states) * actions)
      values.fill(from, from + states, start)
    }
  }

  const means = new Float64Array(tables === 2 ? actions : 0)
  const epsilonNow = (): number => (frozen ? 0 : decayedEpsilon(settings.epsilon, settings.epsilonFloor, settings.epsilonDecay, decisions))

  const greedyIn = (slot: number, observation: Observation, mask: Mask): number => {
    seenMask.read(mask)
    if (starts?.epoch === 0) return starts.fastest(mask, ask(slot))
    const state = stateOf(observation)
    ready(slot, state)
    const one = rowOf(0, slot, state)
    if (tables === 1) return values.least(one)
    const other = rowOf(1, slot, state)
    for (let a = 0; a < actions; a++) means[a] = (values.get(one, a) + values.get(other, a)) / 2
    return argminAllowed(means, mask)
  }

  /** What table `judge` thinks of the action that table `chooser` would take next. */
  const leastNext = (chooser: number, judge: number, slot: number, state: number, mask: Mask): number => {
    ready(slot, state)
    seenMask.read(mask)
    return values.get(rowOf(judge, slot, state), values.least(rowOf(chooser, slot, state)))
  }

  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }

  return {
    act(observation, mask) {
      const slot = frozen ? priors.look(observation) : priors.enter(observation)
      drawEpsilonGreedy(choice, rng, greedyIn(slot, observation, mask), epsilonNow(), mask, seenMask.count)
      if (!frozen) decisions++
      return choice
    },
    distribution(observation, mask, out) {
      fillEpsilonGreedy(out, greedyIn(priors.look(observation), observation, mask), epsilonNow(), mask)
    },
    explain(observation, mask, action) {
      const take = (seen: Observation, allowed: Mask): number => greedyIn(priors.look(seen), seen, allowed)
      const slot = priors.look(observation)
      const rows = Array.from({ length: tables }, (_, table) => rowOf(table, slot, stateOf(observation)))
      const worthOf = (a: number): number => rows.reduce((sum, row) => sum + values.get(row, a), 0) / tables
      // A value is that of this decision and of the best ones after it.
      const later = settings.gamma * Math.min(...Array.from(mask.keys()).flatMap((a) => (mask[a] === 1 ? [worthOf(a)] : [])))
      const predict = (a: number): Partial<PredictedPoint> => {
        const tried = slot !== spare && rows.some((row) => visits[row * actions + a] !== 0)
        return tried || Number.isFinite(priors.capUnit) || (starts?.epoch ?? 0) > 0 ? { cost: worthOf(a) - later, tried } : {}
      }
      return explainPolicy({ spaces: input.spaces, take, predict, observation, mask, action })
    },
    learn(transition) {
      if (frozen || !Number.isFinite(transition.cost)) return
      const slot = priors.find(transition.observation)
      if (slot < 0) return
      const first = starts?.epoch === 0
      // Nothing is known of any point but this one: what its cost is measured by.
      if (first) starts?.learn(transition)
      const table = tables === 2 && rng.next() < 0.5 ? 1 : 0
      const state = stateOf(transition.observation)
      const nextState = stateOf(transition.nextObservation)
      const leastQT =
        settings.gamma === 0 ? 0 : leastNext(table, tables - 1 - table, priors.look(transition.nextObservation), nextState, transition.nextMask)
      ready(slot, state)
      const row = rowOf(table, slot, state)
      const at = row * actions + transition.action
      const before = values.get(row, transition.action)
      visits[at] = (visits[at] as number) + 1
      const rate = learningRate(visits[at] as number, settings.priorVisits, settings.learningRate)
      const unit = starts === undefined ? priors.capUnit : (leastStart[indexOf(slot, state)] as number)
      const cost = cappedCost(transition.cost, unit, settings.costCap)
      values.set(row, transition.action, before + rate * qLearningError(before, cost, settings.gamma, leastQT))
      if (!first) starts?.learn(transition)
    },
    save(): QLearningData {
      const rows: QLearningData['rows'][number][] = []
      for (let slot = 0; slot < priors.used(); slot++)
        for (let state = 0; state < states; state++) {
          const tablesOf = <T>(copy: (row: number) => T): T[] => Array.from({ length: tables }, (_, table) => copy(rowOf(table, slot, state)))
          const counts = tablesOf((row) => Array.from(visits.subarray(row * actions, (row + 1) * actions)))
          if (counts.every((count) => count.every((n) => n === 0))) continue
          const learned = (row: number): number[] =>
            Array.from({ length: actions }, (_, a) => (visits[row * actions + a] === 0 ? 0 : values.get(row, a)))
          rows.push({ slot, state, visits: counts, values: tablesOf(learned) })
        }
      return { version: dataVersion, rng: rng.state(), decisions, priors: priors.save(), starts: starts?.save() ?? null, rows }
    },
  }
}
