import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { makeRng } from '../../src/core/rng.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { restoreJournal } from '../../src/linux/restore.ts'
import { runFolder } from '../../src/run/folder.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard, untouchedKHz } from '../support/two-policy-board.ts'
import { type Kind, spread } from './kinds.ts'
import { asked, tell } from './settings.ts'
import { canBoundMemory, type Death, mountSmall, run, unmount } from './victim.ts'

// Real runs on a board of two clamped clusters, ended at points of their own work: afterwards every knob is as it was, the trace lost at most the line at hand, and the
// checkpoint loads. A seed names the points: the n-th change of a file,
// agent call or inference. Latencies are real, so runs of one seed are alike and not equal.

const cpus = getAffinity(0)
const steps = 300
const memoryB = 400 * 2 ** 20
const knobs = 4

let place: Workplace
let board: TwoPolicyBoard
beforeAll(async () => {
  place = makeWorkplace()
  if (cpus.length < 2) return
  board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
  await place.train(place.path('trained'), '--root', board.root, '--steps', '60')
})
afterAll(() => {
  place.remove()
  board?.remove()
})

const common = (): string[] => ['--steps', String(steps), '--rate', 'back-to-back']
const commands: Readonly<Record<string, (out: string) => string[]>> = {
  train: (out) => [
    'train',
    ...common(),
    '--network',
    place.network,
    '--root',
    board.root,
    '--deadline',
    '2x',
    '--seed',
    '3',
    '--out',
    out,
    '--force',
  ],
  record: (out) => [
    'record',
    ...common(),
    '--network',
    place.network,
    '--root',
    board.root,
    '--deadline',
    '2x',
    '--seed',
    '3',
    '--out',
    out,
    '--force',
  ],
  deploy: () => ['deploy', place.path('trained'), ...common(), '--learn'],
}

/** Complete lines that are there must be whole and in order; gives their number. Throws what is wrong. */
function linesOf(trace: string): number {
  if (!existsSync(trace)) return 0
  const text = readFileSync(trace, 'utf8')
  const lines = text.split('\n').length - 1
  // Not even the header was written: there is nothing to read yet.
  if (lines === 0) return 0
  let decisions = 0
  for (const entry of openTrace(trace).entries()) if (entry.kind === 'decision') decisions++
  expect(decisions).toBeLessThanOrEqual(lines)
  return lines
}

/** The checkpoint loads, if there is one: at worst the generation before. */
function checkCheckpoint(folder: string): void {
  for (const file of ['policy.json', 'previous/policy.json'])
    if (existsSync(join(folder, file))) expect(readCheckpoint(join(folder, file)).step).toBeGreaterThanOrEqual(0)
}

interface Point {
  readonly command: string
  readonly kind: Kind
  readonly at: number
  readonly tears: boolean
  readonly stateOnDisk: boolean
}

async function tryPoint({ command, kind, at, tears, stateOnDisk }: Point): Promise<Death & { readonly left: boolean }> {
  const disk = place.path('disk')
  // A disk of some pages: what a run writes is a few hundred kB.
  const small = kind.name === 'disk full (tmpfs)' && mountSmall(disk, 4096 * at)
  const how = kind.name === 'disk full (tmpfs)' && !small ? 'full' : kind.how
  const out = small ? join(disk, 'run') : place.path('run')
  const deployed = () => readdirSync(place.path('trained')).filter((name) => name.startsWith('deploy-'))
  const args = (commands[command] as (typeof commands)[string])(out)
  try {
    const death = await run({
      args: [...args, ...(kind.args ?? [])],
      node: kind.node ?? [],
      cwd: place.dir,
      stateDir: small && stateOnDisk ? join(disk, 'state') : place.stateDir,
      ...{ how, at: small ? Number.MAX_SAFE_INTEGER : at, tears, report: place.path('report.json') },
      ...(kind.how === 'cgroup' ? { memoryB } : {}),
    })
    const ended = death.status === 0 || (death.signal ?? death.status) === null ? undefined : (death.signal ?? death.status)
    if (ended !== undefined) expect(kind.ends, `${death.stderr}`).toContain(ended)
    if (death.status === 0) expect(death.reached && !small ? kind.how : 'SIGINT').toMatch(/^(SIG|full|count)/)
    const left = JSON.stringify(board.limits()) !== JSON.stringify(untouchedKHz)
    if (kind.restorer === 'restore') {
      const report = restoreJournal({ stateDir: place.stateDir })
      expect(report.entries.map(({ result }) => result).filter((result) => result !== 'restored' && result !== 'already')).toEqual([])
    }
    expect(board.limits()).toEqual(untouchedKHz)
    if (existsSync(place.stateDir)) expect(readdirSync(place.stateDir).filter((name) => name.endsWith('.jsonl'))).toEqual([])
    const trace = command === 'deploy' ? join(place.path('trained'), deployed().at(-1) ?? 'none', 'trace.jsonl') : join(out, 'trace.jsonl')
    const lines = linesOf(trace)
    if (death.reached) expect(lines, `whole lines before the end: ${death.lines}`).toBeGreaterThanOrEqual(death.lines)
    checkCheckpoint(command === 'deploy' ? runFolder(place.path('trained')).checkpoint : runFolder(out).checkpoint)
    return { ...death, left }
  } finally {
    if (small) unmount(disk)
    for (const name of deployed()) rmSync(place.path(`trained/${name}`), { recursive: true })
    rmSync(place.path('run'), { recursive: true, force: true })
  }
}

interface Row {
  points: number
  reached: number
  /** Points after which a clamp was still in force, until flyball restore. */
  left: number
  checked: number
  failures: string[]
}

describe('a run that is ended anywhere, in any way', () => {
  it('leaves every knob as it was, a trace and a checkpoint that can be read', { timeout: 3_600_000 }, async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const rng = makeRng(asked.seed).fork('kill')
    const bounded = canBoundMemory()
    const names = Object.keys(commands)
    // How many points of each sort an undisturbed run has.
    const ends = new Map<string, number>()
    for (const command of names)
      for (const how of ['full', 'agent', 'inference']) {
        const { points, status, stderr } = await run({
          args: (commands[command] as (typeof commands)[string])(place.path('run')),
          node: [],
          cwd: place.dir,
          stateDir: place.stateDir,
          ...{ how, at: Number.MAX_SAFE_INTEGER, tears: false, report: place.path('report.json') },
        })
        expect(status, stderr).toBe(0)
        ends.set(`${command} ${how}`, points)
      }
    const tally = new Map<string, Row>()
    // Ends of their own in the test suite, one of each kind.
    const chosen = spread(asked.tells ? asked.points : 14)
    for (const [i, kind] of chosen.entries()) {
      const row = tally.get(kind.name) ?? { points: 0, reached: 0, left: 0, checked: 0, failures: [] }
      tally.set(kind.name, row)
      const command = names[i % names.length] as string
      const of = kind.name === 'disk full (tmpfs)' ? 60 : (ends.get(`${command} ${kind.counted ?? 'full'}`) as number)
      const point = { command, kind, at: 1 + rng.int(of), tears: rng.next() < 0.5, stateOnDisk: rng.next() < 0.5 }
      if (kind.how === 'cgroup' && !bounded) continue
      row.points++
      row.checked += knobs
      try {
        const { reached, status, left } = await tryPoint(point)
        if (reached || (status ?? 1) !== 0) row.reached++
        if (left) row.left++
      } catch (error) {
        row.failures.push(`${command}, point ${point.at} of ${of}: ${(error as Error).message}`)
        // What one point left must not count against the next.
        restoreJournal({ stateDir: place.stateDir })
      }
    }
    const sum = (value: (row: Row) => number): number => [...tally.values()].reduce((total, row) => total + value(row), 0)
    tell(`runs ended at random points (seed ${asked.seed}${bounded ? '' : '; no memory control group here'})`, [
      ['end', 'points', 'of which reached', 'moved knobs left', 'knobs checked', 'failures'],
      ...[...tally].map(([name, { points, reached, left, checked, failures }]) => [name, points, reached, left, checked, failures.length]),
      [
        'all',
        sum((row) => row.points),
        sum((row) => row.reached),
        sum((row) => row.left),
        sum((row) => row.checked),
        sum((row) => row.failures.length),
      ],
    ])
    expect([...tally].flatMap(([name, { failures }]) => failures.map((failure) => `${name}: ${failure}`))).toEqual([])
  })
})
