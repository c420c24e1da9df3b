import type { NominalOutcome } from '../../core/spaces.ts'

/** Indices of the points that no other beats: none is as fast, as cheap and as accurate, and better in one of them. Of equal points the first stays. */
export function paretoPoints(points: readonly NominalOutcome[], allowed: (point: number) => boolean): number[] {
  const beats = (a: NominalOutcome, b: NominalOutcome): boolean => a.latencyS <= b.latencyS && a.energyJ <= b.energyJ && a.accuracy >= b.accuracy
  const open = points.flatMap((_, i) => (allowed(i) ? [i] : []))
  return open.filter((i) => {
    const own = points[i] as NominalOutcome
    return !open.some((j) => {
      const other = points[j] as NominalOutcome
      return j !== i && beats(other, own) && (j < i || !beats(own, other))
    })
  })
}
