/** Of numbers in %. */
export interface PercentScale {
  readonly type: 'linear' | 'symlog'
  readonly domain: readonly [number, number]
  readonly ticks: number[]
  /** Where a symlog scale goes over from linear to logarithmic. */
  readonly constant: number
}

const decades = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

/**
 * Room for all values and 0. Linear up to 100 %; beyond that by the logarithm, so that what is near the oracle can still be told apart. `perDecade`: how many
 * ticks there is room for.
 */
export function percentScale(values: readonly number[], constant: number, perDecade: 1 | 3): PercentScale {
  const finite = values.filter(Number.isFinite)
  const high = Math.max(1, ...finite)
  const low = Math.min(0, ...finite)
  const pad = (high - low) * 0.04
  if (high <= 100 && low >= -100) {
    const step = [1, 2, 5, 10, 20, 25, 50].find((each) => (high - low) / each <= 5) ?? 50
    const from = Math.ceil(low / step)
    const ticks = Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => (from + i) * step)
    return { type: 'linear', domain: [low < 0 ? low - pad : 0, high + pad], ticks, constant }
  }
  const domain = [low < 0 ? low * 1.15 - 1 : 0, high * 1.15] as const
  const all = [0, ...decades.flatMap((decade) => [decade, 2 * decade, 5 * decade].slice(0, perDecade)).filter((tick) => tick > constant)]
  const ticks = [
    ...all
      .slice(1)
      .map((tick) => -tick)
      .reverse(),
    ...all,
  ].filter((tick) => tick >= domain[0] && tick <= domain[1])
  return { type: 'symlog', domain, ticks, constant }
}

/** Share of the axis' length at which a value lies, in [0, 1]. */
export function positionOf(value: number, { type, domain, constant }: PercentScale): number {
  const along = (x: number): number => (type === 'linear' ? x : Math.sign(x) * Math.log1p(Math.abs(x / constant)))
  return (along(value) - along(domain[0])) / (along(domain[1]) - along(domain[0]))
}

/** 1, 2 and 5 of each decade within, or the decades alone, thinned out until there are at most `most`. Both ends above 0. */
export function logTicks(low: number, high: number, most: number): number[] {
  const first = Math.floor(Math.log10(low))
  const exponents = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, k) => first + k)
  const of = (digits: readonly number[]): number[] =>
    exponents.flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`))).filter((tick) => tick >= low && tick <= high)
  const fine = of([1, 2, 5])
  if (fine.length <= most) return fine
  const coarse = of([1])
  const ticks = coarse.length < 2 ? fine : coarse
  return ticks.filter((_, i) => i % Math.ceil(ticks.length / most) === 0)
}
