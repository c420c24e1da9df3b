import type { NetworkManifest } from './manifest-schema.ts'

export interface UnitInput {
  readonly name: string
  /** Batch 1, in the order of `layout`. */
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'uint8'
  readonly layout: 'NCHW' | 'NHWC'
}

export interface UnitOutput {
  readonly name: string
  readonly shape: readonly number[]
}

/** What a unit takes and gives: the network's own ends, with what the unit says otherwise. */
export interface UnitEnds {
  readonly input: UnitInput
  /** Float32 each. */
  readonly outputs: readonly UnitOutput[]
  /** Class scores are probabilities, not logits. */
  readonly probabilities: boolean
  /** Numbers in the input, and in all outputs together. */
  readonly inputSize: number
  readonly outputSize: number
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Ends of every unit, in order. */
export function endsOf({ input, output, units }: NetworkManifest): UnitEnds[] {
  const { name, shape, dtype, layout = 'NCHW' } = input
  return units.map((unit) => {
    const own: UnitInput = {
      name: unit.input?.name ?? name,
      shape: unit.input?.shape ?? shape,
      dtype: unit.input?.dtype ?? dtype,
      layout: unit.input?.layout ?? layout,
    }
    const outputs = unit.outputs ?? [{ name: output.name, shape: [shape[0] as number, output.classes] }]
    const probabilities = (unit.scores ?? output.scores) === 'probabilities'
    return {
      input: own,
      outputs,
      probabilities,
      inputSize: sizeOf(own.shape),
      outputSize: outputs.reduce((sum, each) => sum + sizeOf(each.shape), 0),
    }
  })
}

/** A tensor that is the caller's own. */
export interface OutputTensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** Copies a unit's outputs, which lie one after the other from `start` on, by name. */
export function outputTensors({ outputs }: UnitEnds, values: Float32Array, start: number): Record<string, OutputTensor> {
  let at = start
  return Object.fromEntries(
    outputs.map(({ name, shape }) => {
      const from = at
      at += sizeOf(shape)
      return [name, { data: values.slice(from, at), shape }]
    }),
  )
}

/** True when an input prepared for one unit is right for all. */
export function shareInput(ends: readonly UnitEnds[]): boolean {
  return new Set(ends.map(({ input: { shape, dtype, layout } }) => `${dtype} ${layout} ${shape.join()}`)).size === 1
}

/** Space for any unit's input and outputs: unit u's outputs lie at `u * output` in memory that holds those of all units. */
export function largestEnds(ends: readonly UnitEnds[]): { input: number; output: number } {
  return { input: Math.max(...ends.map(({ inputSize }) => inputSize)), output: Math.max(...ends.map(({ outputSize }) => outputSize)) }
}
