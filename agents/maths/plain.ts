/** Doubles as plain JSON: NaN, which JSON lacks, becomes null. Every other finite double survives text exactly. */
export type PlainNumber = number | null

export const toPlain = (value: number): PlainNumber => (Number.isNaN(value) ? null : value)

export const fromPlain = (value: PlainNumber): number => value ?? Number.NaN

/** As they stand but for -0, which JSON takes for 0. */
export const withoutSigns = (values: Float64Array): number[] => Array.from(values, (value) => value + 0)

export function toPlainArray(values: Float64Array, from = 0, to = values.length): PlainNumber[] {
  return Array.from(values.subarray(from, to), toPlain)
}

export function fillFromPlain(out: Float64Array, values: readonly PlainNumber[], at = 0): void {
  for (let i = 0; i < values.length; i++) out[at + i] = fromPlain(values[i] as PlainNumber)
}
