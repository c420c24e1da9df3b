import type { GroupArchitecture } from '../architecture.ts'
import type { Backend } from './backend.ts'
import { type Batch, fillBatch, shuffledOrder } from './batches.ts'
import { trainingLogits } from './model.ts'
import type { ChannelMoments, Parameter } from './parameters.ts'
import type { GroupTraining } from './train-group.ts'

/** Mean and variance in front of every normalisation, of one batch. */
export function batchMoments(
  { backend, architecture }: { readonly backend: Backend; readonly architecture: GroupArchitecture },
  parameters: readonly Parameter[],
  batch: Batch,
): ChannelMoments[] {
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

/** Batches over which the statistics of the normalisations are averaged once the weights stand. */
const momentBatches = 64

/**
 * Mean and variance in front of every normalisation, averaged over many batches with the final weights ("precise" batch normalisation:
 * Wu and Johnson, "Rethinking 'batch' in BatchNorm", 2021); running averages would still remember older weights.
 */
export function measureMoments(training: GroupTraining, parameters: readonly Parameter[], batch: Batch): ChannelMoments[] {
  const { architecture, data, table, rng, augmentation } = training
  const totals = architecture.convs.map(({ outChannels }) => ({ mean: new Float64Array(outChannels), variance: new Float64Array(outChannels) }))
  const order = shuffledOrder(data.count, rng.fork('moments-order'))
  const varied = { ...augmentation, rng: rng.fork('moments-augment') }
  const batches = Math.min(momentBatches, Math.floor(data.count / batch.size))
  for (let b = 0; b < batches; b++) {
    fillBatch(batch, data, order, b * batch.size, table, varied)
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
