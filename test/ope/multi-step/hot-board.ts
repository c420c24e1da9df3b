// A board that is cool (0) or hot (1). Fast (1) heats it up, slow (0) cools it down, each with a chance; being fast pays 3 when cool and 1 when hot, slow pays 2.
export const heatUp = [
  [0.1, 0.8],
  [0.3, 0.9],
]
export const pays = [
  [2, 3],
  [2, 1],
]
export const behaviour = [
  [0.5, 0.5],
  [0.7, 0.3],
]
export const target = [
  [0.1, 0.9],
  [0.2, 0.8],
]
export const at = (table: readonly (readonly number[])[], s: number, a: number): number => (table[s] as readonly number[])[a] as number
export const both = [0, 1]
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** True values of the target over the last h decisions. */
export function trueQ(h: number, s: number, a: number): number {
  if (h === 0) return 0
  const hot = at(heatUp, s, a)
  return at(pays, s, a) + (1 - hot) * trueV(h - 1, 0) + hot * trueV(h - 1, 1)
}
export function trueV(h: number, s: number): number {
  return h === 0 ? 0 : sum(both.map((a) => at(target, s, a) * trueQ(h, s, a)))
}
