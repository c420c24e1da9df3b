import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { FlyballError } from '../../core/errors.ts'
import { makeRng } from '../../core/rng.ts'
import type { AddResult } from '../../network/add/add-network.ts'
import type { Scores } from '../../network/add/draft.ts'
import type { Candidate } from '../../network/add/inspect.ts'
import { mostUnits } from '../../network/manifest-schema.ts'
import { checkOutFolder } from '../../network/out-folder.ts'
import { manyOption } from '../options.ts'
import { makeProgress, type Progress, printJson, printLines } from '../print.ts'
import { addDocument, addLines } from './add-output.ts'
import { accuraciesOf, numbersOf, readLabels, scaleOf, sizesOf } from './add-values.ts'
import { whole } from './format.ts'

interface AddOptions {
  out: string
  name?: string
  data?: string
  labels?: string
  accuracy: string[]
  images?: number
  seed: number
  scores: Scores
  output: string[]
  size: string[]
  layout?: 'NCHW' | 'NHWC'
  resize: 'stretch' | 'cover' | 'contain'
  channels: 'rgb' | 'bgr'
  scale?: string
  mean?: string
  std?: string
  rounds: number
  force?: true
  json?: true
}

/** `flyball network add`. */
export function addCommand(): Command {
  return new Command('add')
    .description(
      'make a network of variants from ONNX files of one task: measures them here, leaves out the dominated ones, writes files and manifest',
    )
    .argument('<FILE...>', 'ONNX files; their names become the names of the sub-networks')
    .requiredOption('--out <DIR>', 'folder for the network')
    .option('--name <NAME>', 'name of the network (default: of the folder)')
    .option('--data <DIR>', 'labelled images DIR/CLASS/*.png|jpg: accuracy is measured, the confidence calibrated')
    .option(
      '--labels <FILE>',
      "one name a line, in the order of the network's classes; with --data the names of its folders (default: the folders, sorted)",
    )
    .addOption(manyOption('--accuracy <RATIO>', 'accuracy from 0 to 1, or mAP, where it is not measured: NAME=0.71, or one a file in order'))
    .option('--images <N>', 'use N of the labelled images, drawn by --seed (default: all)', whole('--images'))
    .option('--seed <N>', 'seed of that draw', whole('--seed', 0), 1)
    .addOption(
      new Option('--scores <KIND>', 'what the output holds: class scores as logits or probabilities (auto looks), or none, as of a detector')
        .choices(['auto', 'logits', 'probabilities', 'none'])
        .default('auto'),
    )
    .addOption(manyOption('--output <NAME>', 'take this output and leave out those that are not named'))
    .addOption(manyOption('--size <PX>', 'height and width where a file leaves them open: 224, 480x640, or NAME=320'))
    .addOption(new Option('--layout <ORDER>', 'order of the input (default: from its shape)').choices(['NCHW', 'NHWC']))
    .addOption(
      new Option(
        '--resize <METHOD>',
        'how an image takes the size of the input: stretch, cover (its middle) or contain (all of it between grey bars, as YOLO does)',
      )
        .choices(['stretch', 'cover', 'contain'])
        .default('stretch'),
    )
    .addOption(new Option('--channels <ORDER>', 'order of the channels').choices(['rgb', 'bgr']).default('rgb'))
    .option('--scale <X>', 'factor of a byte: 1, 1/255, 1/127.5 (default: 1/255)')
    .option('--mean <LIST>', 'taken off the scaled pixel, one number or one a channel: 0.485,0.456,0.406')
    .option('--std <LIST>', 'then divided by, one number or one a channel: 0.229,0.224,0.225')
    .option('--rounds <N>', 'timed inferences per file; p95 needs 130', whole('--rounds'), 150)
    .option('--force', 'write over the network that the folder holds')
    .option('--json', 'one JSON document on standard output, see docs/own-networks.md')
    .addHelpText(
      'after',
      `
Example:
  flyball network add mobilenet-0.5.onnx mobilenet-1.0.onnx mobilenet-1.0-int8.onnx --data ~/photos/val \\
    --resize cover --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --out networks/mobilenet`,
    )
    .action(add)
}

async function add(files: string[], options: AddOptions): Promise<void> {
  const names = namesOf(files)
  checkOutFolder(options.out, options.force === true)
  if (options.data !== undefined && options.accuracy.length > 0)
    throw new FlyballError('ERR_USAGE', '--data and --accuracy exclude each other: accuracy is either measured or given')
  const sizeOf = sizesOf(options.size, names)
  const labels = options.labels === undefined ? undefined : readLabels(options.labels)
  const preprocessing = {
    ...{ resize: options.resize, channels: options.channels },
    ...{ scale: scaleOf(options.scale), mean: numbersOf(options.mean, '--mean'), std: numbersOf(options.std, '--std', 'positive') },
  }
  const given = options.accuracy.length === 0 ? undefined : accuraciesOf(options.accuracy, names)
  const { out, data, layout, scores, rounds, seed, images = Number.POSITIVE_INFINITY } = options
  const [{ inspectModel }, { addNetwork }, { openLabelled }] = await Promise.all([
    import('../../network/add/inspect.ts'),
    import('../../network/add/add-network.ts'),
    import('../../network/add/labelled.ts'),
  ])
  const progress = makeProgress(false)
  const outputs = options.output.length === 0 ? undefined : options.output
  let result: AddResult
  try {
    const candidates: Candidate[] = []
    for (const [i, file] of files.entries()) {
      candidates.push(await inspectModel(file, { layout, sizeOf, outputs }))
      progress.update('files', i + 1, files.length)
    }
    progress.end()
    const accuracies = data === undefined ? (given ?? (await askAccuracies(names, progress))) : undefined
    result = await addNetwork({
      ...{ name: options.name ?? basename(resolve(out)), out, candidates, scores, preprocessing, labels, rounds },
      ...(data === undefined ? {} : { labelled: (classes: number) => openLabelled(data, classes, labels, images, makeRng(seed)) }),
      ...(accuracies === undefined ? {} : { accuracies }),
      now: systemClock.now,
      onProgress: (what, done, of) => {
        progress.update(what, done, of)
        if (done === of) progress.end()
      },
    })
  } finally {
    progress.end()
  }
  if (options.json === true) return printJson(addDocument(out, result))
  printLines(addLines(out, result))
}

function namesOf(files: readonly string[]): string[] {
  if (files.length > mostUnits) throw new FlyballError('ERR_USAGE', `${files.length} files, expected at most ${mostUnits}`)
  const names = files.map((file) => basename(file).replace(/\.onnx$/i, ''))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new FlyballError('ERR_USAGE', `two files are called ${twice}, expected names of their own, because they name the sub-networks`)
  return names
}

/** Asks the person at the terminal; without one, says what to pass. */
async function askAccuracies(names: readonly string[], progress: Progress): Promise<number[]> {
  const options = `--data DIR (labelled images) or ${names.map((name) => `--accuracy ${name}=RATIO`).join(' ')}`
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new FlyballError('ERR_USAGE', `how accurate the networks are is neither measured nor given, expected ${options}`)
  progress.note(`How accurate are they, from 0 to 1? ${options} would say it without asking.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // A question that is left open would otherwise wait for ever.
  const ended = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new FlyballError('ERR_USAGE', `the question was not answered, expected a ratio, or ${options}`)))
  })
  ended.catch(() => {})
  try {
    const answers: string[] = []
    for (const name of names) answers.push(`${name}=${await Promise.race([terminal.question(`${name}: `), ended])}`)
    return accuraciesOf(answers, names)
  } finally {
    terminal.close()
  }
}
