import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { makePlan } from '../../src/run/compare/plan.ts'
import { threadRunner } from '../../src/run/compare/pool.ts'
import { openGround } from '../../src/run/grounds/open.ts'
import { listenForStop } from '../../src/run/stop.ts'
import { asJson, benchEvents, flag } from '../support.ts'
import { contests, entrants } from './classes/entrants.ts'
import { classGrounds } from './classes/grounds.ts'
import { describeLine, type Line, linesOf, summarise } from './classes/lines.ts'

// `bayes` against every other way of governing, within each class (with a profile, from nothing): the difference of the gaps to the oracle, paired by seed, with its 95 % interval, on every ground.
// Asked: superior wherever the world changes, and not worse by more than a point where it stands still.
// --boards A,B --plants nominal,perturbed --scenarios LIST --tables LIST --deadlines LIST --overlays LIST --seeds K --steps N (simulated) --table-steps N --workers N --lines (all of them) --json --out FILE

const list = (name: string, fallback: string): string[] =>
  flag(name, fallback)
    .split(',')
    .filter((item) => item !== '')
const seeds = Number(flag('seeds', '20'))
const steps = Number(flag('steps', '1000'))
const tableSteps = Number(flag('table-steps', '500'))

const grounds = classGrounds(
  {
    boards: list('boards', 'odroid-xu4,rk3399,rk3588'),
    plants: list('plants', 'nominal,perturbed'),
    scenarios: list('scenarios', ''),
    tables: list('tables', 'orin-agx-resnet,orin-agx-mobnet,orin-agx-lstm,rk3399pro'),
    deadlines: list('deadlines', '1.2x,1.5x,2.5x'),
    overlays: list('overlays', 'corunner-bursts,corunner-mix,drift'),
  },
  benchEvents.note,
)
const stop = listenForStop()
const plans = grounds.map(({ spec, wish }) => makePlan(openGround(spec), wish, entrants, spec.kind === 'table' ? tableSteps : steps))
const run = threadRunner({ grounds: grounds.map(({ spec }) => spec), plans }, Number(flag('workers', String(availableParallelism()))), stop.signal)
const jobs = grounds.flatMap((_, ground) => Array.from({ length: seeds }, (_, i) => ({ ground, seed: 1 + i })))
const results = await run(jobs, (done) => {
  if (done % seeds === 0) benchEvents.note(`${done} of ${jobs.length} runs of all agents`)
})
stop.release()

const lines: Line[] = contests.flatMap((contest) =>
  grounds.flatMap(({ name, changes }, g) =>
    linesOf({ contest, ground: name, changes, entrants, results: results.slice(g * seeds, (g + 1) * seeds), steps: plans[g]?.steps ?? 0 }),
  ),
)
const document = { seeds, steps, tableSteps, lines }
const out = flag('out', '')
if (out !== '') writeFileSync(out, `${JSON.stringify(document, null, 2)}\n`)
if (asJson) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
else {
  const all = process.argv.includes('--lines') ? lines.map(describeLine) : []
  const text = [
    `gap to the oracle less that of a rival, points, paired, 95 % interval over ${seeds} seeds`,
    ...all,
    ...contests.flatMap((contest) => ['', ...summarise(contest, lines)]),
  ]
  process.stdout.write(`${text.join('\n')}\n`)
}
