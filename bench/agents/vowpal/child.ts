import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Agent } from '../../../src/core/agent.ts'
import type { Spaces } from '../../../src/core/spaces.ts'
import { packageRoot } from '../../../src/run/shipped.ts'
import { type Answer, parseAnswer } from './answer.ts'
import { actionLines, sharedLine } from './words.ts'

/** A setting of Vowpal Wabbit: its command line, and whether every point has a name of its own. */
export interface VowpalSetting {
  readonly name: string
  readonly args: string
  readonly ids: boolean
}

export interface Vowpal {
  /** A learner that knows nothing yet; the one before it ends. Times are added to `times`. */
  begin(setting: VowpalSetting, spaces: Spaces, seed: number, times: Answer[]): Pick<Agent, 'act' | 'learn'>
  close(): void
}

/** Undefined where Python has the package, else why it cannot run. */
export function whyAbsent(python: string): string | undefined {
  const { status, stderr, error } = spawnSync(python, ['-c', 'import vowpalwabbit'], { encoding: 'utf8' })
  if (status === 0) return undefined
  return `${error?.message ?? stderr.trim().split('\n').at(-1)} (pip install vowpalwabbit)`
}

export function startVowpal(python: string): Vowpal {
  const child = spawn(python, [join(packageRoot(), 'bench/agents/vowpal/vowpal.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line))
  let closed = false
  child.on('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`vowpal.py ended with status ${code}`))
  })
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`)
  const ask = (message: object): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      send(message)
    })
  const end = (): void => void child.kill()
  process.on('exit', end)

  return {
    begin({ args, ids }, spaces, seed, times) {
      send({ op: 'begin', args, seed, actions: actionLines(spaces, ids) })
      // Nobody knows what a high cost is: the first is the unit.
      let unit = Number.NaN
      return {
        async act(observation, mask) {
          const allowed = Array.from(mask.keys()).filter((a) => mask[a] === 1)
          const answer = parseAnswer(await ask({ op: 'act', shared: sharedLine(spaces, observation), allowed }), spaces.points.length)
          times.push(answer)
          return { action: answer.action, propensity: answer.propensity, greedy: answer.action, epsilon: 0 }
        },
        learn({ cost }) {
          if (!Number.isFinite(cost)) return
          if (Number.isNaN(unit)) unit = cost
          send({ op: 'learn', cost: cost / unit })
        },
      }
    },
    close() {
      if (closed) return
      closed = true
      process.removeListener('exit', end)
      child.stdin.end()
      child.kill()
    },
  }
}
