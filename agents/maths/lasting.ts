import { withoutSigns } from './plain.ts'

/** What a large error leaves behind: it may come of a tail, which the next answer does not know of, or of something that stays and that no monitor shows, or not yet. By group. */
export interface Lasting {
  /** P(a large error is still there at the next answer), learned. */
  readonly share: number
  /** What is left of the last error of group c at a stretch of `stretch` now, if it lasts, and the probability of that. No allocation. */
  left(c: number, stretch: number): number
  chance(c: number): number
  /** Expected rest of the last error of group c at a stretch of `stretch` now, and its variance. No allocation. */
  mean(c: number, stretch: number): number
  variance(c: number, stretch: number): number
  /** A decision passes. No allocation. */
  pass(): void
  /** An error of group c beyond prediction (this rest left out), in all and in standard deviations, at that stretch; `known`: its point was looked at before. No allocation. */
  look(c: number, error: number, z: number, stretch: number, known: boolean): void
  /** What there was has become part of something else. */
  clear(c: number): void
  save(): readonly (readonly number[])[]
}

/** Standard deviations beyond which an error is large. */
const large = 4
// Of groups that nobody looks at, half of it is forgotten in some fifteen decisions.
const kept = 0.95
const mostCount = 40

/**
 * Of a large error e at stretch h stays, where a monitor has come to show it since (h' > h for e > 0), only what that does not explain: e - (h' - h). It is believed to last with the share of earlier ones that
 * did, a mean of Beta(1 + lasted, 2 + passed), so the next error is a mixture of both: mean = share e, variance = share (1 - share) e^2.
 */
export function makeLasting(groups: number, saved?: readonly (readonly number[])[]): Lasting {
  const rest = Float64Array.from({ length: groups }, (_, c) => saved?.[0]?.[c] ?? 0)
  const base = Float64Array.from({ length: groups }, (_, c) => saved?.[1]?.[c] ?? 0)
  const weight = Float64Array.from({ length: groups }, (_, c) => saved?.[2]?.[c] ?? 0)
  const counts = Float64Array.from(saved?.[3] ?? [1, 2])
  const share = (): number => (counts[0] as number) / ((counts[0] as number) + (counts[1] as number))

  const left = (c: number, stretch: number): number => {
    const e = rest[c] as number
    const shown = stretch - (base[c] as number)
    return e > 0 ? Math.max(0, Math.min(e, e - shown)) : Math.min(0, Math.max(e, e - shown))
  }
  const chance = (c: number): number => share() * (weight[c] as number)

  return {
    get share() {
      return share()
    },
    left: (c, stretch) => (rest[c] === 0 ? 0 : left(c, stretch)),
    chance,
    mean: (c, stretch) => (rest[c] === 0 ? 0 : chance(c) * left(c, stretch)),
    variance(c, stretch) {
      if (rest[c] === 0) return 0
      const p = chance(c)
      return p * (1 - p) * left(c, stretch) ** 2
    },
    pass() {
      for (let c = 0; c < groups; c++) weight[c] = (weight[c] as number) * kept
    },
    look(c, error, z, stretch, known) {
      const before = left(c, stretch)
      // Only what no monitor has explained tells.
      if (known && before !== 0 && Math.abs(before) > 0.5 * Math.abs(rest[c] as number)) {
        const lasted = Math.abs(error - before) < Math.abs(error) ? 0 : 1
        counts[lasted] = (counts[lasted] as number) + 1
        if ((counts[0] as number) + (counts[1] as number) > mostCount) for (let i = 0; i < 2; i++) counts[i] = (counts[i] as number) * 0.9
      }
      rest[c] = known && Math.abs(z) > large ? error : 0
      base[c] = stretch
      weight[c] = 1
    },
    clear(c) {
      rest[c] = 0
    },
    save: () => [rest, base, weight, counts].map(withoutSigns),
  }
}
