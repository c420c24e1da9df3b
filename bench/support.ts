import type { BoardEnv } from '../envs/board/board-env.ts'
import type { Agent } from '../src/core/agent.ts'
import { systemClock } from '../src/core/clock.ts'
import { makeObjective, type Objective } from '../src/core/objective.ts'
import type { Requirements } from '../src/core/outcome.ts'
import type { NominalOutcome } from '../src/core/spaces.ts'
import { quantileSorted } from '../src/core/statistics.ts'
import { formatQuantity } from '../src/core/units.ts'
import type { RunEvents } from '../src/run/events.ts'
import { type LoopStart, runLoop } from '../src/run/loop.ts'
import { type BoardRequest, boardEnv, type OpenBoard, openBoard, resolveBoard } from '../src/run/open-board.ts'
import { defaultWeights } from '../src/run/request.ts'
import type { BoardSettings } from '../src/run/settings.ts'
import { defaultNetwork } from '../src/run/shipped.ts'
import { makeTally, type RunSummary } from '../src/run/tally.ts'

/** Value of `--name value` on the command line. */
export function flag(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback)
}

export const asJson = process.argv.includes('--json')
export const network = flag('network', defaultNetwork)

/** Progress on standard error; never stops. */
export const benchEvents: RunEvents = {
  note: (message) => void process.stderr.write(`${message}\n`),
  progress: () => {},
  stopped: () => undefined,
}

export interface Ground {
  readonly open: OpenBoard
  readonly settings: BoardSettings
  env(): BoardEnv
}

const requirements: Requirements = { percentile: 99 }

export async function openGround(request: Partial<BoardRequest>): Promise<Ground> {
  const settings = resolveBoard({ root: '/', rate: '30', virtual: 'auto', interfere: [], ...request })
  const open = await openBoard(settings, network, benchEvents.note)
  return { open, settings, env: () => boardEnv(open, settings, { requirements, advise: false }) }
}

/** An objective that only has to exist: the benchmarks of time do not look at costs. */
export function anyObjective(env: BoardEnv): { objective: Objective; nominal: NominalOutcome[] } {
  const nominal = env.spaces.points.map(() => ({ latencyS: 1e-3, energyJ: 1e-3, accuracy: 0.5 }))
  const reference = { point: 0, ...(nominal[0] as NominalOutcome) }
  return { objective: makeObjective({ kind: 'weighted', weights: defaultWeights, reference }, nominal), nominal }
}

/** `warmUp`: decisions before those that count. */
export async function runSteps(env: BoardEnv, agent: Agent, steps: number, warmUp = 0): Promise<RunSummary> {
  const { objective } = anyObjective(env)
  let start: LoopStart = await env.reset({ seed: 1 })
  if (warmUp > 0) start = await runLoop({ env, agent, objective, clock: systemClock, tally: makeTally(warmUp), start, from: 0, to: warmUp })
  const tally = makeTally(steps)
  await runLoop({ env, agent, objective, clock: systemClock, tally, start, from: warmUp, to: warmUp + steps })
  return tally.summary(env.runtime.meter.scope)
}

/** Action of the point with these knob values. */
export function pointOf(env: BoardEnv, wanted: Readonly<Record<string, string | number>>): number {
  const action = env.spaces.points.findIndex((point) => Object.entries(wanted).every(([name, value]) => point[name] === value))
  if (action < 0) throw new Error(`no operating point has ${JSON.stringify(wanted)}`)
  return action
}

export const quantile = (samples: readonly number[], p: number): number =>
  quantileSorted(
    [...samples].sort((a, b) => a - b),
    p,
  )
export const time = (seconds: number | null): string => formatQuantity(seconds, 'time')

export function print(title: string, rows: readonly (readonly string[])[], document: unknown): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? []
  const lines = rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  '))
  process.stdout.write(`${title}\n${lines.join('\n')}\n\n`)
}
