// What comes, or comes back, does so in seconds; what does not is looked for once a minute.
export const firstRetryS = 1
export const longestRetryS = 60

/**
 * Looks for something that was not there when a run began: a second after the first call, then less and less often, up to once a minute. Only in `tend`, when nobody waits for an answer, as `find`
 * reads folders.
 */
export interface LateLook<T> {
  /** What was found just now; undefined most of the time. Finds once. */
  tend(nowS: number): T | undefined
}

export function makeLateLook<T>(find: () => T | undefined): LateLook<T> {
  let retryS = firstRetryS
  let dueS = Number.NaN
  let found = false
  return {
    tend(nowS) {
      if (Number.isNaN(dueS)) dueS = nowS + firstRetryS
      if (found || nowS < dueS) return undefined
      const one = find()
      found = one !== undefined
      retryS = Math.min(longestRetryS, 2 * retryS)
      dueS = nowS + retryS
      return one
    },
  }
}
