import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const preload = new URL('preload.mjs', import.meta.url).href

export interface Victim {
  readonly args: readonly string[]
  readonly node: readonly string[]
  readonly cwd: string
  readonly stateDir: string
  readonly how: string
  readonly at: number
  readonly tears: boolean
  /** File of what the preloaded program knew at the end. */
  readonly report: string
  /** A control group of this memory, B. */
  readonly memoryB?: number
}

export interface Death {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** Whole lines of the trace that had been written; points that it came past; whether the one asked for was reached. */
  readonly lines: number
  readonly points: number
  readonly reached: boolean
}

/** Runs the compiled command line with something that happens to it. Resolves when it, and whoever shares its standard error, has ended. */
export async function run(victim: Victim): Promise<Death> {
  const { how, at, tears, report, memoryB } = victim
  rmSync(report, { force: true })
  const group = memoryB === undefined ? undefined : makeGroup(memoryB)
  const program = [...victim.node, '--import', preload, main, ...victim.args]
  // A process moves itself into the group before it becomes Node, so that all of its memory counts.
  const [command, args] =
    group === undefined
      ? [process.execPath, program]
      : ['sh', ['-c', 'echo $$ > "$0"; shift 0; exec "$@"', `${group}/cgroup.procs`, process.execPath, ...program]]
  const child = spawn(command, args, {
    cwd: victim.cwd,
    env: { ...process.env, FLYBALL_STATE_DIR: victim.stateDir, KILL_PLAN: JSON.stringify({ how, at, tears, report, dist }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr?.on('data', (text) => {
    stderr += text
  })
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, name) => resolve([code, name])),
  )
  if (group !== undefined) removeGroup(group)
  const told = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Pick<Death, 'lines' | 'points' | 'reached'>) : undefined
  return { status, signal, stderr, ...(told ?? { lines: 0, points: 0, reached: false }) }
}

const memory = '/sys/fs/cgroup/memory'
const unified = '/sys/fs/cgroup'
let made = 0

/** Whether a control group can bound memory here. */
export function canBoundMemory(): boolean {
  try {
    removeGroup(makeGroup(1 << 30))
    return true
  } catch {
    return false
  }
}

function makeGroup(limitB: number): string {
  const v1 = existsSync(memory)
  const group = `${v1 ? memory : unified}/flyball-kill-${process.pid}-${made++}`
  mkdirSync(group)
  writeFileSync(`${group}/${v1 ? 'memory.limit_in_bytes' : 'memory.max'}`, String(limitB))
  return group
}

function removeGroup(group: string): void {
  for (let tries = 50; tries > 0; tries--) {
    try {
      rmdirSync(group)
      return
    } catch {
      execFileSync('sleep', ['0.05'])
    }
  }
}

/** A file system of its own and of this size at `path`; false where this user may not. */
export function mountSmall(path: string, sizeB: number): boolean {
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeB}`, 'none', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export function unmount(path: string): void {
  execFileSync('umount', [path])
}
