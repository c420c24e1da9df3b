/** Holds what happened until somebody asks. */
export interface Mailbox<T> {
  put(one: T): void
  /** What came since this was asked last, in order; no allocation where nothing came. */
  take(): readonly T[]
}

export function makeMailbox<T>(): Mailbox<T> {
  let waiting: T[] = []
  return {
    put: (one) => void waiting.push(one),
    take() {
      if (waiting.length === 0) return waiting
      const taken = waiting
      waiting = []
      return taken
    },
  }
}
