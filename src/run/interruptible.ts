import type { Env } from '../core/env.ts'

/** Steps between two looks at whether a signal has come. */
const listenPeriod = 500

/** An environment that answers at once never waits, and nobody would be heard: this one lets the event loop turn now and then. */
export function interruptible(env: Env): Env {
  let steps = 0
  return {
    spaces: env.spaces,
    reset: (options) => env.reset(options),
    step(action) {
      const step = env.step(action)
      return ++steps % listenPeriod === 0 ? new Promise((resolve) => setImmediate(() => resolve(step))) : step
    },
    get dropped() {
      return env.dropped ?? 0
    },
    ...(env.guard === undefined ? {} : { guard: env.guard }),
    close: () => env.close(),
  }
}
