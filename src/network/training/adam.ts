import type { Parameter } from './parameters.ts'

export interface Adam {
  /** One step down the gradients, which are in the order of the parameters. */
  step(gradients: readonly ArrayLike<number>[], learningRate: number): void
}

/** Adam (Kingma and Ba, 2015) on plain arrays, so that every backend takes the same step. */
export function makeAdam(parameters: readonly Parameter[], beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): Adam {
  const first = parameters.map(({ values }) => new Float64Array(values.length))
  const second = parameters.map(({ values }) => new Float64Array(values.length))
  let steps = 0
  return {
    step(gradients, learningRate) {
      steps++
      const scale = (learningRate * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps)
      parameters.forEach(({ values }, p) => {
        const m = first[p] as Float64Array
        const v = second[p] as Float64Array
        const g = gradients[p] as ArrayLike<number>
        for (let i = 0; i < values.length; i++) {
          const slope = g[i] as number
          const mean = beta1 * (m[i] as number) + (1 - beta1) * slope
          const square = beta2 * (v[i] as number) + (1 - beta2) * slope * slope
          m[i] = mean
          v[i] = square
          values[i] = (values[i] as number) - (scale * mean) / (Math.sqrt(square) + epsilon)
        }
      })
    },
  }
}

/** Learning rate at a step: a linear rise over the first 5 %, then half a cosine to 0 (Loshchilov and Hutter, 2017). */
export function cosineRate(peak: number, step: number, steps: number): number {
  const rise = Math.max(1, Math.floor(steps / 20))
  if (step < rise) return (peak * (step + 1)) / rise
  return (peak * (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise)))) / 2
}
