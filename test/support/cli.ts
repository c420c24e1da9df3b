import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describeError } from '../../src/cli/fail.ts'
import { writeSmallNetworkTo } from './small-network.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess & { readonly pid: number }
  readonly ended: Promise<Ended>
  /** Of standard error, so far. */
  readonly stderr: () => string
}

export interface Workplace {
  readonly dir: string
  /** A small network. */
  readonly network: string
  readonly stateDir: string
  path(name: string): string
  /** Calls the compiled command line as a user would. */
  run(...args: string[]): Promise<Ended>
  /** From another working directory. */
  runIn(cwd: string, ...args: string[]): Promise<Ended>
  start(...args: string[]): Started
  /** As another user. */
  startAs(uid: number, ...args: string[]): Started
  /** A short run: the small network, requests back to back, so that no test waits for a request. Throws unless it ends well. */
  train(out: string, ...args: string[]): Promise<Ended>
  remove(): void
}

/** A folder with a network, and a command line whose undo journal lies there too. */
export function makeWorkplace(): Workplace {
  const dir = mkdtempSync(join(tmpdir(), 'flyball-cli-'))
  const network = join(dir, 'network')
  const stateDir = join(dir, 'state')
  writeSmallNetworkTo(network)
  const running = new Set<ChildProcess>()

  const startIn = (cwd: string, uid: number | undefined, ...args: string[]): Started => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...process.env, FLYBALL_STATE_DIR: stateDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
    })
    running.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status, signal) => {
        running.delete(child)
        resolve({ status, signal, stdout, stderr })
      })
    })
    return { child: child as Started['child'], ended, stderr: () => stderr }
  }
  const start = (...args: string[]): Started => startIn(dir, undefined, ...args)
  const run = (...args: string[]): Promise<Ended> => start(...args).ended

  return {
    dir,
    network,
    stateDir,
    path: (name) => join(dir, name),
    run,
    runIn: (cwd, ...args) => startIn(cwd, undefined, ...args).ended,
    start,
    startAs: (uid, ...args) => startIn(dir, uid, ...args),
    async train(out, ...args) {
      const ended = await run(
        'train',
        '--network',
        network,
        '--rate',
        'back-to-back',
        '--steps',
        '40',
        '--seed',
        '3',
        '--deadline',
        '2x',
        '--out',
        out,
        ...args,
      )
      if (ended.status !== 0) throw new Error(`train ended with ${ended.status}: ${ended.stderr}`)
      return ended
    },
    remove() {
      for (const child of running) child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** How a call ends that must be refused before anything is started, without a process of its own. Throws where it is not refused. */
export async function refusalOf(command: Command, ...args: string[]): Promise<ReturnType<typeof describeError>> {
  try {
    await command
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .parseAsync(args, { from: 'user' })
  } catch (error) {
    return describeError(error)
  }
  throw new Error(`not refused: ${args.join(' ')}`)
}

/** Every file below a folder, none when it is not there. */
export function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
