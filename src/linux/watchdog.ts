import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../core/clock.ts'
import { compiledUrl } from '../core/compiled-url.ts'
import { endWithStatusOnAlarm } from './end-signal.ts'
import { ownIdentity } from './process-identity.ts'

/** How a governor is watched. */
export interface WatchOptions {
  /** A governor that does not move for so long is stuck, s; it is noticed after half of it at the earliest. */
  readonly limitS: number
  /** True: a stuck process is ended, with the status of ERR_STUCK. False: its knobs are put back, and it is told. */
  readonly ends: boolean
  /** For how long the governor has been at one decision, s; 0 while it waits for a request. */
  busyS(): number
  /** Everything was put back by the watchdog; entries refuse writes from now on. */
  onRestored(): void
  onProblem(message: string): void
}

/** What the watchdog's own process is told at its start. */
export interface WatchdogTask {
  readonly pid: number
  readonly startTime: string
  readonly journal: string
  /** Without a beat for so long, it acts, s. */
  readonly silenceS: number
  readonly ends: boolean
}

/**
 * A process of its own that knows the journal and puts the knobs back when this process is stuck, stopped or dead. A timer of the event loop beats for it as long as
 * no governor is at one decision for more than half the limit; after as much silence it acts. A decision costs nothing. It ends with this process.
 */
export interface Watchdog {
  join(watched: WatchOptions): void
  leave(watched: WatchOptions): void
  /** False once the watchdog may have acted: whoever writes then would undo what it put back. No allocation. */
  mayWrite(): boolean
  /** Everything was put back, or left on purpose. */
  end(): void
}

const beatsPerSilence = 4

/** `inherited`: descriptors that the watchdog shares, so that what they lock stays locked until it has ended. */
export function startWatchdog(journal: string, first: WatchOptions, inherited: readonly number[] = []): Watchdog {
  const silenceS = first.limitS / 2
  const watched = new Set<WatchOptions>()
  const untilS = new Float64Array([systemClock.now() + silenceS])
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined

  const stop = (): void => {
    clearInterval(timer)
    child = undefined
  }

  const beat = (): void => {
    for (const { busyS } of watched) if (busyS() > silenceS) return
    // Counted from before the beat is sent: the watchdog counts from its arrival, so this side is always the more careful one.
    untilS[0] = systemClock.now() + silenceS
    child?.stdin?.write('.')
  }

  const restored = (): void => {
    untilS[0] = Number.NEGATIVE_INFINITY
    stop()
    first.onRestored()
  }

  const lost = (why: string): void => {
    if (child === undefined) return
    stop()
    untilS[0] = Number.POSITIVE_INFINITY
    first.onProblem(`the watchdog ended (${why}): flyball restore puts clocks back should this process be killed`)
  }

  try {
    const task: WatchdogTask = { ...ownIdentity(), journal, silenceS, ends: first.ends }
    // A session of its own: Ctrl-C is for the run, which ends in order. Its words go where the run's go.
    const started = spawn(
      process.execPath,
      ['--max-old-space-size=32', fileURLToPath(compiledUrl('src/linux/watchdog-process.js')), JSON.stringify(task)],
      {
        cwd: '/',
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit', ...inherited],
      },
    )
    child = started
    if (first.ends) endWithStatusOnAlarm()
    started.once('error', (error) => lost(error.message))
    started.once('exit', (status, signal) => lost(signal ?? `status ${status}`))
    started.stdin?.on('error', () => {})
    started.stdout?.once('data', restored)
    // None of them keeps this process alive.
    started.unref()
    for (const stream of [started.stdin, started.stdout] as unknown as { unref(): void }[]) stream.unref()
    timer = setInterval(beat, (silenceS * 1000) / beatsPerSilence)
    timer.unref()
  } catch (error) {
    child = undefined
    first.onProblem(`no watchdog could be started (${(error as Error).message}): flyball restore puts clocks back should this process be killed`)
  }

  return {
    join(options) {
      watched.add(options)
    },
    leave(options) {
      watched.delete(options)
    },
    mayWrite: () => (child === undefined ? untilS[0] !== Number.NEGATIVE_INFINITY : systemClock.now() < (untilS[0] as number)),
    end() {
      const ending = child
      stop()
      ending?.stdin?.end()
      ending?.stdout?.destroy()
    },
  }
}
