import type { OpenSensor, SensorSource } from './sensor-source.ts'

/**
 * Keeps a sensor open, and opens it again when its device has gone or gets another number. Looks for it by label, which reads folders: only in `tend`, when nobody
 * waits for an answer.
 */
export interface Probe {
  /** NaN where there is none. */
  read(): number
  readonly source: SensorSource | undefined
  /** Grows when another source was opened: what it counts begins anew. */
  readonly opened: number
  /** Between requests. `doubt`: what it reads may be that of a device that has gone. */
  tend(nowS: number, doubt: boolean): void
  close(): void
}

// A device that comes back does so in seconds; one that does not is looked for once a minute.
const firstRetryS = 1
const longestRetryS = 60

export function makeProbe(open: OpenSensor): Probe {
  let source = open()
  let opened = 1
  let retryS = firstRetryS
  let dueS = Number.NEGATIVE_INFINITY
  let doubted = false
  let closed = false

  // Also where it still answers: the descriptor of a file that is gone may go on saying what it said last.
  const reopen = (): void => {
    source?.close()
    source = open()
    if (source !== undefined) opened++
  }

  return {
    read: () => source?.read() ?? Number.NaN,
    get source() {
      return source
    },
    get opened() {
      return opened
    },
    tend(nowS, doubt) {
      if (closed) return
      if (!doubt) {
        doubted = false
        retryS = firstRetryS
        return
      }
      if (!doubted) {
        doubted = true
        dueS = nowS + firstRetryS
      }
      if (nowS < dueS) return
      reopen()
      retryS = Math.min(longestRetryS, 2 * retryS)
      dueS = nowS + retryS
    },
    close() {
      closed = true
      source?.close()
      source = undefined
    },
  }
}
