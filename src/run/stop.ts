/** Whether somebody asked the run to end: Ctrl-C, a terminate signal, or the application. */
export interface Stop {
  readonly requested: () => string | undefined
  /** Stops listening. */
  release(): void
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal asks the run to end after the decision at hand, with everything saved and restored; a second one of the same kind finds
 * the handler gone and ends the process at once, which leaves restoring to `flyball restore`.
 */
export function listenForStop(): Stop {
  let requested: string | undefined
  const handlers = signals.map((signal) => {
    const handler = (): void => {
      requested ??= signal
      process.removeListener(signal, handler)
    }
    process.on(signal, handler)
    return [signal, handler] as const
  })
  return {
    requested: () => requested,
    release() {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler)
    },
  }
}
