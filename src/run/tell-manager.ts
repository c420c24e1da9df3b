import type { ServiceNotifier } from '../linux/sd-notify.ts'

/** What a service manager hears of a run. */
export interface Told {
  /** It governs from now on; as long as it moves, the manager's watchdog hears so. */
  ready(): void
  /** It is about to end. */
  stopping(): void
}

/** `busyS`: for how long the run has been at one decision, s. Undefined notifier: nobody listens. */
export function tellManager(notifier: ServiceNotifier | undefined, busyS: () => number): Told {
  let timer: NodeJS.Timeout | undefined
  return {
    ready() {
      notifier?.send('READY=1')
      const limitS = notifier?.watchdogS
      if (limitS === undefined) return
      // Twice as often as is asked, as sd_watchdog_enabled(3) advises.
      timer = setInterval(() => {
        if (busyS() < limitS / 2) notifier?.send('WATCHDOG=1')
      }, limitS * 500)
      timer.unref()
    },
    stopping() {
      clearInterval(timer)
      notifier?.send('STOPPING=1')
      notifier?.close()
    },
  }
}
