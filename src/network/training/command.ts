import type { TrainingSettings } from './state.ts'

export interface CommandExtras {
  readonly backend: string
  /** Side of the images of a folder, px. */
  readonly size?: number | undefined
  /** First so many training images alone. */
  readonly images?: number | undefined
}

/** The command that trains a network with these settings again; the folders are the reader's own. */
export function trainingCommand(settings: TrainingSettings, { backend, size, images }: CommandExtras): string {
  const { dataset, groups, width, epochs, laterEpochs, batchSize, learningRate, labelSmoothing, shiftPx, cutoutPx, flip, heldOut, seed } = settings
  return [
    `flyball network train --dataset ${dataset}${dataset === 'folder' && size !== undefined ? ` --size ${size}` : ''} --data DIR`,
    `--groups ${groups} --width ${width} --epochs ${epochs} --later-epochs ${laterEpochs}`,
    `--batch-size ${batchSize} --learning-rate ${learningRate} --label-smoothing ${labelSmoothing} --shift ${shiftPx} --cutout ${cutoutPx}${flip ? '' : ' --no-flip'}`,
    `--held-out ${heldOut}${images === undefined ? '' : ` --images ${images}`} --seed ${seed} --backend ${backend} --out DIR`,
  ].join(' ')
}
