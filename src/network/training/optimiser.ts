import type { Backend } from './backend.ts'
import { orthogonalised } from './orthogonalise.ts'
import type { Parameter } from './parameters.ts'

export interface Optimiser {
  /** Step number `step` (from 0) down the gradients, which are in the order of the parameters. */
  step(gradients: readonly ArrayLike<number>[], learningRate: number, step: number): void
  /** All that it remembers from step to step: what a training that was interrupted must put back. */
  readonly state: readonly Float32Array[]
}

const momentum = 0.6
/** The learning rate of shifts and classifier, as a share of that of the kernels. */
const plainShare = 1 / 20
const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/**
 * Muon for the kernels of convolutions, Adam for the rest. Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; here as in
 * Jordan's "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024) takes the step of Nesterov's momentum with all singular values set to one, so that every direction
 * of a kernel learns at the same speed, and keeps each kernel's norm at the root of its outputs: the normalisation behind it makes scale meaningless. It is
 * reported there to need fewer epochs than momentum alone. Adam: Kingma and Ba, 2015.
 *
 * Moments are plain arrays, so that every backend takes the same step; the backend multiplies the matrices alone.
 */
export function makeOptimiser(backend: Backend, parameters: readonly Parameter[]): Optimiser {
  const kernels = parameters.map(({ shape }) => shape.length === 4)
  const first = parameters.map(({ values }) => new Float32Array(values.length))
  const second = parameters.map(({ values }, p) => new Float32Array(kernels[p] === true ? 0 : values.length))
  return {
    state: [...first, ...second],
    step(gradients, learningRate, step) {
      parameters.forEach((parameter, p) => {
        const moment = first[p] as Float32Array
        const slope = gradients[p] as ArrayLike<number>
        if (kernels[p] === true) muonStep(backend, parameter, slope, moment, learningRate)
        else adamStep(parameter.values, slope, moment, second[p] as Float32Array, plainShare * learningRate, step)
      })
    },
  }
}

function muonStep(backend: Backend, { values, shape }: Parameter, slope: ArrayLike<number>, moment: Float32Array, learningRate: number): void {
  const outputs = shape[3] as number
  const ahead = new Float32Array(values.length)
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    moment[i] = momentum * (moment[i] as number) + (slope[i] as number)
    ahead[i] = (slope[i] as number) + momentum * (moment[i] as number)
    squares += (values[i] as number) ** 2
  }
  const direction = orthogonalised(backend, ahead, values.length / outputs, outputs)
  const keep = Math.sqrt(outputs / squares)
  for (let i = 0; i < values.length; i++) values[i] = keep * (values[i] as number) - learningRate * (direction[i] as number)
}

/** Step number `step` (from 0) of Adam, in place. */
export function adamStep(
  values: Float32Array,
  slope: ArrayLike<number>,
  mean: Float32Array,
  square: Float32Array,
  learningRate: number,
  step: number,
): void {
  const scale = (learningRate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1))
  for (let i = 0; i < values.length; i++) {
    const g = slope[i] as number
    mean[i] = beta1 * (mean[i] as number) + (1 - beta1) * g
    square[i] = beta2 * (square[i] as number) + (1 - beta2) * g * g
    values[i] = (values[i] as number) - (scale * (mean[i] as number)) / (Math.sqrt(square[i] as number) + epsilon)
  }
}

/** Learning rate at a step: a linear rise over the first 5 %, then half a cosine to 0 (Loshchilov and Hutter, 2017). */
export function cosineRate(peak: number, step: number, steps: number): number {
  const rise = Math.max(1, Math.floor(steps / 20))
  if (step < rise) return (peak * (step + 1)) / rise
  return (peak * (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise)))) / 2
}
