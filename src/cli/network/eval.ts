import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { FlyballError } from '../../core/errors.ts'
import { readCifar10 } from '../../network/dataset/cifar10.ts'
import { spreadImages } from '../../network/dataset/image-set.ts'
import { imagesInFolder, imagesInMemory, type TestImages } from '../../network/dataset/test-images.ts'
import type { Evaluation } from '../../network/evaluation.ts'
import { type Network, openNetwork } from '../../network/manifest.ts'
import { checkWritable } from '../../network/write-file.ts'
import { writeNetworkReport } from '../../report/network-report.ts'
import {
  anytimeHeader,
  anytimeRows,
  anytimeVerdict,
  equalHeader,
  equalRows,
  noAnytime,
  sizeHeader,
  sizeNotes,
  sizeRow,
} from '../../report/network-rows.ts'
import { networkDir } from '../../run/shipped.ts'
import { versions } from '../../run/versions.ts'
import { formatTable, makeProgress, printJson, printLines } from '../print.ts'
import { whole } from './format.ts'

interface EvalOptions {
  dataset: string
  data: string
  images?: number
  rounds: number
  processes: number
  report?: string
  json?: true
}

/** `flyball network eval`. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('measure the sizes of a network on this machine through onnxruntime-node')
    .argument('<DIR>', 'folder of the network, or shipped:NAME')
    .addOption(new Option('--dataset <NAME>', 'data set').choices(['cifar10', 'folder']).default('cifar10'))
    .requiredOption('--data <DIR>', 'folder of the unpacked data set: CIFAR-10 (binary version), or DIR/class/*.png and *.jpg')
    .option('--images <N>', 'use N test images, evenly spread (default: all)', whole('--images'))
    .option('--rounds <N>', 'timed inferences per size; p95 needs 130, p99 662', whole('--rounds'), 700)
    .option('--processes <N>', 'processes per size whose resident memory is measured; 0 leaves it out', whole('--processes', 0), 5)
    .option('--report <FILE>', 'write an HTML page with tables and charts')
    .option(
      '--json',
      'one JSON document on standard output: { network, signature, dataset, mayBeLearned, sizes: [{ subnet, top1, images, macs, parameters, latencyS, sizeB, residentB, ece, … }], anytime: [{ threshold, top1, meanMacs, … }] }',
    )
    .addHelpText('after', '\nExample:\n  flyball network eval networks/mine --data ~/cifar-10-batches-bin --report mine.html\n')
    .action(evaluate)
}

async function evaluate(dir: string, options: EvalOptions): Promise<void> {
  const network = openNetwork(networkDir(dir))
  const progress = makeProgress(false)
  const onProgress = (what: string, done: number, of: number): void => {
    progress.update(what, done, of)
    if (done === of) progress.end()
  }
  // Before minutes of measuring, not after.
  if (options.report !== undefined) checkWritable(dirname(options.report))
  const { evaluateNetwork } = await import('../../network/evaluation.ts')
  let evaluation: Evaluation
  try {
    evaluation = await evaluateNetwork({
      network,
      test: await openImages(network, options),
      rounds: options.rounds,
      processes: options.processes,
      now: systemClock.now,
      onProgress,
    })
  } finally {
    progress.end()
  }
  if (options.report !== undefined)
    await writeNetworkReport({ ...evaluation, network: dir, date: systemClock.wall(), versions: versions() }, options.report)
  if (options.json === true) return printJson(documentOf(dir, evaluation))
  printLines([...linesOf(evaluation), ...(options.report === undefined ? [] : ['', `report  ${options.report}`])])
}

async function openImages({ manifest }: Network, { dataset, data, images }: EvalOptions): Promise<TestImages> {
  if (manifest.output.classes === 0)
    throw new FlyballError('ERR_USAGE', `${manifest.name} gives no class scores, expected a network that classifies images`)
  if (dataset === 'folder') return imagesInFolder(manifest, data, images)
  const set = readCifar10(data, 'test')
  return imagesInMemory(manifest, spreadImages(set, images ?? set.count))
}

/** What `--json` prints: numbers alone; the pictures of the report hold the counts. */
function documentOf(network: string, { signature, dataset, mayBeLearned, sizes, anytime }: Evaluation): object {
  return {
    network,
    signature,
    dataset,
    mayBeLearned,
    sizes: sizes.map(({ reliability: _bins, confusion: _counts, ...size }) => ({
      ...size,
      residentQuality: size.residentB === null ? 'absent' : 'measured',
    })),
    anytime,
  }
}

function linesOf(evaluation: Evaluation): string[] {
  const { sizes, anytime } = evaluation
  const table = [...formatTable([sizeHeader, ...sizes.map(sizeRow)]), ...sizeNotes(evaluation), '']
  if (anytime.length === 0) return [...table, noAnytime]
  return [
    ...table,
    ...formatTable([anytimeHeader(sizes), ...anytimeRows(evaluation)]),
    '',
    ...formatTable([equalHeader, ...equalRows(evaluation)]),
    anytimeVerdict(evaluation),
  ]
}
