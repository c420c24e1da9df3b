import { FlyballError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { ImageSet } from '../dataset/image-set.ts'
import type { Backend } from './backend.ts'
import { batchGradients } from './batch-gradients.ts'
import { type Augmentation, type Batch, fillBatch, makeBatch, shuffledOrder } from './batches.ts'
import { batchMoments, measureMoments } from './moments.ts'
import { cosineRate, makeOptimiser } from './optimiser.ts'
import { type ChannelMoments, foldParameters, makeParameters, normEpsilon, type Parameter } from './parameters.ts'

export interface GroupTraining {
  readonly backend: Backend
  readonly architecture: GroupArchitecture
  readonly data: ImageSet
  /** Bytes to values, from normalisationTable. */
  readonly table: Float32Array
  readonly augmentation: Augmentation
  readonly labelSmoothing: number
  /** The group trained before, whose weights this one starts from. */
  readonly before?: GroupWeights | undefined
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly rng: Rng
  /** Where an interrupted training of this group stood. */
  readonly resume?: EpochState
  /** After every batch: mean loss and accuracy on augmented images since the epoch began. */
  onBatch?(progress: BatchProgress): void
  /** After every epoch, with the live arrays: they must be written or copied before this returns. */
  onEpoch?(state: EpochState): void
}

export interface BatchProgress {
  /** 1 to epochs. */
  readonly epoch: number
  /** Batches done in this epoch, and in an epoch. */
  readonly batch: number
  readonly batches: number
  readonly loss: number
  readonly accuracy: number
}

/** Parameters, then what the optimiser remembers, after a number of epochs. Order and augmentation follow from the seed and the epoch. */
export interface EpochState {
  readonly epochs: number
  readonly arrays: readonly Float32Array[]
}

/**
 * Trains one group by itself, and folds its normalisations. It does not see the logits of the groups before: those are surer of the training images, which they
 * have learned, than of any others, and leave a group that adds to them little to learn but what they memorised.
 * Every group but the first starts from the weights of the group before and leaves them at the full learning rate: the cyclic restarts of
 * Huang et al., "Snapshot ensembles: train 1, get M for free", 2017. No epoch is spent on learning edges again, and the groups still err differently.
 */
export function trainGroup(training: GroupTraining): GroupWeights {
  const { backend, architecture, data, epochs, batchSize, rng, table, augmentation, before, resume } = training
  const parameters = makeParameters(architecture, rng.fork('weights'))
  const optimiser = makeOptimiser(backend, parameters)
  const live = [...parameters.map(({ values }) => values), ...optimiser.state]
  if (resume !== undefined) restore(live, resume)
  else if (before !== undefined) startFrom(training, before, parameters)
  const batch = makeBatch(data, Math.min(batchSize, data.count))
  const batches = Math.floor(data.count / batch.size)
  for (let epoch = resume?.epochs ?? 0; epoch < epochs; epoch++) {
    const order = shuffledOrder(data.count, rng.fork(`order-${epoch}`))
    const varied = { ...augmentation, rng: rng.fork(`augment-${epoch}`) }
    let lossSum = 0
    let correct = 0
    for (let b = 0; b < batches; b++) {
      fillBatch(batch, data, order, b * batch.size, table, varied)
      const { loss, gradients, logits } = batchGradients(training, parameters, batch)
      if (!Number.isFinite(loss))
        throw new FlyballError('ERR_RANGE', `the loss is ${loss} in epoch ${epoch + 1}: the learning rate ${training.learningRate} is too high`)
      const step = epoch * batches + b
      optimiser.step(gradients, cosineRate(training.learningRate, step, epochs * batches), step)
      lossSum += loss
      correct += countCorrect(logits, batch.labels)
      training.onBatch?.({ epoch: epoch + 1, batch: b + 1, batches, loss: lossSum / (b + 1), accuracy: correct / ((b + 1) * batch.size) })
    }
    training.onEpoch?.({ epochs: epoch + 1, arrays: live })
  }
  return foldParameters(parameters, measureMoments(training, parameters, batch))
}

function restore(live: readonly Float32Array[], { arrays }: EpochState): void {
  live.forEach((values, i) => {
    const kept = arrays[i]
    if (kept?.length !== values.length || arrays.length !== live.length)
      throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `array ${i} of the epoch has ${kept?.length ?? 'no'} values, expected ${values.length}`)
    values.set(kept)
  })
}

function countCorrect(logits: ArrayLike<number>, labels: Uint8Array): number {
  const classes = logits.length / labels.length
  let correct = 0
  for (let n = 0; n < labels.length; n++) {
    let best = 0
    for (let k = 1; k < classes; k++) if ((logits[n * classes + k] as number) > (logits[n * classes + best] as number)) best = k
    if (best === labels[n]) correct++
  }
  return correct
}

/** Images from which the means of startFrom are taken. */
const startImages = 1000

/**
 * Turns folded weights back into parameters. Kernels stay folded, which the normalisation undoes; the shifts follow from the means in front of each
 * normalisation, layer by layer, because each depends on the shifts before it.
 */
function startFrom(training: GroupTraining, weights: GroupWeights, parameters: readonly Parameter[]): void {
  const { data, table, rng, augmentation } = training
  const layers = weights.convs.length
  const set = (index: number, values: ArrayLike<number>): void => (parameters[index] as Parameter).values.set(values)
  weights.convs.forEach(({ kernel }, i) => {
    set(2 * i, kernel)
  })
  set(2 * layers, weights.dense.kernel)
  set(2 * layers + 1, weights.dense.bias)
  const batch: Batch = makeBatch(data, Math.min(startImages, data.count))
  fillBatch(batch, data, shuffledOrder(data.count, rng.fork('start-order')), 0, table, { ...augmentation, rng: rng.fork('start-augment') })
  weights.convs.forEach(({ bias }, i) => {
    const { mean, variance } = batchMoments(training, parameters, batch)[i] as ChannelMoments
    set(
      2 * i + 1,
      bias.map((b, c) => b + (mean[c] as number) / Math.sqrt((variance[c] as number) + normEpsilon)),
    )
  })
}
