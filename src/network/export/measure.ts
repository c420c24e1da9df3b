import { addLogits, unitBits } from '../answer.ts'
import { fillInput, type ImageSet, normalisationTable } from '../dataset/image-set.ts'
import { measureAccuracy } from '../evaluate.ts'
import { makeNetwork, type Network, type NetworkManifest } from '../manifest.ts'
import { type NetworkSession, openSession } from '../session.ts'
import { fitTemperature } from '../training/temperature.ts'
import { normalisationOf } from './compare.ts'

export interface MeasureInput {
  /** Network whose files are written. */
  readonly network: Network
  /** Images that were not learned, to fit the temperatures on; without them those of the manifest stay, fitted on `fittedOn` images. */
  readonly heldOut?: ImageSet | undefined
  readonly fittedOn: number
  readonly test: ImageSet
  onImage?(done: number, of: number): void
}

/** The manifest with temperatures fitted on held-out images and accuracies measured on test images, through onnxruntime-node. Throws ERR_INFERENCE. */
export async function measureNetwork({ network, heldOut, fittedOn, test, onImage }: MeasureInput): Promise<NetworkManifest> {
  const session = await openSession(network)
  try {
    const fitted = heldOut === undefined ? network.manifest : await fitTemperatures(network, session, heldOut)
    const sizes = await measureAccuracy(makeNetwork(network.dir, fitted), session, test, (done) => onImage?.(done, test.count))
    const subnets = fitted.subnets.map((subnet, s) => {
      const { top1, images, ece } = sizes[s] as (typeof sizes)[number]
      const calibration = { ece: Number(ece.toFixed(4)), images, fittedOn: heldOut?.count ?? fittedOn }
      return { ...subnet, accuracy: { top1, images, quality: 'measured' as const }, calibration }
    })
    return { ...fitted, subnets }
  } finally {
    await session.close()
  }
}

async function fitTemperatures(network: Network, session: NetworkSession, set: ImageSet): Promise<NetworkManifest> {
  const { manifest } = network
  const { classes } = manifest.output
  const table = normalisationTable(normalisationOf(manifest))
  const unitLogits = new Float32Array(manifest.units.length * classes)
  const logits = manifest.subnets.map(() => new Float32Array(set.count * classes))
  for (let i = 0; i < set.count; i++) {
    fillInput(set, i, table, session.input)
    for (const unit of manifest.units.keys()) unitLogits.set(await session.run(unit), unit * classes)
    logits.forEach((rows, s) => {
      addLogits(unitLogits, unitBits(network, s), rows.subarray(i * classes, (i + 1) * classes))
    })
  }
  const subnets = manifest.subnets.map((subnet, s) => ({
    ...subnet,
    temperature: Number(fitTemperature(logits[s] as Float32Array, set.labels).toFixed(4)),
  }))
  return { ...manifest, subnets }
}
