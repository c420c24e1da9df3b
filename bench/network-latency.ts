/**
 * Latency of every size as increments, in one thread, beside one ONNX file of the full network: what does it cost to keep all sizes?
 * Everything takes turns, so that a disturbance meets all of it. Pin it to one core for one core's figures.
 *
 * Run: taskset -c 1 node dist/bench/network-latency.js [DIR] [--json]
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { systemClock } from '../src/core/clock.ts'
import { percentiles } from '../src/core/statistics.ts'
import { formatQuantity } from '../src/core/units.ts'
import { addLogits, unitBits } from '../src/network/answer.ts'
import { inputName, makeWholeModel, outputName } from '../src/network/onnx/group-model.ts'
import { encodeModel } from '../src/network/onnx/model.ts'
import { makeSampleInput } from '../src/network/sample-input.ts'
import { openSession, sessionDefaults } from '../src/network/session.ts'
import { openGroups } from './network-support.ts'

const rounds = 400
/** Inferences in a row, of which the first is not counted: it meets the caches as the one before left them. */
const inRow = 5

const args = process.argv.slice(2)
const { network, architecture, weights: groups } = openGroups(args)
const { input, output, subnets, units } = network.manifest
const image = makeSampleInput(input.shape, 1)
const session = await openSession(network)
session.input.set(image)
const unitLogits = new Float32Array(units.length * output.classes)
const logits = new Float32Array(output.classes)
const whole = await InferenceSession.create(encodeModel(makeWholeModel('whole', architecture, groups)), sessionDefaults)
const feeds = { [inputName]: new Tensor('float32', image, input.shape) }
const fetches = { [outputName]: new Tensor('float32', new Float32Array(output.classes), [1, output.classes]) }

const inferences = [
  ...subnets.map((_, subnet) => async () => {
    for (const unit of network.unitsOf(subnet)) unitLogits.set(await session.run(unit), unit * output.classes)
    addLogits(unitLogits, unitBits(network, subnet), logits)
  }),
  async () => {
    await whole.run(feeds, fetches)
  },
]
const samplesS: number[][] = inferences.map(() => [])
for (let round = 0; round < rounds; round++)
  for (const [which, infer] of inferences.entries())
    for (let i = 0; i < inRow; i++) {
      const startS = systemClock.now()
      await infer()
      if (i > 0 && round >= rounds / 10) samplesS[which]?.push(systemClock.now() - startS)
    }
await session.close()
await whole.release()

const latencies = samplesS.map(percentiles)
const p50 = (which: number): number => latencies.at(which)?.p50 as number
const sizes = subnets.map(({ name, macs }, s) => ({ subnet: name, macs, latencyS: latencies[s] }))
const report = {
  network: network.signature,
  sizes,
  oneFileS: latencies.at(-1),
  range: p50(subnets.length - 1) / p50(0),
  overOneFile: p50(subnets.length - 1) / p50(-1),
}

if (args.includes('--json')) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
else {
  const names = [...subnets.map(({ name }) => `${name} % as increments`), '100 % as one file']
  const rows = names.map(
    (name, i) =>
      `${name.padEnd(22)} p50 ${formatQuantity(latencies[i]?.p50, 'time').padStart(8)}  p95 ${formatQuantity(latencies[i]?.p95, 'time').padStart(8)}`,
  )
  rows.push(`100 % over 25 %: ${report.range.toFixed(2)}x (the paper: 2.73x); increments over one file: ${report.overOneFile.toFixed(2)}x`)
  process.stdout.write(`${rows.join('\n')}\n`)
}
