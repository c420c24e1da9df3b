import type { Runtime } from '../../envs/board/runtime.ts'
import { FlyballError } from '../core/errors.ts'
import { endsOf, type OutputTensor, outputTensors, shareInput, type UnitEnds } from '../network/ends.ts'
import type { Network } from '../network/manifest.ts'
import { makePreprocessor, type RgbImage } from '../network/preprocess.ts'

/** Takes an application's inputs to the inference threads, and the outputs of a network without class scores back. */
export interface GovernedInputs {
  /** Throws ERR_NETWORK_SHAPE for what fits no sub-network. */
  check(input: Float32Array | RgbImage): void
  /** Writes what passed `check` as the input of an action's sub-network. */
  write(input: Float32Array | RgbImage, action: number): void
  /** Outputs of the last run, by name; copies. */
  tensors(subnet: number): Record<string, OutputTensor>
}

export function makeGovernedInputs({ lanes, plan }: Runtime, network: Network): GovernedInputs {
  const ends = endsOf(network.manifest)
  const shared = shareInput(ends)
  const expected = ends[0]?.inputSize as number
  const preprocessor = makePreprocessor(network.manifest)
  const unitOf = (subnet: number): number => network.unitsOf(subnet)[0] as number
  return {
    check(input) {
      if (!(input instanceof Float32Array)) return preprocessor.check(input)
      if (!shared)
        throw new FlyballError(
          'ERR_NETWORK_SHAPE',
          `the variants of ${network.manifest.name} take different inputs, expected an image { data, width, height, channels }, which is prepared for the one that answers`,
        )
      if (input.length !== expected) throw new FlyballError('ERR_NETWORK_SHAPE', `the input has ${input.length} numbers, expected ${expected}`)
    },
    write(input, action) {
      if (input instanceof Float32Array) lanes.input.set(input)
      else preprocessor.prepare(input, unitOf(plan.planned[action]?.subnet as number), lanes.input)
    },
    tensors(subnet) {
      const unit = unitOf(subnet)
      return outputTensors(ends[unit] as UnitEnds, lanes.logits, unit * lanes.stride)
    },
  }
}
