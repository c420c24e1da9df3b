import { type ChildProcess, fork } from 'node:child_process'
import { compiledUrl } from '../../src/core/compiled-url.ts'
import { FlyballError } from '../../src/core/errors.ts'
import type { Rng } from '../../src/core/rng.ts'
import { parsePositive } from '../../src/core/units.ts'
import { checkAllowed, parseCores } from './cores.ts'

/** Real co-runners: `count` busy processes with a duty cycle, in bursts, pinned, optionally on another core each burst. */
export interface CoRunnerSpec {
  readonly count: number
  /** Share of a core each takes while on, in (0, 1]. */
  readonly dutyRatio: number
  /** Cores they may use; undefined: all that this process may use. */
  readonly cpus?: readonly number[]
  /** Length of bursts and pauses, s; onS undefined: always on. */
  readonly onS?: number
  readonly offS?: number
  /** Each burst one core further in the list. */
  readonly move: boolean
}

const form = 'cpu:COUNT@DUTY[,cpus=LIST][,on=TIME,off=TIME][,move], e.g. cpu:1@0.8,cpus=0+1,on=3s,off=3s,move'

/** Parses `--interfere`; lists of cores use + between them (`0+2-3`), because the comma separates fields. Throws ERR_USAGE, ERR_RANGE or ERR_UNIT. */
export function parseInterfere(text: string, where = '--interfere'): CoRunnerSpec {
  const [head = '', ...fields] = text.split(',')
  const [, countText, dutyText] = /^cpu:(\d+)@(\d*\.?\d+)$/.exec(head) ?? []
  const count = Number(countText)
  const dutyRatio = Number(dutyText)
  if (countText === undefined || dutyText === undefined) throw new FlyballError('ERR_USAGE', `${where}: '${text}' is no co-runner, expected ${form}`)
  if (count < 1 || count > 64) throw new FlyballError('ERR_RANGE', `${where}: ${count} processes, expected 1 to 64`)
  if (!(dutyRatio > 0 && dutyRatio <= 1)) throw new FlyballError('ERR_RANGE', `${where}: a duty of ${dutyText}, expected above 0 and at most 1`)
  let spec: CoRunnerSpec = { count, dutyRatio, move: false }
  for (const field of fields) spec = { ...spec, ...parseField(field, where) }
  if ((spec.onS === undefined) !== (spec.offS === undefined))
    throw new FlyballError('ERR_USAGE', `${where}: on and off go together, expected ${form}`)
  return spec
}

function parseField(field: string, where: string): Partial<CoRunnerSpec> {
  const [name, value] = field.split('=') as [string, string?]
  if (name === 'move' && value === undefined) return { move: true }
  if (name === 'on' && value !== undefined) return { onS: parsePositive(value, 'time', `${where} on`) }
  if (name === 'off' && value !== undefined) return { offS: parsePositive(value, 'time', `${where} off`) }
  if (name === 'cpus' && value !== undefined) return { cpus: parseCores(value, `${where} cpus`) }
  throw new FlyballError('ERR_USAGE', `${where}: unknown field '${field}', expected ${form}`)
}

/** What a co-runner process is told on its command line. */
export interface CoRunnerTask {
  readonly cpus: readonly number[]
  readonly dutyRatio: number
  readonly onS: number | null
  readonly offS: number
  readonly phaseS: number
  /** Which core of the list the first burst takes. */
  readonly start: number
  readonly move: boolean
}

/** The tasks of a spec: the phase within a burst and the first core come from the seed. */
export function planCoRunners(spec: CoRunnerSpec, allowed: readonly number[], rng: Rng): CoRunnerTask[] {
  const cpus = spec.cpus ?? allowed
  checkAllowed(cpus, allowed, '--interfere cpus')
  const cycleS = (spec.onS ?? 0) + (spec.offS ?? 0)
  const phaseS = rng.next() * cycleS
  const first = rng.int(cpus.length)
  return Array.from({ length: spec.count }, (_, i) => ({
    cpus,
    dutyRatio: spec.dutyRatio,
    onS: spec.onS ?? null,
    offS: spec.offS ?? 0,
    phaseS,
    start: first + i,
    move: spec.move,
  }))
}

export interface CoRunners {
  readonly pids: readonly number[]
  /** Ends every process; idempotent. They also end by themselves when this process is gone. */
  stop(): void
}

/** Starts the processes and waits until each has reported that it runs. */
export async function startCoRunners(tasks: readonly CoRunnerTask[]): Promise<CoRunners> {
  const children: ChildProcess[] = []
  const stop = (): void => {
    for (const child of children) child.kill('SIGKILL')
    globalThis.process.removeListener('exit', stop)
  }
  globalThis.process.on('exit', stop)
  try {
    const ready = tasks.map((task) => {
      const child = fork(compiledUrl('envs/board/co-runner.js'), [JSON.stringify(task)], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [],
      })
      children.push(child)
      return new Promise<void>((resolve, reject) => {
        child.once('message', () => {
          // The channel would keep this process alive; its end tells the child nothing that the parent's death does not.
          child.channel?.unref()
          child.unref()
          resolve()
        })
        child.once('error', reject)
        child.once('exit', (code) =>
          reject(new FlyballError('ERR_AFFINITY', `a co-runner ended at once with status ${code}: is core ${task.cpus.join(', ')} usable?`)),
        )
      })
    })
    await Promise.all(ready)
  } catch (error) {
    stop()
    throw error
  }
  return { pids: children.map((child) => child.pid as number), stop }
}
