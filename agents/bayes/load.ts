import type { Observation, Spaces } from '../../src/core/spaces.ts'

/**
 * What others do to each cluster, as the logarithm by which they stretch an inference: -log(1 - interference), of a monitor that is rounded, late, at times absent.
 * Arrays are by cluster.
 */
export interface Load {
  readonly stretch: Float64Array
  /** Variance of the stretch as it was read. */
  readonly doubt: Float64Array
  /** Where the level of interference stands, as an index into `levels`. */
  readonly level: Int32Array
  /** What the monitors say now. No allocation. */
  read(observation: Observation): void
  /** The same, of an inference that ran between two readings. */
  readBetween(before: Observation, after: Observation): void
  /** Remembers a reading, for when there is none. */
  remember(observation: Observation): void
  save(): readonly (readonly number[])[]
}

/** Levels of interference told apart where noise is learned. */
export const levels = 3
const levelOf = (stretch: number): number => (stretch < 0.1 ? 0 : stretch < 0.5 ? 1 : 2)

// A monitor counts clock ticks, so it is off by some hundredths; what is below is nobody.
const readingError = 0.02
const most = 0.97
// What is remembered fades in some twenty decisions.
const memory = 0.95

export function makeLoad(spaces: Spaces, clusters: readonly string[], saved?: readonly (readonly number[])[]): Load {
  const count = Math.max(1, clusters.length)
  const at = Int32Array.from({ length: count }, (_, c) => spaces.monitors.findIndex(({ name }) => name === `${clusters[c]}.interference`))
  const stretch = new Float64Array(count)
  const doubt = new Float64Array(count)
  const level = new Int32Array(count)
  const usual = Float64Array.from({ length: count }, (_, c) => saved?.[0]?.[c] ?? 0)
  const scatter = Float64Array.from({ length: count }, (_, c) => saved?.[1]?.[c] ?? 0)

  const stretchOf = (share: number): number => -Math.log1p(-Math.min(most, Math.max(0, share - readingError)))
  const shareAt = (observation: Observation, c: number): number => ((at[c] as number) < 0 ? 0 : (observation[at[c] as number] as number))
  const set = (c: number, value: number, variance: number): void => {
    stretch[c] = value
    doubt[c] = variance
    level[c] = levelOf(value)
  }
  const readError = (share: number): number => (readingError / (1 - Math.min(most, share))) ** 2

  return {
    stretch,
    doubt,
    level,
    read(observation) {
      for (let c = 0; c < count; c++) {
        const share = shareAt(observation, c)
        if (Number.isNaN(share)) set(c, usual[c] as number, scatter[c] as number)
        else set(c, stretchOf(share), share > readingError ? readError(share) : 0)
      }
    },
    readBetween(before, after) {
      for (let c = 0; c < count; c++) {
        const one = shareAt(before, c)
        const other = shareAt(after, c)
        if (Number.isNaN(one) && Number.isNaN(other)) set(c, usual[c] as number, scatter[c] as number)
        else {
          const first = stretchOf(Number.isNaN(one) ? other : one)
          const last = stretchOf(Number.isNaN(other) ? one : other)
          const share = Math.max(Number.isNaN(one) ? 0 : one, Number.isNaN(other) ? 0 : other)
          set(c, (first + last) / 2, (share > readingError ? readError(share) : 0) + ((last - first) * (last - first)) / 4)
        }
      }
    },
    remember(observation) {
      for (let c = 0; c < count; c++) {
        const share = shareAt(observation, c)
        if (Number.isNaN(share)) continue
        const off = stretchOf(share) - (usual[c] as number)
        usual[c] = (usual[c] as number) + (1 - memory) * off
        scatter[c] = memory * ((scatter[c] as number) + (1 - memory) * off * off)
      }
    },
    save: () => [Array.from(usual), Array.from(scatter)],
  }
}
