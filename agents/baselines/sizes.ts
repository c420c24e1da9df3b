import type { AgentInput } from '../../src/core/agent.ts'

/** The sub-networks in order of size, as seen from the operating points. */
export interface Sizes {
  /** 1 where there is no such knob. */
  readonly count: number
  /** Size of a point's sub-network, 0 the smallest. */
  of(point: number): number
  /** Expected top-1 of each point; NaN where it was not measured. */
  readonly accuracy: Float64Array
}

/** Sub-networks by accuracy where the profile knows it of all (names need not be in order), else in the order of the knob's values; equals keep that order. */
export function makeSizes({ spaces, nominal }: AgentInput): Sizes {
  const accuracy = Float64Array.from(spaces.points, (_, a) => nominal?.[a]?.accuracy ?? Number.NaN)
  const knob = spaces.knobs.find(({ kind }) => kind === 'subnet')
  if (knob === undefined) return { count: 1, of: () => 0, accuracy }
  const placeOf = (point: number): number => knob.values.indexOf(spaces.points[point]?.[knob.name] as number | string)
  const best = new Float64Array(knob.values.length).fill(Number.NaN)
  accuracy.forEach((value, a) => {
    const place = placeOf(a)
    if (!(value <= (best[place] as number))) best[place] = value
  })
  const places = knob.values.map((_, place) => place).filter((place) => spaces.points.some((_, a) => placeOf(a) === place))
  if (places.every((place) => Number.isFinite(best[place]))) places.sort((a, b) => (best[a] as number) - (best[b] as number))
  const sizeOf = Int32Array.from(spaces.points, (_, a) => places.indexOf(placeOf(a)))
  return { count: places.length, of: (point) => sizeOf[point] as number, accuracy }
}
