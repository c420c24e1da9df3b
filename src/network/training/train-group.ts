import type { Tensor } from '@tensorflow/tfjs-core'
import { FlyballError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { ImageSet } from '../dataset/image-set.ts'
import { cosineRate, makeAdam } from './adam.ts'
import type { Backend } from './backend.ts'
import { type Batch, fillBatch, makeBatch, shuffledOrder } from './batches.ts'
import { crossEntropy, frozenLogits, trainingLogits } from './model.ts'
import { type ChannelMoments, foldParameters, makeParameters, normEpsilon, type Parameter } from './parameters.ts'

export interface GroupTraining {
  readonly backend: Backend
  readonly architecture: GroupArchitecture
  readonly data: ImageSet
  /** Bytes to values, from normalisationTable. */
  readonly table: Float32Array
  /** Groups trained before; their logits are added and they do not change. */
  readonly frozen: readonly GroupWeights[]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly rng: Rng
  /** After every batch: mean loss and accuracy on augmented images since the epoch began. */
  onBatch?(progress: BatchProgress): void
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

/** Batches over which the statistics of the normalisations are averaged once the weights stand. */
const momentBatches = 64

/**
 * Trains one group on the mean of its logits and those of the frozen groups, and folds its normalisations. The mean and the sum have the same
 * answer; under the mean a group is asked for a whole opinion, where under the sum the first groups leave it little slope to learn from.
 * Every group but the first starts from the weights of the group before, so that no epoch is spent on learning edges again (the cyclic restarts of
 * Huang et al., "Snapshot ensembles: train 1, get M for free", 2017).
 */
export function trainGroup(training: GroupTraining): GroupWeights {
  const { architecture, data, epochs, batchSize, rng, table } = training
  const parameters = makeParameters(architecture, rng.fork('weights'))
  const before = training.frozen.at(-1)
  if (before !== undefined) startFrom(training, before, parameters)
  const adam = makeAdam(parameters)
  const size = Math.min(batchSize, data.count)
  const batch = makeBatch(data, size)
  const batches = Math.floor(data.count / size)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffledOrder(data.count, rng.fork(`order-${epoch}`))
    const augment = rng.fork(`augment-${epoch}`)
    let lossSum = 0
    let correct = 0
    for (let b = 0; b < batches; b++) {
      fillBatch(batch, data, order, b * size, table, augment)
      const { loss, gradients, logits } = batchGradients(training, parameters, batch)
      if (!Number.isFinite(loss))
        throw new FlyballError('ERR_RANGE', `the loss is ${loss} in epoch ${epoch + 1}: the learning rate ${training.learningRate} is too high`)
      adam.step(gradients, cosineRate(training.learningRate, epoch * batches + b, epochs * batches))
      lossSum += loss
      correct += countCorrect(logits, batch.labels)
      training.onBatch?.({ epoch: epoch + 1, batch: b + 1, batches, loss: lossSum / (b + 1), accuracy: correct / ((b + 1) * size) })
    }
  }
  return foldParameters(parameters, measureMoments(training, parameters, batch))
}

export interface BatchGradients {
  /** Mean cross-entropy, nats. */
  readonly loss: number
  readonly gradients: readonly ArrayLike<number>[]
  /** Logits [n, classes] of the frozen groups and this one together. */
  readonly logits: ArrayLike<number>
}

/** Loss and gradients of one batch; nothing is changed. */
export function batchGradients(
  { backend, architecture, frozen }: Pick<GroupTraining, 'backend' | 'architecture' | 'frozen'>,
  parameters: readonly Parameter[],
  batch: Batch,
): BatchGradients {
  const { tf } = backend
  const [channels, height, width] = architecture.image
  let result: BatchGradients | undefined
  tf.tidy(() => {
    const images = tf.tensor4d(batch.images, [batch.size, height, width, channels])
    const targets = tf.tensor2d(batch.targets, [batch.size, architecture.classes])
    const offset = frozen
      .map((weights) => frozenLogits(backend, architecture, weights, images))
      .reduce<Tensor | undefined>((sum, own) => (sum === undefined ? own : tf.add(sum, own)), undefined)
    let logits: Tensor | undefined
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const own = trainingLogits(backend, architecture, tensors, images)
      const all = offset === undefined ? own : tf.add(own, offset)
      logits = tf.keep(tf.clone(all))
      return crossEntropy(backend, all, targets, frozen.length + 1)
    })(parameters.map(({ values, shape }) => tf.tensor(values, [...shape])))
    result = { loss: value.dataSync()[0] as number, gradients: grads.map((gradient) => gradient.dataSync()), logits: (logits as Tensor).dataSync() }
    logits?.dispose()
  })
  return result as BatchGradients
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

/**
 * Turns folded weights back into parameters. Kernels stay folded, which the normalisation undoes; the shifts follow from the means in front of each
 * normalisation, layer by layer, because each depends on the shifts before it.
 */
function startFrom(training: GroupTraining, weights: GroupWeights, parameters: readonly Parameter[]): void {
  const { data, table, rng } = training
  const layers = weights.convs.length
  const set = (index: number, values: ArrayLike<number>): void => (parameters[index] as Parameter).values.set(values)
  weights.convs.forEach(({ kernel }, i) => {
    set(2 * i, kernel)
  })
  set(2 * layers, weights.dense.kernel)
  set(2 * layers + 1, weights.dense.bias)
  const batch = makeBatch(data, Math.min(startImages, data.count))
  fillBatch(batch, data, shuffledOrder(data.count, rng.fork('start-order')), 0, table, rng.fork('start-augment'))
  weights.convs.forEach(({ bias }, i) => {
    const { mean, variance } = batchMoments(training, parameters, batch)[i] as ChannelMoments
    set(
      2 * i + 1,
      bias.map((b, c) => b + (mean[c] as number) / Math.sqrt((variance[c] as number) + normEpsilon)),
    )
  })
}

/** Images from which the means of startFrom are taken. */
const startImages = 1000

/** Mean and variance in front of every normalisation, of one batch. */
function batchMoments({ backend, architecture }: GroupTraining, parameters: readonly Parameter[], batch: Batch): ChannelMoments[] {
  const { tf } = backend
  const [channels, height, width] = architecture.image
  const moments: ChannelMoments[] = []
  tf.tidy(() => {
    const tensors = parameters.map(({ values, shape }) => tf.tensor(values, [...shape]))
    trainingLogits(backend, architecture, tensors, tf.tensor4d(batch.images, [batch.size, height, width, channels]), (_, activations) => {
      const { mean, variance } = tf.moments(activations, [0, 1, 2])
      moments.push({ mean: Float64Array.from(mean.dataSync()), variance: Float64Array.from(variance.dataSync()) })
    })
  })
  return moments
}

/**
 * Mean and variance in front of every normalisation, averaged over many batches with the final weights ("precise" batch normalisation:
 * Wu and Johnson, "Rethinking 'batch' in BatchNorm", 2021); running averages would still remember older weights.
 */
function measureMoments(training: GroupTraining, parameters: readonly Parameter[], batch: Batch): ChannelMoments[] {
  const { architecture, data, table, rng } = training
  const totals = architecture.convs.map(({ outChannels }) => ({ mean: new Float64Array(outChannels), variance: new Float64Array(outChannels) }))
  const order = shuffledOrder(data.count, rng.fork('moments-order'))
  const augment = rng.fork('moments-augment')
  const batches = Math.min(momentBatches, Math.floor(data.count / batch.size))
  for (let b = 0; b < batches; b++) {
    fillBatch(batch, data, order, b * batch.size, table, augment)
    batchMoments(training, parameters, batch).forEach(({ mean, variance }, layer) => {
      accumulate((totals[layer] as ChannelMoments).mean, mean, batches)
      accumulate((totals[layer] as ChannelMoments).variance, variance, batches)
    })
  }
  return totals
}

function accumulate(total: Float64Array, values: Float64Array, n: number): void {
  for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (values[i] as number) / n
}
