import type { Tensor } from '@tensorflow/tfjs-core'
import type { GroupArchitecture } from '../architecture.ts'
import type { Backend } from './backend.ts'
import type { Batch } from './batches.ts'
import { crossEntropy, trainingLogits } from './model.ts'
import type { Parameter } from './parameters.ts'

export interface BatchGradients {
  /** Mean cross-entropy, nats, against the smoothed targets. */
  readonly loss: number
  /** In the order of the parameters. */
  readonly gradients: readonly ArrayLike<number>[]
  /** [n, classes]. */
  readonly logits: ArrayLike<number>
}

export interface LossSettings {
  readonly backend: Backend
  readonly architecture: GroupArchitecture
  /** Share of the target that is spread over all classes (Szegedy et al., 2016), in [0, 1). */
  readonly labelSmoothing: number
}

/** Loss and gradients of one batch; nothing is changed. */
export function batchGradients(
  { backend, architecture, labelSmoothing }: LossSettings,
  parameters: readonly Parameter[],
  batch: Batch,
): BatchGradients {
  const { tf } = backend
  const [channels, height, width] = architecture.image
  const { classes } = architecture
  let result: BatchGradients | undefined
  tf.tidy(() => {
    const images = tf.tensor4d(batch.images, [batch.size, height, width, channels])
    const targets = tf.add(tf.mul(tf.tensor2d(batch.targets, [batch.size, classes]), 1 - labelSmoothing), labelSmoothing / classes)
    let logits: Tensor | undefined
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const own = trainingLogits(backend, architecture, tensors, images)
      logits = tf.keep(tf.clone(own))
      return crossEntropy(backend, own, targets)
    })(parameters.map(({ values, shape }) => tf.tensor(values, [...shape])))
    result = { loss: value.dataSync()[0] as number, gradients: grads.map((gradient) => gradient.dataSync()), logits: (logits as Tensor).dataSync() }
    logits?.dispose()
  })
  return result as BatchGradients
}
