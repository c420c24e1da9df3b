export interface Rated {
  readonly name: string
  /** s. */
  readonly latencyS: number
  /** In [0, 1]. */
  readonly accuracy: number
}

export interface Dominated<T> {
  readonly variant: T
  /** The fastest variant that is at least as fast and as accurate. */
  readonly by: T
}

/**
 * Variants in order of cost, without those that no governor should pick: slower than another and not more accurate. Of equals the first stays.
 */
export function dropDominated<T extends Rated>(variants: readonly T[]): { kept: T[]; dropped: Dominated<T>[] } {
  const kept: T[] = []
  const dropped: Dominated<T>[] = []
  for (const variant of variants.toSorted((a, b) => a.latencyS - b.latencyS || b.accuracy - a.accuracy)) {
    const by = kept.find(({ accuracy }) => accuracy >= variant.accuracy)
    if (by === undefined) kept.push(variant)
    else dropped.push({ variant, by })
  }
  return { kept, dropped }
}
