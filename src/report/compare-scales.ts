/** Of numbers in %. */
export interface PercentScale {
  readonly type: 'linear' | 'symlog'
  readonly domain: readonly [number, number]
  readonly ticks: number[]
  /** Where a symlog scale goes over from linear to logarithmic. */
  readonly constant: number
}

const decades = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]
const candidates = decades.flatMap((decade) => [decade, 2 * decade, 5 * decade])

/**
 * Room for all values and 0. Linear up to 100 %; beyond that by the logarithm, so that what is near the oracle can still be told apart. `apart`: least distance of
 * two ticks, a share of the axis.
 */
export function percentScale(values: readonly number[], constant: number, apart: number): PercentScale {
  const finite = values.filter(Number.isFinite)
  const high = Math.max(1, ...finite)
  const low = Math.min(0, ...finite)
  const linear = high <= 100 && low >= -100
  const pad = (high - low) * 0.04
  const domain = linear ? ([low < 0 ? low - pad : 0, high + pad] as const) : ([low < 0 ? low * 1.15 - 1 : 0, high * 1.15] as const)
  const bare: PercentScale = { type: linear ? 'linear' : 'symlog', domain, ticks: [], constant }
  return { ...bare, ticks: linear ? evenTicks(low, high, apart) : ticksFromZero(bare, apart) }
}

function evenTicks(low: number, high: number, apart: number): number[] {
  const step = [1, 2, 5, 10, 20, 50].find((each) => each / (high - low) >= apart) ?? 100
  const from = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => (from + i) * step)
}

/** 0, and on either side of it whole decades where there is room for them, what lies between where there is more. */
function ticksFromZero(scale: PercentScale, apart: number): number[] {
  const { domain, constant } = scale
  const taken = [0]
  const room = (tick: number): boolean => taken.every((other) => Math.abs(positionOf(tick, scale) - positionOf(other, scale)) >= apart)
  const within = candidates
    .filter((tick) => tick > constant)
    .flatMap((tick) => [tick, -tick].filter((each) => each >= domain[0] && each <= domain[1]))
  for (const round of [true, false]) for (const tick of within) if (decades.includes(Math.abs(tick)) === round && room(tick)) taken.push(tick)
  return taken.sort((a, b) => a - b)
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
