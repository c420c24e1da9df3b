import { confidenceOf, indexOfLargest } from '../answer.ts'
import { reliabilityOf } from '../judge.ts'
import type { Network } from '../manifest.ts'
import { makePreprocessor } from '../preprocess.ts'
import type { NetworkSession } from '../session.ts'
import { fitTemperature } from '../training/temperature.ts'
import type { Labelled } from './labelled.ts'

/** What a variant was seen to do on labelled images. */
export interface LabelledResult {
  /** Share of all `images` whose likeliest class is the label: a temperature does not change it. */
  readonly top1: number
  readonly images: number
  readonly temperature: number
  /** On the images that the temperature was not fitted on; undefined when none was fitted. */
  readonly calibration?: { readonly ece: number; readonly images: number; readonly fittedOn: number }
}

/** Runs every image through every unit, first those that the temperatures are fitted on. Throws ERR_DATASET for an image that does not decode, ERR_INFERENCE. */
export async function judgeLabelled(
  network: Network,
  session: NetworkSession,
  { files, fit, rest, decode }: Labelled,
  onImage: (done: number, of: number) => void,
): Promise<LabelledResult[]> {
  const { units, output } = network.manifest
  const preprocessor = makePreprocessor(network.manifest)
  const hits = units.map(() => 0)
  let done = 0
  const runAll = async (indices: readonly number[], take: (unit: number, i: number, logits: Float32Array) => void): Promise<void> => {
    for (const [i, index] of indices.entries()) {
      const { path, label } = files[index] as Labelled['files'][number]
      const image = await decode(path)
      preprocessor.check(image)
      for (let u = 0; u < units.length; u++) {
        preprocessor.prepare(image, u, session.input)
        const logits = await session.run(u)
        if (indexOfLargest(logits) === label) hits[u] = (hits[u] as number) + 1
        take(u, i, logits)
      }
      onImage(++done, files.length)
    }
  }
  const truthOf = (indices: readonly number[]): number[] => indices.map((index) => files[index]?.label as number)

  const kept = units.map(() => new Float32Array(fit.length * output.classes))
  await runAll(fit, (u, i, logits) => kept[u]?.set(logits, i * output.classes))
  const fitted = truthOf(fit)
  const temperatures = kept.map((logits) => (fit.length === 0 ? 1 : Number(fitTemperature(logits, fitted).toFixed(4))))

  const labels = units.map(() => new Uint16Array(rest.length))
  const confidences = units.map(() => new Float64Array(rest.length))
  await runAll(rest, (u, i, logits) => {
    ;(labels[u] as Uint16Array)[i] = indexOfLargest(logits)
    ;(confidences[u] as Float64Array)[i] = confidenceOf(logits, temperatures[u] as number)
  })
  const truth = truthOf(rest)
  return units.map((_, u) => {
    const judged = { top1: (hits[u] as number) / files.length, images: files.length, temperature: temperatures[u] as number }
    if (fit.length === 0) return judged
    const { ece } = reliabilityOf(labels[u] as Uint16Array, confidences[u] as Float64Array, truth)
    return { ...judged, calibration: { ece, images: rest.length, fittedOn: fit.length } }
  })
}
