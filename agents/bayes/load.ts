import type { Observation, Spaces } from '../../src/core/spaces.ts'
import { withoutSigns } from '../maths/plain.ts'

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
  /** How far the stretch that is read is beyond the last one that was confirmed, where it has jumped; else 0. The stretch is the mean of both. */
  readonly fork: Float64Array
  /** P(a jump of a reading is real), learned from whether earlier ones lasted. */
  readonly trust: number
  /** What the monitors say now. No allocation. */
  read(observation: Observation): void
  /** The same, of an inference that ran between two readings. */
  readBetween(before: Observation, after: Observation): void
  /** Remembers a reading and whether the one after it confirms it. No allocation. */
  remember(observation: Observation, after: Observation): void
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
// A reading that is this far from the one before is a jump: it may be a fault that the next one knows nothing of.
const far = 0.25
const mostCount = 40

export function makeLoad(spaces: Spaces, clusters: readonly string[], saved?: readonly (readonly number[])[]): Load {
  const count = Math.max(1, clusters.length)
  const at = Int32Array.from({ length: count }, (_, c) => spaces.monitors.findIndex(({ name }) => name === `${clusters[c]}.interference`))
  const stretch = new Float64Array(count)
  const doubt = new Float64Array(count)
  const level = new Int32Array(count)
  const fork = new Float64Array(count)
  const kept = (row: number, start: number): Float64Array => Float64Array.from({ length: count }, (_, c) => saved?.[row]?.[c] ?? start)
  const usual = kept(0, 0)
  const scatter = kept(1, 0)
  // The last reading that was no jump, or had been confirmed, and the decisions since there was one.
  const settled = kept(2, -1).map((share) => (share < 0 ? Number.NaN : share))
  const missing = kept(3, 0)
  const counts = Float64Array.from(saved?.[4] ?? [4, 1])

  const stretchOf = (share: number): number => -Math.log1p(-Math.min(most, Math.max(0, share - readingError)))
  const shareAt = (observation: Observation, c: number): number => ((at[c] as number) < 0 ? 0 : (observation[at[c] as number] as number))
  const set = (c: number, value: number, variance: number): void => {
    stretch[c] = value
    doubt[c] = variance
    level[c] = levelOf(value)
  }
  const readError = (share: number): number => (share > readingError ? (readingError / (1 - Math.min(most, share))) ** 2 : 0)
  const trust = (): number => (counts[0] as number) / ((counts[0] as number) + (counts[1] as number))
  const jumps = (share: number, c: number): boolean => Math.abs(share - (settled[c] as number)) > far
  /** Nothing is read: as it was last, and after a while as it usually is. */
  const guess = (c: number): void => {
    const fresh = Number.isNaN(settled[c]) ? 0 : memory ** (missing[c] as number)
    const last = fresh === 0 ? 0 : stretchOf(settled[c] as number)
    set(c, fresh * last + (1 - fresh) * (usual[c] as number), (1 - fresh) * (scatter[c] as number))
  }

  return {
    stretch,
    doubt,
    level,
    fork,
    get trust() {
      return trust()
    },
    read(observation) {
      for (let c = 0; c < count; c++) {
        const share = shareAt(observation, c)
        fork[c] = 0
        if (Number.isNaN(share)) guess(c)
        else {
          const value = stretchOf(share)
          if (jumps(share, c)) {
            const p = trust()
            const apart = value - stretchOf(settled[c] as number)
            fork[c] = apart
            set(c, value - (1 - p) * apart, readError(share) + p * (1 - p) * apart * apart)
            level[c] = levelOf(value)
          } else set(c, value, readError(share))
        }
      }
    },
    readBetween(before, after) {
      for (let c = 0; c < count; c++) {
        const next = shareAt(after, c)
        let one = shareAt(before, c)
        fork[c] = 0
        // A jump that the next reading does not confirm was none.
        if (jumps(one, c) && Math.abs(next - one) > far) one = settled[c] as number
        if (Number.isNaN(one) && Number.isNaN(next)) guess(c)
        else {
          const first = stretchOf(Number.isNaN(one) ? next : one)
          const last = stretchOf(Number.isNaN(next) ? one : next)
          const share = Math.max(Number.isNaN(one) ? 0 : one, Number.isNaN(next) ? 0 : next)
          set(c, (first + last) / 2, readError(share) + ((last - first) * (last - first)) / 4)
        }
      }
    },
    remember(observation, after) {
      for (let c = 0; c < count; c++) {
        const share = shareAt(observation, c)
        if (Number.isNaN(share)) {
          missing[c] = (missing[c] as number) + 1
          continue
        }
        missing[c] = 0
        const next = shareAt(after, c)
        if (jumps(share, c) && !Number.isNaN(next)) {
          const real = Math.abs(next - share) <= far
          const i = real ? 0 : 1
          counts[i] = (counts[i] as number) + 1
          if ((counts[0] as number) + (counts[1] as number) > mostCount) for (let k = 0; k < 2; k++) counts[k] = (counts[k] as number) * 0.9
          if (!real) continue
        }
        settled[c] = share
        const off = stretchOf(share) - (usual[c] as number)
        usual[c] = (usual[c] as number) + (1 - memory) * off
        scatter[c] = memory * ((scatter[c] as number) + (1 - memory) * off * off)
      }
    },
    save: () => [
      withoutSigns(usual),
      withoutSigns(scatter),
      Array.from(settled, (share) => (Number.isNaN(share) ? -1 : share)),
      Array.from(missing),
      Array.from(counts),
    ],
  }
}
