import { Command, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { readTrainingSets } from '../../network/dataset/training-sets.ts'
import type { Exported } from '../../network/export/export.ts'
import { irVersion, opset } from '../../network/onnx/model.ts'
import { type BackendChoice, backendNames } from '../../network/training/backend.ts'
import { percent2 } from '../../report/network-rows.ts'
import { networkDir } from '../../run/shipped.ts'
import { formatTable, makeProgress, printJson, printLines } from '../print.ts'
import { nextEval, whole } from './format.ts'

interface ExportOptions {
  out: string
  dataset: string
  data?: string
  backend: BackendChoice
  quantize?: true
  calibrationImages: number
  images: number
  force?: true
  json?: true
}

/** `flyball network export`. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a trained network, or the finished groups of a training, as one ONNX file per increment, checked against TensorFlow.js')
    .argument('<DIR>', 'folder that flyball network train wrote, or shipped:NAME')
    .requiredOption('--out <DIR>', 'folder for the exported network')
    .addOption(new Option('--dataset <NAME>', 'data set').choices(['cifar10', 'folder']).default('cifar10'))
    .option(
      '--data <DIR>',
      'what it was trained on: CIFAR-10 unpacked (binary version), or a folder: the check then takes test images, and accuracy that nobody measured yet is measured',
    )
    .addOption(new Option('--backend <NAME>', 'TensorFlow.js backend of the check').choices(['auto', ...backendNames]).default('auto'))
    .option('--quantize', 'int8 weights and activations; needs --data')
    .option('--calibration-images <N>', 'last training images from which int8 takes its ranges', whole('--calibration-images'), 512)
    .option('--images <N>', 'images whose logits are compared', whole('--images'), 64)
    .option('--force', 'write over a network in the folder')
    .option(
      '--json',
      'one JSON document on standard output: { network, precision, opset, irVersion, backend, images, units: [{ file, sizeB, maxDifference }], subnets: [{ name, accuracy, temperature, sameAnswer }] }',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  flyball network export networks/half-trained --out networks/half\n  flyball network export networks/mine --quantize --data ~/cifar-10-batches-bin --out networks/mine-int8\n',
    )
    .action(runExport)
}

async function runExport(dir: string, options: ExportOptions): Promise<void> {
  const { out, dataset, data, quantize, calibrationImages, images, force } = options
  // TensorFlow announces its instruction sets on standard error; warnings and errors stay.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  const [{ openBackend }, { exportNetwork }] = await Promise.all([
    import('../../network/training/backend.ts'),
    import('../../network/export/export.ts'),
  ])
  const progress = makeProgress(false)
  const backend = await openBackend(options.backend)
  progress.note(`check against TensorFlow.js, backend ${backend.name}`)
  const show =
    (what: string) =>
    (done: number, of: number): void => {
      progress.update(what, done, of)
      if (done === of) progress.end()
    }
  let exported: Exported
  try {
    exported = await exportNetwork({
      dir: networkDir(dir),
      out,
      force,
      backend,
      readData: data === undefined ? undefined : ({ size, seed }) => readTrainingSets({ dataset, data, size, seed, onImage: show('reading images') }),
      quantize: quantize === true ? { calibrationImages } : undefined,
      images,
      date: systemClock.wall(),
      onProgress: (what, done, of) => show(what)(done, of),
    })
  } finally {
    progress.end()
  }
  if (options.json === true) return printJson(documentOf(out, backend.name, exported))
  printLines(linesOf(options, exported))
}

function documentOf(out: string, backend: string, { network, difference, images }: Exported): object {
  const { precision, units, subnets } = network.manifest
  return {
    ...{ network: out, precision, opset, irVersion, backend, images },
    units: units.map(({ file, sizeB }, u) => ({ file, sizeB, maxDifference: difference.units[u] })),
    subnets: subnets.map(({ name, accuracy, temperature }, s) => ({ name, accuracy, temperature, sameAnswer: difference.sameAnswer[s] })),
  }
}

function linesOf({ out, dataset, data }: ExportOptions, { network, difference, images }: Exported): string[] {
  const { precision, units, subnets } = network.manifest
  const quality = (s: number): string => (subnets[s]?.accuracy.quality === 'measured' ? '' : ' (estimated: of the held-out images)')
  const largest = Math.max(...difference.units)
  return [
    `${units.length} increments, ${precision}, ONNX opset ${opset}, IR version ${irVersion}`,
    `largest difference of a logit from TensorFlow.js on ${images} ${data === undefined ? 'made-up' : 'test'} images: ${largest.toPrecision(2)}`,
    '',
    ...formatTable([
      ['size', 'top-1', 'same answer', 'files'],
      ...subnets.map(({ name, accuracy }, s) => [
        `${name} %`,
        `${percent2(accuracy.top1)}${quality(s)}`,
        percent2(difference.sameAnswer[s] as number),
        `${network.unitsOf(s).reduce((sum, unit) => sum + (units[unit]?.sizeB as number), 0)} B`,
      ]),
    ]),
    '',
    nextEval(out, dataset, data ?? 'DIR'),
  ]
}
