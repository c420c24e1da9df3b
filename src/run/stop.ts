import type { Interruption } from '../trace/draft.ts'

/** Whether somebody asked the run to end: Ctrl-C, a terminate signal, or the application. */
export interface Stop {
  readonly requested: () => string | undefined
  /** Aborted when somebody does. */
  readonly signal: AbortSignal
  /** Stops listening. */
  release(): void
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal asks the run to end after the decision at hand, with everything saved and restored. A second one ends the process at once: what
 * is put back on exit (clocks, co-runners) still is, the last decisions are not saved.
 */
export function listenForStop(): Stop {
  let requested: string | undefined
  const asked = new AbortController()
  const handler = (signal: NodeJS.Signals): void => {
    if (requested !== undefined) process.exit(130)
    requested = signal
    asked.abort()
  }
  for (const signal of signals) process.on(signal, handler)
  return {
    requested: () => requested,
    signal: asked.signal,
    release() {
      for (const signal of signals) process.removeListener(signal, handler)
    },
  }
}

/** Work on files that ends at the first signal and leaves nothing half-written. */
export async function interruptibly<T>(work: (interruption: Interruption) => Promise<T>): Promise<T> {
  const { signal, release } = listenForStop()
  try {
    return await work({ signal, turn: () => new Promise((resolve) => setImmediate(resolve)) })
  } finally {
    release()
  }
}
