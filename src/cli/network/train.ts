import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { FlyballError } from '../../core/errors.ts'
import { readTrainingSets } from '../../network/dataset/training-sets.ts'
import { manifestFile } from '../../network/manifest.ts'
import { type BackendChoice, backendNames } from '../../network/training/backend.ts'
import { trainingCommand } from '../../network/training/command.ts'
import { type TrainingSettings, trainingFile } from '../../network/training/state.ts'
import { macsText, percent2 } from '../../report/network-rows.ts'
import { parseNumber } from '../options.ts'
import { formatTable, makeProgress, printJson, printLines } from '../print.ts'
import { formatRest, nextEval, whole } from './format.ts'

interface TrainOptions {
  dataset: string
  data: string
  groups: number
  width: number
  epochs: number
  laterEpochs: number
  batchSize?: number
  learningRate: number
  labelSmoothing: number
  shift: number
  cutout: number
  flip: boolean
  heldOut?: number
  size: number
  images?: number
  seed: number
  backend: BackendChoice
  out: string
  resume?: true
  force?: true
  json?: true
}

/** `flyball network train`. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a network of increments group by group and write one ONNX file per increment with a manifest')
    .addOption(new Option('--dataset <NAME>', 'data set').choices(['cifar10', 'folder']).default('cifar10'))
    .requiredOption('--data <DIR>', 'CIFAR-10 unpacked (binary version), or a folder of your own: DIR/class/*.png and *.jpg')
    .option('--size <PX>', 'side to which the images of a folder are scaled, a multiple of 8', whole('--size', 8), 32)
    .option('--groups <N>', 'increments', whole('--groups'), 4)
    .option('--width <N>', 'channels of the first convolution of one group', whole('--width'), 16)
    .option('--epochs <N>', 'epochs of the first group', whole('--epochs'), 26)
    .option('--later-epochs <N>', 'epochs of every other group, which starts from the weights of the one before', whole('--later-epochs'), 18)
    .option('--batch-size <N>', 'images per step (default: 256, fewer for sets below 16,384)', whole('--batch-size'))
    .option('--learning-rate <X>', 'highest learning rate', (text) => parseNumber(text, '--learning-rate', 0, 1, 'open'), 0.06)
    .option('--label-smoothing <X>', 'share of the target spread over all classes', (text) => parseNumber(text, '--label-smoothing', 0, 1), 0.1)
    .option('--shift <PX>', 'training images are shifted by up to so many pixels', whole('--shift', 0), 4)
    .option('--cutout <PX>', 'side of the square that is blanked in each training image, 0 for none', whole('--cutout', 0), 8)
    .option('--no-flip', 'do not mirror training images, for classes that a mirror changes')
    .option('--held-out <N>', 'training images kept apart to calibrate the confidence (default: a tenth, 1000 at most)', whole('--held-out'))
    .option('--images <N>', 'use the first N training images alone, for a trial', whole('--images'))
    .option('--seed <N>', 'seed of weights, order and augmentation', whole('--seed', 0), 1)
    .addOption(
      new Option('--backend <NAME>', 'auto: native, else wasm; javascript, far slower, only when asked for')
        .choices(['auto', ...backendNames])
        .default('auto'),
    )
    .requiredOption('--out <DIR>', 'folder for the network')
    .option('--resume', 'go on after the last finished epoch')
    .option('--force', 'write over what the folder holds')
    .option(
      '--json',
      'one JSON document on standard output: { network, backend, trainingS, subnets: [{ name, macs, parameters, accuracy, temperature }] }',
    )
    .addHelpText(
      'after',
      '\nExample:\n  flyball network train --dataset cifar10 --data ~/cifar-10-batches-bin --seed 1 --out networks/mine\n  flyball network train --dataset folder --data photos --size 64 --epochs 60 --later-epochs 40 --out networks/photos\n',
    )
    .action(train)
}

async function train(options: TrainOptions): Promise<void> {
  checkOut(options)
  // Both parts are read before the first epoch, so that a missing file does not cost a training.
  const progress = makeProgress(false)
  const onImage = (done: number, of: number): void => {
    progress.update('reading images', done, of)
    if (done === of) progress.end()
  }
  const { train: data, test } = await readTrainingSets({ ...options, onImage })
  const settings = settingsOf(options, data.count)
  const { groups } = settings
  // TensorFlow announces its instruction sets on standard error; warnings and errors stay.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  const [{ openBackend }, { trainGroups }, { finishTraining }] = await Promise.all([
    import('../../network/training/backend.ts'),
    import('../../network/train.ts'),
    import('../../network/finish-training.ts'),
  ])
  const backend = await openBackend(options.backend)
  progress.note(`training backend: ${backend.name}`)
  const trained = trainGroups({
    settings,
    backend,
    data,
    out: options.out,
    resume: options.resume === true,
    now: systemClock.now,
    onProgress: ({ group, epoch, epochs, batch, batches, loss, accuracy, remainingS }) => {
      const label = `group ${group}/${groups} epoch ${epoch}/${epochs}`
      progress.update(label, batch, batches, `loss ${loss.toFixed(3)} accuracy ${accuracy.toFixed(3)} left ${formatRest(remainingS)}`)
      if (batch === batches) progress.end()
    },
    onGroup: (group, { heldOutAccuracy, trainingS }) =>
      progress.note(`group ${group}/${groups}: ${percent2(heldOutAccuracy)} of the held-out images, ${trainingS.toFixed(0)} s`),
  })
  const network = await finishTraining({
    trained,
    name: `${settings.dataset}-g${groups}`,
    dir: options.out,
    test,
    command: trainingCommand(settings, options),
    date: systemClock.wall(),
    onImage: (done) => progress.update('test images', done, test.count),
  })
  progress.end()
  const { subnets } = network.manifest
  const trainingS = trained.results.reduce((sum, result) => sum + result.trainingS, 0)
  if (options.json === true) return printJson({ network: options.out, backend: backend.name, trainingS, subnets })
  const rows = subnets.map(({ name, macs, parameters, accuracy }) => [
    `${name} %`,
    percent2(accuracy.top1),
    macsText(macs as number),
    String(parameters),
  ])
  printLines([...formatTable([['size', 'top-1', 'MACs', 'parameters'], ...rows]), '', nextEval(options.out, options.dataset, options.data)])
}

function checkOut({ out, resume, force }: TrainOptions): void {
  const found = [manifestFile, trainingFile].find((name) => existsSync(join(out, name)))
  if (found !== undefined && resume !== true && force !== true)
    throw new FlyballError('ERR_OUT_EXISTS', `${out} already holds ${found}: --resume goes on with it, --force starts over`)
}

function settingsOf(options: TrainOptions, images: number): TrainingSettings {
  const { dataset, groups, width, epochs, laterEpochs, batchSize, learningRate, labelSmoothing, shift, cutout, flip, heldOut, seed } = options
  return {
    ...{ dataset, groups, width, epochs, laterEpochs, learningRate, labelSmoothing },
    ...{ shiftPx: shift, flip, cutoutPx: cutout, seed },
    heldOut: heldOut ?? Math.min(1000, Math.ceil(images / 10)),
    // A small set still makes some sixty steps an epoch.
    batchSize: batchSize ?? Math.max(8, Math.min(256, Math.floor(images / 64))),
  }
}
