/**
 * What int8 increments cost and give beside the float32 ones they were made from: latency of every size in one thread, size of its files, and top-1 on all
 * test images where FLYBALL_CIFAR10 names the folder with the binary version of CIFAR-10. Both networks take turns, so that a disturbance meets both;
 * the ratios are of the medians.
 *
 * Run: taskset -c 1 node dist/bench/network-int8.js FLOAT INT8 [--json], two folders: INT8 from flyball network export FLOAT --quantize
 */
import { systemClock } from '../src/core/clock.ts'
import { type LatencyPercentiles, percentiles } from '../src/core/statistics.ts'
import { formatQuantity } from '../src/core/units.ts'
import { addLogits, unitBits } from '../src/network/answer.ts'
import { readCifar10 } from '../src/network/dataset/cifar10.ts'
import { measureAccuracy } from '../src/network/evaluate.ts'
import { type Network, openNetwork } from '../src/network/manifest.ts'
import { makeSampleInput } from '../src/network/sample-input.ts'
import { type NetworkSession, openSession } from '../src/network/session.ts'

const rounds = 400
/** Inferences in a row, of which the first is not counted: it meets the caches as the other network left them. */
const inRow = 5

interface Contender {
  readonly network: Network
  readonly session: NetworkSession
  /** Per size, s. */
  readonly samplesS: readonly number[][]
}

async function open(dir: string): Promise<Contender> {
  const network = openNetwork(dir)
  const session = await openSession(network)
  session.input.set(makeSampleInput(network.manifest.input.shape, 1))
  return { network, session, samplesS: network.manifest.subnets.map(() => []) }
}

async function time({ network, session, samplesS }: Contender, subnet: number, counted: boolean): Promise<void> {
  const { output, units } = network.manifest
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const bits = unitBits(network, subnet)
  for (let i = 0; i < inRow; i++) {
    const startS = systemClock.now()
    for (const unit of network.unitsOf(subnet)) unitLogits.set(await session.run(unit), unit * output.classes)
    addLogits(unitLogits, bits, logits)
    if (i > 0 && counted) samplesS[subnet]?.push(systemClock.now() - startS)
  }
}

async function accuraciesOf({ network, session }: Contender): Promise<(number | null)[]> {
  const data = process.env['FLYBALL_CIFAR10']
  if (data === undefined) return network.manifest.subnets.map(() => null)
  return (await measureAccuracy(network, session, readCifar10(data, 'test'))).map(({ top1 }) => top1)
}

interface Row {
  readonly latencyS: LatencyPercentiles
  readonly sizeB: number
  readonly top1: number | null
}

async function rowsOf(contender: Contender): Promise<Row[]> {
  const { network, samplesS } = contender
  const top1 = await accuraciesOf(contender)
  return samplesS.map((samples, s) => ({
    latencyS: percentiles(samples),
    sizeB: network.unitsOf(s).reduce((sum, unit) => sum + (network.manifest.units[unit]?.sizeB as number), 0),
    top1: top1[s] ?? null,
  }))
}

async function main(args: readonly string[]): Promise<void> {
  const [floatDir, int8Dir] = args.filter((arg) => !arg.startsWith('--'))
  if (floatDir === undefined || int8Dir === undefined) throw new Error('expected two folders: a float32 network and the int8 network made from it')
  const contenders = [await open(floatDir), await open(int8Dir)] as const
  const { subnets } = contenders[0].network.manifest
  for (let round = 0; round < rounds; round++)
    for (const subnet of subnets.keys()) for (const contender of contenders) await time(contender, subnet, round >= rounds / 10)
  const [float32, int8] = [await rowsOf(contenders[0]), await rowsOf(contenders[1])]
  for (const { session } of contenders) await session.close()
  const sizes = subnets.map(({ name }, s) => {
    const [f, q] = [float32[s] as Row, int8[s] as Row]
    return {
      subnet: name,
      float32: f,
      int8: q,
      latencyRatio: (q.latencyS.p50 as number) / (f.latencyS.p50 as number),
      sizeRatio: q.sizeB / f.sizeB,
      top1Lost: f.top1 === null || q.top1 === null ? null : f.top1 - q.top1,
    }
  })
  const report = { float32: contenders[0].network.signature, int8: contenders[1].network.signature, sizes }
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(report, null, 2)}\n` : `${describe(sizes).join('\n')}\n`)
}

function describe(sizes: readonly { subnet: string; float32: Row; int8: Row; latencyRatio: number; sizeRatio: number }[]): string[] {
  const cells = ({ latencyS, sizeB, top1 }: Row): string =>
    [
      `p50 ${formatQuantity(latencyS.p50, 'time').padStart(8)}`,
      `p95 ${formatQuantity(latencyS.p95, 'time').padStart(8)}`,
      `${String(Math.round(sizeB / 1024)).padStart(5)} KiB`,
      top1 === null ? 'top-1 not measured' : `top-1 ${(100 * top1).toFixed(2)} %`,
    ].join('  ')
  return sizes.flatMap(({ subnet, float32, int8, latencyRatio, sizeRatio }) => [
    `${`${subnet} %`.padEnd(6)} float32  ${cells(float32)}`,
    `${''.padEnd(6)} int8     ${cells(int8)}  ${latencyRatio.toFixed(2)}x the time, ${sizeRatio.toFixed(2)}x the bytes`,
  ])
}

await main(process.argv.slice(2))
