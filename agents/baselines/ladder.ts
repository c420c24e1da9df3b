import type { Agent, AgentInput, AgentKind, CheckpointData, OptionSpec } from '../../src/core/agent.ts'
import { monitorIndex, type Observation } from '../../src/core/spaces.ts'
import { fromPlain, type PlainNumber, toPlain } from '../maths/plain.ts'
import { readOptions } from '../options.ts'
import { makeRuled } from './fixed.ts'
import { paretoLevels, subnetLevels } from './ladder-levels.ts'

const options = [
  { name: 'window', description: 'decisions whose mean latency is held against the deadline', unit: 'decisions', default: 20, low: 1, high: 1e6 },
  {
    name: 'retryAfter',
    description:
      'windows in time after which the level that failed last is tried again, twice as many after each time in vain; 0 never, as in Dynamic-OFA',
    unit: 'windows',
    default: 10,
    low: 0,
    high: 1e6,
  },
  {
    name: 'pareto',
    description: 'levels are the Pareto points of the profile, not the sub-networks; without a profile it is ignored',
    default: false,
  },
] as const satisfies readonly OptionSpec[]

interface LadderData extends CheckpointData {
  readonly level: number
  readonly failed: number
  readonly retried: number
  readonly windowsSince: number
  readonly patience: number
  readonly sumS: number
  readonly count: number
  readonly deadlineS: PlainNumber
  readonly accuracyFloor: PlainNumber
}

/**
 * Dynamic-OFA's rule (Lou, Xun, Sabet, Bi, Hare, Merrett, "Dynamic-OFA", CVPRW 2021; run.sh of github.com/UoS-EEC/DynamicOFA): after every window of decisions, one level
 * down if their mean latency exceeds the deadline; else one up, unless the accuracy floor is already met. The level that failed last is remembered and not climbed again,
 * so that it does not swing between two. No learning, no energy. Levels are the sub-networks, the other knobs as `performance` sets them; it begins with the largest.
 * Other than there: slow samples are not dropped before the mean; the memory is cleared when the requirements change, and after `retryAfter` windows (then
 * twice as many, and so on while the level fails again), as a co-runner that has left would otherwise be remembered for ever. With `pareto` the levels are points of the profile by latency, beginning with the slowest that promises to be in time.
 */
export const ladder: AgentKind = {
  name: 'ladder',
  description: 'one sub-network down when too slow, one up otherwise',
  rule: 'own effects',
  options,
  make: makeLadder,
}

function makeLadder(input: AgentInput): Agent {
  const { window, retryAfter, pareto } = readOptions('ladder', options, input.options)
  const levels = pareto && input.nominal?.some(({ latencyS }) => latencyS > 0) ? paretoLevels(input, input.nominal) : subnetLevels(input)
  const deadlineAt = monitorIndex(input.spaces, 'deadlineS')
  const floorAt = monitorIndex(input.spaces, 'accuracyFloor')
  const deadlineIn = (observation: Observation): number => (deadlineAt < 0 ? Number.NaN : (observation[deadlineAt] as number))
  const floorIn = (observation: Observation): number => (floorAt < 0 ? Number.NaN : (observation[floorAt] as number))

  const data = input.data as LadderData | undefined
  let level = data?.level ?? -1
  let failed = data?.failed ?? -1
  let retried = data?.retried ?? -1
  let windowsSince = data?.windowsSince ?? 0
  // Windows to wait before the next retry; doubles while retries are in vain.
  let patience = data?.patience ?? retryAfter
  let sumS = data?.sumS ?? 0
  let count = data?.count ?? 0
  let deadlineS = fromPlain(data?.deadlineS ?? null)
  let accuracyFloor = fromPlain(data?.accuracyFloor ?? null)

  /** Level under what is asked now; only `learn` makes it last. */
  const levelFor = (deadline: number, floor: number): number =>
    level >= 0 && Object.is(deadline, deadlineS) && Object.is(floor, accuracyFloor) ? level : levels.start(level, deadline, floor)

  const move = (accuracy: number): void => {
    if (sumS / count > deadlineS) {
      const lower = levels.next(level, -1, accuracyFloor)
      if (lower !== level) {
        patience = level === retried ? 2 * patience : retryAfter
        failed = level
      }
      retried = -1
      windowsSince = 0
      level = lower
      return
    }
    if (level === retried) retried = -1
    if (failed >= 0 && retryAfter > 0 && ++windowsSince >= patience) {
      retried = failed
      failed = -1
    }
    if (levels.settles && accuracy >= accuracyFloor) return
    const higher = levels.next(level, 1, accuracyFloor)
    if (higher !== failed) level = higher
  }

  const ruled = makeRuled('ladder', input, (observation, mask) => {
    const floor = floorIn(observation)
    return levels.choose(levelFor(deadlineIn(observation), floor), floor, mask)
  })
  return {
    ...ruled,
    learn({ observation, outcome, cost }) {
      if (!Number.isFinite(cost) || !Number.isFinite(outcome.latencyS)) return
      const deadline = deadlineIn(observation)
      const floor = floorIn(observation)
      if (level < 0 || !Object.is(deadline, deadlineS) || !Object.is(floor, accuracyFloor)) {
        level = levels.start(level, deadline, floor)
        deadlineS = deadline
        accuracyFloor = floor
        failed = -1
        retried = -1
        patience = retryAfter
        windowsSince = 0
        sumS = 0
        count = 0
      }
      sumS += outcome.latencyS
      if (++count < window) return
      move(outcome.accuracy)
      sumS = 0
      count = 0
    },
    save: (): LadderData => ({
      ...ruled.save(),
      ...{ level, failed, retried, patience, windowsSince, sumS, count },
      deadlineS: toPlain(deadlineS),
      accuracyFloor: toPlain(accuracyFloor),
    }),
  }
}
