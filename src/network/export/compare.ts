import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { addLogits, indexOfLargest, unitBits } from '../answer.ts'
import type { GroupArchitecture } from '../architecture.ts'
import { fillInput, type ImageSet, type Normalisation, normalisationTable } from '../dataset/image-set.ts'
import type { Groups } from '../groups.ts'
import type { Network, NetworkManifest } from '../manifest.ts'
import { makeSampleInput } from '../sample-input.ts'
import { openSession } from '../session.ts'
import type { Backend } from '../training/backend.ts'
import { frozenLogits } from '../training/model.ts'

/** The first images of a set as inputs of a network; made-up ones where there is no set. Each is [channels, height, width], normalised. */
export function checkImages({ input }: Pick<NetworkManifest, 'input'>, count: number, set?: ImageSet): Float32Array[] {
  if (set === undefined) return Array.from({ length: count }, (_, i) => makeSampleInput(input.shape, i + 1))
  const table = normalisationTable(normalisationOf({ input }))
  return Array.from({ length: Math.min(count, set.count) }, (_, i) => {
    const image = new Float32Array(input.shape.reduce((a, b) => a * b))
    fillInput(set, i, table, image)
    return image
  })
}

/** Of a network that states none, that which changes nothing. */
export function normalisationOf({ input }: Pick<NetworkManifest, 'input'>): Normalisation {
  const channels = input.shape[1] as number
  return input.normalisation ?? { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) }
}

/** How two computations of the same network differ. */
export interface LogitDifference {
  /** Largest absolute difference of a logit, per unit. */
  readonly units: readonly number[]
  /** Share of the images with the same answer, per sub-network. */
  readonly sameAnswer: readonly number[]
}

/** Runs the files of a network through onnxruntime-node and the weights they were made from through TensorFlow.js. Throws what opening a session throws, and ERR_INFERENCE. */
export async function compareLogits(network: Network, groups: Groups, backend: Backend, images: readonly Float32Array[]): Promise<LogitDifference> {
  const { units, subnets, output } = network.manifest
  const { classes } = output
  const expected = images.map((image) => tensorflowLogits(groups, backend, image))
  const largest = units.map(() => 0)
  const same = subnets.map(() => 0)
  const found = new Float32Array(units.length * classes)
  const sum = new Float32Array(classes)
  const answerOf = (logits: Float32Array, subnet: number): number => {
    addLogits(logits, unitBits(network, subnet), sum)
    return indexOfLargest(sum)
  }
  const session = await openSession(network)
  try {
    for (const [i, image] of images.entries()) {
      const wanted = expected[i] as Float32Array
      session.input.set(image)
      for (const unit of units.keys()) {
        found.set(await session.run(unit), unit * classes)
        for (let k = unit * classes; k < (unit + 1) * classes; k++) {
          const difference = Math.abs((found[k] as number) - (wanted[k] as number))
          if (!(difference <= (largest[unit] as number))) largest[unit] = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
        }
      }
      for (const subnet of subnets.keys()) if (answerOf(found, subnet) === answerOf(wanted, subnet)) same[subnet] = (same[subnet] as number) + 1
    }
  } finally {
    await session.close()
  }
  return { units: largest, sameAnswer: same.map((count) => count / images.length) }
}

/** Logits of every group for one image, group after group. */
function tensorflowLogits({ architecture, weights }: Groups, backend: Backend, image: Float32Array): Float32Array {
  const { tf } = backend
  const logits = new Float32Array(weights.length * architecture.classes)
  tf.tidy(() => {
    const input = toHwc(backend, architecture, image)
    weights.forEach((group, g) => {
      const own: Tensor2D = frozenLogits(backend, architecture, group, input)
      logits.set(own.dataSync(), g * architecture.classes)
    })
  })
  return logits
}

/** TensorFlow.js takes channels last. */
const toHwc = ({ tf }: Backend, { image: shape }: GroupArchitecture, image: Float32Array): Tensor4D =>
  tf.expandDims(tf.transpose(tf.tensor3d(image, [...shape]), [1, 2, 0]), 0)
