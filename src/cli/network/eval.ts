import { Command, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { formatQuantity } from '../../core/units.ts'
import { readCifar10 } from '../../network/dataset/cifar10.ts'
import { measureAccuracy, measureLatency } from '../../network/evaluate.ts'
import { openNetwork } from '../../network/manifest.ts'
import { openSession } from '../../network/session.ts'
import { networkDir } from '../../run/shipped.ts'
import { formatTable, makeProgress, printJson, printLines } from '../print.ts'
import { millions, percent, whole } from './format.ts'

interface EvalOptions {
  dataset: string
  data: string
  images: number
  rounds: number
  json?: true
}

/** `flyball network eval`. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('measure the sizes of a network on this machine through onnxruntime-node')
    .argument('<DIR>', 'folder of the network, or shipped:NAME')
    .addOption(new Option('--dataset <NAME>', 'data set').choices(['cifar10']).default('cifar10'))
    .requiredOption('--data <DIR>', 'folder of the unpacked data set (binary version)')
    .option('--images <N>', 'use the first N test images', whole('--images'), 10_000)
    .option('--rounds <N>', 'timed inferences per size; p95 needs 130', whole('--rounds'), 500)
    .option(
      '--json',
      'one JSON document on standard output: { network, signature, sizes: [{ subnet, top1, images, ece, macs, parameters, sizeB, latencyS: { p50, p95, p99, n } }] }',
    )
    .addHelpText('after', '\nExample:\n  flyball network eval networks/mine --data ~/cifar-10-batches-bin --json\n')
    .action(evaluate)
}

async function evaluate(dir: string, options: EvalOptions): Promise<void> {
  const network = openNetwork(networkDir(dir))
  const test = readCifar10(options.data, 'test', options.images)
  const progress = makeProgress(false)
  const session = await openSession(network)
  try {
    const accuracies = await measureAccuracy(network, session, test, (done) => progress.update('test images', done, test.count))
    progress.end()
    const latencies = await measureLatency(network, session, options.rounds, systemClock.now)
    const sizes = accuracies.map((accuracy, s) => {
      const units = network.unitsOf(s).map((unit) => network.manifest.units[unit])
      const { macs, parameters } = network.manifest.subnets[s] as (typeof network.manifest.subnets)[number]
      return { ...accuracy, macs, parameters, sizeB: units.reduce((sum, unit) => sum + (unit?.sizeB ?? 0), 0), latencyS: latencies[s] }
    })
    if (options.json === true) return printJson({ network: dir, signature: network.signature, sizes })
    const rows = sizes.map(({ subnet, top1, ece, macs, parameters, sizeB, latencyS }) => [
      subnet,
      percent(top1),
      percent(ece),
      millions(macs),
      String(parameters),
      `${Math.round(sizeB / 1000)} kB`,
      formatQuantity(latencyS?.p50, 'time'),
      formatQuantity(latencyS?.p95, 'time'),
    ])
    printLines(formatTable([['size', 'top-1', 'ece', 'MACs', 'parameters', 'files', 'p50', 'p95'], ...rows]))
  } finally {
    await session.close()
  }
}
