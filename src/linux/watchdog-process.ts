import { dirname } from 'node:path'
import { errorTable, isSystemError } from '../core/errors.ts'
import { readJournal } from './journal-file.ts'
import { takeOver } from './journal-name.ts'
import { sleepSync } from './kernel-write.ts'
import { isAlive } from './process-identity.ts'
import { restoreTaken } from './restore.ts'
import type { WatchdogTask } from './watchdog.ts'

// The program of the watchdog's own process (watchdog.ts): reads beats from standard input, and puts back what the journal says when they cease.

const task = JSON.parse(process.argv[2] as string) as WatchdogTask
const { exitCode } = errorTable.ERR_STUCK
const patienceS = 1

/** Puts everything back; how many knobs, in words, or undefined when there was nothing to do: the run has done it itself. Never throws: a stuck run is ended all the same. */
function restore(): string | undefined {
  try {
    return restoreOrThrow()
  } catch (error) {
    return `kernel knobs could not be put back (${(error as Error).message})`
  }
}

function restoreOrThrow(): string | undefined {
  const path = takeOver(dirname(task.journal), { path: task.journal })
  if (path === undefined) return undefined
  const { entries, notes } = restoreTaken(path)
  const failed = entries.filter(({ result }) => result === 'failed').length
  const back = entries.length - failed
  for (const note of notes) say(note)
  return failed === 0 ? `${back} kernel knobs are as they were` : `${back} kernel knobs are as they were, ${failed} are not: run flyball restore`
}

function say(text: string): void {
  process.stderr.write(`flyball: ${text}\n`)
}

/** SIGALRM ends it with the status of ERR_STUCK (end-signal.ts); a stopped process takes signals only once it goes on. */
function end(): void {
  for (const signal of ['SIGALRM', 'SIGCONT', 'SIGKILL'] as const) {
    if (!isAlive(task)) return
    try {
      process.kill(task.pid, signal)
    } catch (error) {
      if (!isSystemError(error, 'ESRCH')) throw error
      return
    }
    if (signal === 'SIGALRM') continue
    for (let waitedS = 0; isAlive(task) && waitedS < patienceS; waitedS += 0.01) sleepSync(0.01)
  }
}

function stuck(): never {
  const done = restore()
  if (done === undefined) process.exit(0)
  const whom = `process ${task.pid} did not move for more than ${task.silenceS} s (inference, agent or event loop)`
  if (task.ends) {
    end()
    say(`${whom}: ${done}, and it was ended with status ${exitCode} [ERR_STUCK]`)
  } else {
    say(`${whom}: ${done}, and stay so`)
    process.stdout.write('restored\n')
  }
  process.exit(0)
}

/** The run has ended, or was killed. What it left on purpose stays. */
function alone(): never {
  let keeps = false
  try {
    keeps = readJournal(task.journal).records.some(({ keep }) => keep !== undefined)
  } catch {
    // It is gone: the run put everything back.
  }
  const done = keeps ? undefined : restore()
  if (done !== undefined) say(`process ${task.pid} was killed: ${done}`)
  process.exit(0)
}

// Who ends the run in order ends this too; who ends both at once leaves the rest to flyball restore.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
let beats = 0
let seen = 0
process.stdin.on('data', () => {
  beats++
})
process.stdin.once('end', alone)
process.stdin.once('error', alone)
const check = (): void => {
  // Beats that waited while this process did not run count: look once more after they were read.
  const before = beats
  setTimeout(() => {
    if (beats !== seen || beats !== before) {
      seen = beats
      setTimeout(check, task.silenceS * 1000)
    } else stuck()
  }, 50)
}
setTimeout(check, task.silenceS * 1000)
