/** What tells one class of cores from another. */
export interface ClassTraits {
  readonly coreType?: string | undefined
  /** Relative to the biggest, in (0, 1]. */
  readonly capacity?: number | undefined
  readonly maxFreqHz?: number | undefined
}

/** Cores that are this close in capacity or top frequency are one class: x86 chips clock their favoured cores some per cent higher. */
const sameClassRatio = 0.85

const classNames: Readonly<Record<number, readonly string[]>> = { 2: ['little', 'big'], 3: ['little', 'mid', 'big'] }

/** Class of each cluster, 0 the smallest. By capacity where every cluster has one, else by top frequency; another core type is another class. */
export function classesOf(clusters: readonly ClassTraits[]): number[] {
  const byCapacity = clusters.every((cluster) => cluster.capacity !== undefined)
  const known = (cluster: ClassTraits) => (byCapacity ? cluster.capacity : cluster.maxFreqHz)
  const biggest = Math.max(0, ...clusters.map((cluster) => known(cluster) ?? 0))
  // A cluster that does not answer now is no smaller than the others for that.
  const size = (cluster: ClassTraits) => known(cluster) ?? biggest
  const order = clusters.map((_, i) => i).sort((a, b) => size(clusters[a] as ClassTraits) - size(clusters[b] as ClassTraits) || a - b)
  const classes = new Array<number>(clusters.length).fill(0)
  let current = -1
  let head: ClassTraits | undefined
  for (const i of order) {
    const cluster = clusters[i] as ClassTraits
    if (head === undefined || cluster.coreType !== head.coreType || size(head) < sameClassRatio * size(cluster)) {
      current++
      head = cluster
    }
    classes[i] = current
  }
  return classes
}

/** Names by class: `cpu` alone, `little` and `big`, `little`, `mid` and `big`, else `class0` and on; a number behind it where a class has several clusters. */
export function nameClusters(classes: readonly number[]): string[] {
  const count = Math.max(0, ...classes) + 1
  const seen = new Map<number, number>()
  return classes.map((cls) => {
    const name = count === 1 ? 'cpu' : (classNames[count]?.[cls] ?? `class${cls}`)
    const number = seen.get(cls) ?? 0
    seen.set(cls, number + 1)
    return classes.filter((other) => other === cls).length > 1 ? `${name}${number}` : name
  })
}
