import '../no-telemetry.ts'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import { fillInput, type ImageSet } from '../dataset/image-set.ts'
import { inputName, makeGroupModel } from '../onnx/group-model.ts'
import { encodeModel } from '../onnx/model.ts'
import { sessionDefaults } from '../session.ts'
import type { Affine } from './affine.ts'
import { type Histogram, leastSquaresAffine } from './clip.ts'
import { activationsOf } from './int8-model.ts'

const bins = 2048

/**
 * Parameters of every activation of a group by name, from what onnxruntime-node computes in float32 for the images of a set; `table` is that of
 * normalisationTable. Two passes: the ends of each range, then how values lie between them.
 */
export async function calibrateGroup(
  architecture: GroupArchitecture,
  weights: GroupWeights,
  set: ImageSet,
  table: Float32Array,
  onImage?: (done: number, of: number) => void,
): Promise<Map<string, Affine>> {
  const activations = activationsOf(architecture)
  const model = makeGroupModel('calibration', architecture, weights)
  const watched = activations.filter(({ name }) => name !== inputName)
  const session = await InferenceSession.create(encodeModel({ ...model, outputs: [...model.outputs, ...watched] }), sessionDefaults)
  const image = new Float32Array(architecture.image.reduce((a, b) => a * b))
  const feeds = { [inputName]: new Tensor('float32', image, [1, ...architecture.image]) }
  let done = 0
  const pass = async (look: (values: Float32Array, activation: number) => void): Promise<void> => {
    for (let i = 0; i < set.count; i++) {
      fillInput(set, i, table, image)
      const outputs = await session.run(feeds)
      activations.forEach(({ name }, a) => {
        look(name === inputName ? image : ((outputs[name] as Tensor).data as Float32Array), a)
      })
      onImage?.(++done, 2 * set.count)
    }
  }
  try {
    const ranges = activations.map(() => ({ low: 0, high: 0 }))
    await pass((values, a) => {
      const range = ranges[a] as (typeof ranges)[number]
      for (const x of values) {
        if (x < range.low) range.low = x
        if (x > range.high) range.high = x
      }
    })
    const histograms = ranges.map((range): Histogram => ({ ...range, counts: new Float64Array(bins) }))
    await pass((values, a) => {
      const { low, high, counts } = histograms[a] as Histogram
      const perUnit = high > low ? bins / (high - low) : 0
      for (const x of values) {
        const bin = Math.min(bins - 1, Math.floor((x - low) * perUnit))
        counts[bin] = (counts[bin] as number) + 1
      }
    })
    return new Map(activations.map(({ name }, a) => [name, leastSquaresAffine(histograms[a] as Histogram)]))
  } finally {
    await session.release()
  }
}
