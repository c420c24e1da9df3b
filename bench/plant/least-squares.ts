/**
 * Non-negative weighted least squares: x >= 0 that minimises sum_i (w_i (y_i - a_i x))^2, by normal equations on scaled columns. Constants of physics have a sign:
 * where the best one would be negative it is 0, and the others are fitted again. Rows of `a`: [n][parameters].
 */
export function leastSquares(a: readonly (readonly number[])[], y: readonly number[], weights: readonly number[]): number[] {
  const parameters = a[0]?.length ?? 0
  const active = Array.from({ length: parameters }, (_, k) => k)
  for (;;) {
    const x = solveNormal(a, y, weights, active)
    const least = Math.min(...x)
    if (least >= 0 || active.length <= 1) {
      const full = new Array<number>(parameters).fill(0)
      active.forEach((k, i) => {
        full[k] = Math.max(0, x[i] as number)
      })
      return full
    }
    active.splice(x.indexOf(least), 1)
  }
}

function solveNormal(a: readonly (readonly number[])[], y: readonly number[], weights: readonly number[], active: readonly number[]): number[] {
  const n = active.length
  const normal = Array.from({ length: n }, () => new Array<number>(n + 1).fill(0))
  a.forEach((row, i) => {
    const weight = (weights[i] as number) ** 2
    for (let r = 0; r < n; r++) {
      const left = weight * (row[active[r] as number] as number)
      const line = normal[r] as number[]
      for (let c = 0; c < n; c++) line[c] = (line[c] as number) + left * (row[active[c] as number] as number)
      line[n] = (line[n] as number) + left * (y[i] as number)
    }
  })
  const scale = normal.map((line, r) => Math.sqrt(line[r] as number) || 1)
  const scaled = normal.map((line, r) => line.map((value, c) => value / (scale[r] as number) / (c < n ? (scale[c] as number) : 1)))
  return eliminate(scaled).map((value, r) => value / (scale[r] as number))
}

/** Gauss-Jordan with row pivots on [n][n + 1]; a column that says nothing gets 0. */
function eliminate(m: number[][]): number[] {
  const n = m.length
  for (let i = 0; i < n; i++) {
    let pivot = i
    for (let r = i + 1; r < n; r++) if (Math.abs(m[r]?.[i] as number) > Math.abs(m[pivot]?.[i] as number)) pivot = r
    const top = m[pivot] as number[]
    m[pivot] = m[i] as number[]
    m[i] = top
    if (Math.abs(top[i] as number) < 1e-13) continue
    for (let r = 0; r < n; r++) {
      if (r === i) continue
      const line = m[r] as number[]
      const factor = (line[i] as number) / (top[i] as number)
      for (let c = i; c <= n; c++) line[c] = (line[c] as number) - factor * (top[c] as number)
    }
  }
  return m.map((line, i) => (Math.abs(line[i] as number) < 1e-13 ? 0 : (line[n] as number) / (line[i] as number)))
}
