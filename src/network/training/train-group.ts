import type { Tensor } from '@tensorflow/tfjs-core'
import type { Rng } from '../../core/rng.ts'
import type { GroupArchitecture, GroupWeights } from '../architecture.ts'
import type { ImageSet } from '../dataset/image-set.ts'
import { cosineRate, makeAdam } from './adam.ts'
import type { Backend } from './backend.ts'
import { type Batch, fillBatch, makeBatch, shuffledOrder } from './batches.ts'
import { crossEntropy, frozenLogits, trainingLogits } from './model.ts'
import { type ChannelMoments, foldParameters, makeParameters, type Parameter } from './parameters.ts'

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

/** Trains one group on the sum of its logits and those of the frozen groups, and folds its normalisations. */
export function trainGroup(training: GroupTraining): GroupWeights {
  const { architecture, data, epochs, batchSize, rng, table } = training
  const parameters = makeParameters(architecture, rng.fork('weights'))
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
      return crossEntropy(backend, all, targets)
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
 * Mean and variance in front of every normalisation, averaged over many batches with the final weights ("precise" batch normalisation:
 * Wu and Johnson, "Rethinking 'batch' in BatchNorm", 2021); running averages would still remember older weights.
 */
function measureMoments(
  { backend, architecture, data, table, rng }: GroupTraining,
  parameters: readonly Parameter[],
  batch: Batch,
): ChannelMoments[] {
  const { tf } = backend
  const [channels, height, width] = architecture.image
  const totals = architecture.convs.map(({ outChannels }) => ({ mean: new Float64Array(outChannels), variance: new Float64Array(outChannels) }))
  const order = shuffledOrder(data.count, rng.fork('moments-order'))
  const augment = rng.fork('moments-augment')
  const batches = Math.min(momentBatches, Math.floor(data.count / batch.size))
  for (let b = 0; b < batches; b++) {
    fillBatch(batch, data, order, b * batch.size, table, augment)
    tf.tidy(() => {
      const tensors = parameters.map(({ values, shape }) => tf.tensor(values, [...shape]))
      trainingLogits(backend, architecture, tensors, tf.tensor4d(batch.images, [batch.size, height, width, channels]), (layer, activations) => {
        const { mean, variance } = tf.moments(activations, [0, 1, 2])
        accumulate((totals[layer] as ChannelMoments).mean, mean.dataSync(), batches)
        accumulate((totals[layer] as ChannelMoments).variance, variance.dataSync(), batches)
      })
    })
  }
  return totals
}

function accumulate(total: Float64Array, values: ArrayLike<number>, n: number): void {
  for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (values[i] as number) / n
}
