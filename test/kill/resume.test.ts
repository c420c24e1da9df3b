import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRng, type Rng } from '../../src/core/rng.ts'
import type { RunEvents } from '../../src/run/events.ts'
import { runFolder } from '../../src/run/folder.ts'
import { findGrounds } from '../../src/run/grounds/open.ts'
import type { GroundSpec } from '../../src/run/grounds/spec.ts'
import { groundRun, resumeOnGround, trainOnGround } from '../../src/run/train-on-ground.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { watchChanges } from './fs-points.mjs'
import { asked, tell } from './settings.ts'
import { run } from './victim.ts'

// A run on a table or in a simulation that is killed anywhere and resumed ends in the same bytes as one that was never stopped.

const events: RunEvents = { note() {}, progress() {}, stopped: () => undefined }
const steps = 620
const agents = ['q-learning', 'linucb', 'thompson', 'bayes']
const seed = 5

let place: Workplace
let dir: string
let grounds: GroundSpec[]
beforeAll(async () => {
  place = makeWorkplace()
  dir = mkdtempSync(join(tmpdir(), 'flyball-resume-'))
  const table = place.path('tables/mine.json')
  const profiled = await place.run(
    'profile',
    '--network',
    place.network,
    '--rate',
    'back-to-back',
    '--virtual',
    'none',
    '--rounds',
    '3',
    '--out',
    table,
  )
  if (profiled.status !== 0) throw new Error(profiled.stderr)
  const tables = { tables: [place.path('tables')], noiseRatio: 0.03 }
  grounds = [
    ...findGrounds(['sim:odroid-xu4@corunner-mix', 'sim:raspberry-pi-4@budget-change']),
    ...findGrounds(['table:mine@noisy-sensors', 'table:mine@core-loss'], tables),
  ]
})
afterAll(() => {
  place.remove()
  rmSync(dir, { recursive: true, force: true })
})

const request = (agent: string, out: string) => ({
  agent,
  agentOptions: {},
  wish: { deadline: { times: 1.5 } },
  steps,
  seed,
  out,
  existing: 'force' as const,
})

/** What must come out the same: all but when it was. */
function outcomeOf(out: string): string[] {
  const { trace, checkpoint } = runFolder(out)
  return [trace, join(checkpoint, 'policy.json')].map((file) => readFileSync(file, 'utf8').replace(/"createdAt":"[^"]*"/, ''))
}

/** Runs, and is dead from the change `at` on: no later one reaches the disk. Gives how many there were. */
async function runUntil(at: number, tears: boolean, run: () => Promise<unknown>): Promise<number> {
  let changes = 0
  const undo = watchChanges((count, tear) => {
    if (count < at) {
      changes = count
      return
    }
    if (count === at && tears) tear()
    throw new Error('dead')
  })
  try {
    await run()
  } catch (error) {
    if (!/dead/.test((error as Error).message)) throw error
  } finally {
    undo()
  }
  return changes
}

describe('a run that is killed anywhere', () => {
  it('goes on to the same bytes', { timeout: 3_600_000 }, async () => {
    const rng = makeRng(asked.seed).fork('resume')
    const reference = new Map<string, { outcome: string[]; changes: number }>()
    const tally = new Map<string, { points: number; anew: number; twice: number; differing: number }>()
    for (let point = 0; point < asked.points; point++) {
      const ground = grounds[point % grounds.length] as GroundSpec
      const agent = agents[Math.floor(point / grounds.length) % agents.length] as string
      const key = `${ground.kind}:${ground.kind === 'sim' ? ground.source : 'mine'}@${ground.scenario} ${agent}`
      const out = join(dir, 'run')
      let known = reference.get(key)
      if (known === undefined) {
        rmSync(out, { recursive: true, force: true })
        const changes = await runUntil(Number.POSITIVE_INFINITY, false, () => trainOnGround({ ...request(agent, out), ground }, events))
        known = { outcome: outcomeOf(out), changes }
        reference.set(key, known)
      }
      rmSync(out, { recursive: true, force: true })
      const row = tally.get(key) ?? { points: 0, anew: 0, twice: 0, differing: 0 }
      tally.set(key, row)
      row.points++
      const at = 1 + Math.floor(rng.next() * known.changes)
      await runUntil(at, rng.next() < 0.5, () => trainOnGround({ ...request(agent, out), ground }, events))
      const resume = async (): Promise<unknown> => {
        if (existsSync(runFolder(out).settings) && groundRun(runFolder(out)) !== undefined) return resumeOnGround(request(agent, out), events)
        row.anew++
        return trainOnGround({ ...request(agent, out), ground }, events)
      }
      // One in three is killed again while it is resumed.
      if (rng.next() < 1 / 3) {
        row.twice++
        await runUntil(1 + Math.floor(rng.next() * 300), true, resume)
      }
      await resume()
      const same = outcomeOf(out).every((text, i) => text === known.outcome[i])
      if (!same) row.differing++
      expect(same, `${key}, killed at change ${at} of ${known.changes}`).toBe(true)
    }
    const real = await killReally(Math.max(2, Math.round(asked.points / 20)), rng, reference)
    tell('resumed after a kill, to the last bit (in process: nothing reaches the disk from the kill point on)', [
      ['environment, agent', 'kill points', 'killed twice', 'before run.json', 'differing'],
      ...[...tally].map(([key, { points, twice, anew, differing }]) => [key, points, twice, anew, differing]),
      ['all', asked.points, ...(['twice', 'anew', 'differing'] as const).map((name) => [...tally.values()].reduce((sum, row) => sum + row[name], 0))],
      ['real processes, killed with SIGKILL', real.points, 0, real.anew, real.differing],
    ])
    expect(real.differing).toBe(0)
  })
})

/** The same with the compiled command line and a real SIGKILL, which may tear the line at hand. */
async function killReally(points: number, rng: Rng, reference: ReadonlyMap<string, { outcome: string[]; changes: number }>) {
  const result = { points, anew: 0, differing: 0 }
  const keys = [...reference.keys()]
  for (let point = 0; point < points; point++) {
    const key = keys[rng.int(keys.length)] as string
    const known = reference.get(key) as { outcome: string[]; changes: number }
    const [env, agent] = key.split(' ') as [string, string]
    const out = join(dir, 'real')
    rmSync(out, { recursive: true, force: true })
    const tables = env.startsWith('table:') ? ['--tables', place.path('tables'), '--noise', '3%'] : []
    const args = [
      'train',
      '--env',
      env,
      ...tables,
      '--agent',
      agent,
      '--steps',
      String(steps),
      '--deadline',
      '1.5x',
      '--seed',
      String(seed),
      '--out',
      out,
    ]
    const at = 1 + rng.int(known.changes)
    const plan = { how: 'SIGKILL', at, tears: true, report: join(dir, 'report.json') }
    const death = await run({ args, node: [], cwd: place.dir, stateDir: place.stateDir, ...plan })
    expect(death.signal).toBe('SIGKILL')
    const again = existsSync(runFolder(out).settings) ? ['train', '--resume', '--steps', String(steps), '--out', out] : args
    if (again === args) result.anew++
    const ended = await place.run(...again)
    expect(ended.status, ended.stderr).toBe(0)
    if (outcomeOf(out).some((text, i) => text !== known.outcome[i])) result.differing++
  }
  return result
}
