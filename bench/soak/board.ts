import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/core/clock.ts'
import type { DeployResult } from '../../src/run/deploy.ts'
import type { Stop } from '../../src/run/stop.ts'
import { tracePartsOf } from '../../src/trace/parts.ts'
import type { Sample } from './judge.ts'
import { children, descriptors, residentB, writtenB } from './process-files.ts'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

export interface BoardSoak {
  readonly run: string
  readonly durationS: number
  readonly sampleS: number
  /** Further words of the command: `--rate 30 --interfere …`. */
  readonly words: readonly string[]
}

export interface BoardSoakResult {
  readonly samples: readonly Sample[]
  readonly result: DeployResult
  /** Of the trace, all parts together, and of all write calls of the process; B. */
  readonly traceB: number
  readonly writtenB: number
  /** Descriptors at the end that were not there after the warm-up: what they are. */
  readonly newDescriptors: readonly string[]
  /** Processes that it started and that outlived it. */
  readonly leftProcesses: readonly number[]
}

/** A run to deploy, made in a folder that `remove` takes away. */
export function trainRun(words: readonly string[]): { run: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'flyball-soak-'))
  const run = join(folder, 'run')
  const { status, stderr } = spawnSync(process.execPath, [main, 'train', '--out', run, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return { run, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** `flyball deploy` as a user starts it, looked at from outside until its time is up or somebody asks for the end. */
export async function soakBoard({ run, durationS, sampleS, words }: BoardSoak, warmUpS: number, stop: Stop): Promise<BoardSoakResult> {
  const startS = systemClock.now()
  const deploy = spawn(process.execPath, [main, 'deploy', run, '--json', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const pid = deploy.pid as number
  const output = collect(deploy)
  const samples: Sample[] = []
  let warm: Map<number, string> | undefined
  let last = new Map<number, string>()
  let started: number[] = []
  let bytes = 0
  for (let nextS = sampleS; stop.requested() === undefined && deploy.exitCode === null; nextS += sampleS) {
    await sleepUntil(startS + Math.min(nextS, durationS), stop.signal)
    const timeS = systemClock.now() - startS
    const memoryB = residentB(pid)
    const open = descriptors(pid)
    if (memoryB === undefined || open === undefined) break
    samples.push({ timeS, residentB: memoryB, descriptors: open.size })
    last = open
    if (timeS >= warmUpS) warm ??= open
    started = children(pid)
    bytes = writtenB(pid) ?? bytes
    process.stderr.write(`${(timeS / 60).toFixed(1)} min: ${(memoryB / 2 ** 20).toFixed(1)} MiB, ${open.size} descriptors\n`)
    if (timeS >= durationS) break
  }
  deploy.kill('SIGINT')
  const { stdout, stderr } = await output
  if (stdout.trim() === '') throw new Error(`deploy ended without a result: ${stderr.split('\n').slice(-5).join('\n')}`)
  const result = JSON.parse(stdout) as DeployResult
  const traceB = result.trace === null ? 0 : tracePartsOf(result.trace).reduce((sum, file) => sum + statSync(file).size, 0)
  return {
    samples,
    result,
    traceB,
    writtenB: bytes,
    newDescriptors: beyond(warm ?? last, last),
    leftProcesses: started.filter((child) => residentB(child) !== undefined),
  }
}

async function sleepUntil(timeS: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, Math.max(0, timeS - systemClock.now()) * 1000)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
  })
}

function collect(child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    // Of hours of progress only the end is of use.
    stderr = (stderr + chunk).slice(-4096)
  })
  return new Promise((resolve) => child.once('close', () => resolve({ stdout, stderr })))
}

/** What is open now more often than before. */
function beyond(before: Map<number, string>, now: Map<number, string>): string[] {
  const left = [...before.values()]
  return [...now.values()].filter((name) => {
    const at = left.indexOf(name)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}
