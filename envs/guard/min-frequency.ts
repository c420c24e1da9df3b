import { FlyballError } from '../../src/core/errors.ts'
import type { Spaces } from '../../src/core/spaces.ts'

/** Points that hold a cluster below what others were promised. */
export interface Barred {
  /** 1: never allowed. */
  readonly barred: Uint8Array
  /** Lowest clock that a point sets, Hz; infinite where it sets none. */
  readonly lowestHz: Float64Array
}

/**
 * A cluster that is not held runs as its kernel governor likes; a held one must not fall below `minHz` of it (`*`: of every cluster). Virtual clocks slow nobody but the inference itself, and
 * are not meant. Throws ERR_RANGE where no point is left, or for a cluster without such a clock.
 */
export function barSlowClocks(spaces: Spaces, minHz: Readonly<Record<string, number>>): Barred {
  const clocks = spaces.knobs.filter(({ kind, unit }) => kind === 'frequency' && unit === 'Hz')
  const known = clocks.map(({ domain }) => domain)
  const unknown = Object.keys(minHz).find((cluster) => cluster !== '*' && !known.includes(cluster))
  if (unknown !== undefined)
    throw new FlyballError(
      'ERR_RANGE',
      `--min-frequency: no cluster called ${unknown} has a clock that is set here, expected ${known.length === 0 ? 'none' : known.join(', ')}`,
    )
  const lowestHz = new Float64Array(spaces.points.length).fill(Number.POSITIVE_INFINITY)
  const barred = Uint8Array.from(spaces.points, (point, a) => {
    let slow = 0
    for (const { name, domain } of clocks) {
      const freqHz = point[name]
      if (typeof freqHz !== 'number') continue
      lowestHz[a] = Math.min(lowestHz[a] as number, freqHz)
      if (freqHz < (minHz[domain as string] ?? minHz['*'] ?? 0)) slow = 1
    }
    return slow
  })
  if (!barred.includes(0))
    throw new FlyballError('ERR_RANGE', `--min-frequency: no operating point is that fast, expected at most ${Math.max(...lowestHz) / 1e6} MHz`)
  return { barred, lowestHz }
}

/** Of each point a number that two points share exactly when going from one to the other touches no cluster, core or clock. */
export function placesOf({ knobs, points }: Spaces): Int32Array {
  const others = knobs.filter(({ kind }) => kind !== 'subnet')
  const seen = new Map<string, number>()
  return Int32Array.from(points, (point) => {
    const key = others.map(({ name }) => point[name]).join(' ')
    const place = seen.get(key) ?? seen.size
    seen.set(key, place)
    return place
  })
}
