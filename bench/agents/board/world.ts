import { makeRng } from '../../../src/core/rng.ts'

// Bursts long enough to be noticed (the load of a core is told over 100 ms), and some of them in every block.
const burstS = [0.6, 2] as const
const pauseS = [0.1, 0.6] as const
const duty = [0.7, 1] as const

/** The co-runner of a world in the words of `--interfere`: how long its bursts and pauses are and how busy it is come from the seed; each burst is one core further. */
export function coRunnerOf(seed: number): string {
  const rng = makeRng(seed).fork('world')
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * rng.next()
  const ms = (timeS: number): string => `${Math.round(1000 * timeS)}ms`
  return `cpu:1@${between(duty).toFixed(2)},on=${ms(between(burstS))},off=${ms(between(pauseS))},move`
}

/** Seed of a round: whoever takes part in it meets the same bursts on the same cores. */
export const roundSeed = (seed: number, round: number): number =>
  makeRng(seed)
    .fork(`round ${round}`)
    .int(2 ** 32)

/** Every point `sweeps` times, each sweep in an order of its own, so that none meets only one phase of the co-runner. */
export function sweepOrder(points: number, sweeps: number, seed: number): number[] {
  const rng = makeRng(seed).fork('sweeps')
  return Array.from({ length: sweeps }, () => {
    const order = Array.from({ length: points }, (_, a) => a)
    for (let i = points - 1; i > 0; i--) {
      const j = rng.int(i + 1)
      ;[order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    return order
  }).flat()
}
