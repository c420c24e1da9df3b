interface Vertex {
  readonly x: readonly number[]
  readonly value: number
}

/**
 * Minimum of `loss` by the simplex of Nelder and Mead ("A simplex method for function minimization", 1965), from `start` with an edge of `step` along each axis.
 * Forbid a region by returning Infinity there. Deterministic.
 */
export function nelderMead(loss: (x: readonly number[]) => number, start: readonly number[], step: readonly number[], iterations: number): Vertex {
  const n = start.length
  const vertex = (x: readonly number[]): Vertex => ({ x, value: loss(x) })
  let simplex = [start, ...start.map((_, axis) => start.map((value, i) => (i === axis ? value + (step[i] as number) : value)))].map(vertex)
  for (let k = 0; k < iterations; k++) {
    simplex.sort((a, b) => a.value - b.value)
    const best = simplex[0] as Vertex
    const second = simplex[n - 1] as Vertex
    const worst = simplex[n] as Vertex
    const centre = start.map((_, i) => simplex.slice(0, n).reduce((sum, { x }) => sum + (x[i] as number), 0) / n)
    const along = (t: number): Vertex => vertex(centre.map((value, i) => value + t * ((worst.x[i] as number) - value)))
    const reflected = along(-1)
    if (reflected.value < best.value) {
      const expanded = along(-2)
      simplex[n] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < second.value) {
      simplex[n] = reflected
    } else {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5)
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[n] = contracted
      else simplex = simplex.map((one, i) => (i === 0 ? one : vertex(one.x.map((value, axis) => ((best.x[axis] as number) + value) / 2))))
    }
  }
  return simplex.reduce((best, one) => (one.value < best.value ? one : best))
}
