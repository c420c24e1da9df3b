import { findAgent } from '../../agents/index.ts'
import { makeQuietWorld, type WorldMaker } from '../../envs/world/world.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import type { DetectedChange } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { mean, median } from '../../src/core/statistics.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { makeEpisodeRecord, runEpisode } from '../../src/run/compare/episode.ts'
import { lineUp } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import { openSimNetwork, simGround } from '../../src/run/grounds/sim-ground.ts'
import { defaultWeights } from '../../src/run/request.ts'
import { flag, print } from '../support.ts'

// How often `bayes` calls a change of latency or of power where nothing changes, and how many decisions after the board has become slower at once, which no monitor shows, it calls one of latency:
// simulated boards, requests at a fixed rate, from nothing. --boards A,B --seeds K --first-seed S

const boards = flag('boards', 'odroid-xu4,rk3588,rk3399').split(',')
const seeds = Number(flag('seeds', '20'))
const firstSeed = Number(flag('first-seed', '1'))
const [steps, changedAt] = [1000, 500]
const rateHz = 3
const factors = [1, 1.05, 1.1, 1.2, 1.3, 1.5]

async function changesOf(board: string, seed: number, factor: number): Promise<readonly DetectedChange[]> {
  const world: WorldMaker = ({ clusters }) => {
    const quiet = makeQuietWorld(clusters, rateHz)
    return {
      ...quiet,
      at(timeS, out) {
        quiet.at(timeS, out)
        if (timeS * rateHz > changedAt - 0.5) out.slowdown = factor
      },
    }
  }
  const ground = simGround({ board: readShipped(board), network: openSimNetwork('date2020'), world, plant: 'nominal' })
  const plan = makePlan(
    ground,
    { percentile: 99, weights: defaultWeights, objective: 'energy', deadline: parseDeadline('2x', 'deadline') },
    lineUp(['bayes']),
    steps,
  )
  const env = ground.open(plan.requirements)
  const objective = makeObjective(plan.objective, ground.nominal)
  const nominal = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const agent = findAgent('bayes').make({ spaces: env.spaces, seed, options: {}, objective, nominal })
  await runEpisode({ env, agent, objective, clock: systemClock, seed, steps }, makeEpisodeRecord(steps))
  return agent.changes?.() ?? []
}

const rows: { board: string; factor: number; calledBefore: number; called: number; medianDelay: number | null; longestDelay: number | null }[] = []
for (const board of boards)
  for (const factor of factors) {
    const runs: (readonly DetectedChange[])[] = []
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) runs.push(await changesOf(board, seed, factor))
    const until = factor === 1 ? steps : changedAt
    const delays =
      factor === 1
        ? []
        : runs.flatMap((run) =>
            run
              .filter(({ decision, what }) => decision >= changedAt && what === 'latency')
              .slice(0, 1)
              .map(({ decision }) => decision - changedAt + 1),
          )
    rows.push({
      board,
      factor,
      calledBefore: (1000 / until) * mean(runs.map((run) => run.filter(({ decision }) => decision < until).length)),
      called: delays.length / seeds,
      medianDelay: delays.length === 0 ? null : median(Float64Array.from(delays)),
      longestDelay: delays.length === 0 ? null : Math.max(...delays),
    })
  }
const shown = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(3))))
print(
  `changes that bayes calls, ${seeds} seeds, ${steps} decisions, the board slower from decision ${changedAt + 1} on`,
  [
    ['board', 'slower by, %', 'false calls in 1000', 'found, %', 'decisions until then: median', 'most'],
    ...rows.map((row) => [
      row.board,
      shown(100 * (row.factor - 1)),
      shown(row.calledBefore),
      row.factor === 1 ? '' : shown(100 * row.called),
      shown(row.medianDelay),
      shown(row.longestDelay),
    ]),
  ],
  rows,
)
