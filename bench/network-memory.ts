/**
 * Resident memory with all four sizes of the shipped network ready: as increments (what flyball keeps), as one file of the full network
 * (which has one size alone), and as four separate networks of 25, 50, 75 and 100 % (what one keeps without increments).
 *
 * Every figure is a process of its own, several times in turn; what is printed is the median less that of bare Node with ONNX Runtime at
 * work on a network of one operator. Run: node dist/bench/network-memory.js [DIR] [--json]
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from '../src/core/statistics.ts'
import type { GroupArchitecture } from '../src/network/architecture.ts'
import { inputName, makeGroupModel, makeWholeModel, outputName } from '../src/network/onnx/group-model.ts'
import { encodeModel } from '../src/network/onnx/model.ts'
import { makeSampleInput } from '../src/network/sample-input.ts'
import { sessionDefaults } from '../src/network/session.ts'
import { openGroups } from './network-support.ts'

interface Task {
  readonly files: readonly string[]
  readonly shape: readonly number[]
  readonly classes: number
  readonly options: object
}

interface Memory {
  /** Resident, B. */
  readonly residentB: number
  /** Of it anonymous: heap, weights and activations, without pages of program files. */
  readonly anonymousB: number
}

const repetitions = 7
const warmUp = 20

/** In the child: loads the files, runs each some times, prints its own memory. */
async function measureSelf({ files, shape, classes, options }: Task): Promise<void> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const image = new Tensor('float32', makeSampleInput(shape, 1), shape)
  const sessions: unknown[] = []
  for (const file of files) {
    const session = await InferenceSession.create(file, options)
    const logits = new Tensor('float32', new Float32Array(classes), [1, classes])
    for (let i = 0; i < warmUp; i++) await session.run({ [inputName]: image }, { [outputName]: logits })
    sessions.push(session)
  }
  globalThis.gc?.()
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  process.stdout.write(JSON.stringify({ residentB: field('VmRSS'), anonymousB: field('RssAnon'), sessions: sessions.length }))
}

async function measureChild(task: Task): Promise<Memory> {
  const self = fileURLToPath(import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', self, '--child', JSON.stringify(task)])
  return JSON.parse(stdout) as Memory
}

/** Logits as a linear map of one pixel mean per channel: the smallest network with the same ends. */
function bareModel({ image, classes }: GroupArchitecture): Uint8Array {
  const kernel = new Float32Array(image[0] * classes)
  return encodeModel({
    name: 'bare',
    inputs: [{ name: inputName, shape: [1, ...image] }],
    outputs: [{ name: outputName, shape: [1, classes] }],
    initializers: [
      { name: 'kernel', shape: [image[0], classes], values: kernel },
      { name: 'bias', shape: [classes], values: new Float32Array(classes) },
    ],
    nodes: [
      { op: 'GlobalAveragePool', inputs: [inputName], output: 'average' },
      { op: 'Flatten', inputs: ['average'], output: 'features', attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['features', 'kernel', 'bias'], output: outputName },
    ],
  })
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const { network, architecture, groups } = openGroups(args)
  const { input, output } = network.manifest
  const dir = mkdtempSync(join(tmpdir(), 'flyball-memory-'))
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(dir, name), bytes)
    return join(dir, name)
  }
  try {
    const whole = write('whole.onnx', encodeModel(makeWholeModel('whole', architecture, groups)))
    const separate = groups.map((_, g) =>
      write(`size-${g + 1}.onnx`, encodeModel(makeWholeModel(`size-${g + 1}`, architecture, groups.slice(0, g + 1)))),
    )
    const increments = groups.map((weights, g) =>
      write(`increment-${g + 1}.onnx`, encodeModel(makeGroupModel(`increment-${g + 1}`, architecture, weights))),
    )
    const files = { bare: [write('bare.onnx', bareModel(architecture))], increments, 'one file': [whole], 'four networks': separate }
    const optionSets = { flyball: sessionDefaults, 'ONNX Runtime defaults': { intraOpNumThreads: 1, interOpNumThreads: 1 } }
    const report = []
    for (const [options, set] of Object.entries(optionSets)) {
      const samples = new Map<string, Memory[]>(Object.keys(files).map((name) => [name, []]))
      for (let r = 0; r < repetitions; r++)
        for (const [name, list] of Object.entries(files))
          samples.get(name)?.push(await measureChild({ files: list, shape: input.shape, classes: output.classes, options: set }))
      const middle = (name: string, field: keyof Memory): number => median((samples.get(name) as Memory[]).map((memory) => memory[field]))
      const configurations = Object.keys(files).map((name) => ({
        name,
        weightsB: files[name as keyof typeof files].reduce((sum, file) => sum + statSync(file).size, 0),
        residentB: middle(name, 'residentB') - (name === 'bare' ? 0 : middle('bare', 'residentB')),
        anonymousB: middle(name, 'anonymousB') - (name === 'bare' ? 0 : middle('bare', 'anonymousB')),
      }))
      report.push({ options, repetitions, configurations })
    }
    if (json) process.stdout.write(`${JSON.stringify({ network: network.signature, report }, null, 2)}\n`)
    else process.stdout.write(`${describe(report).join('\n')}\n`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Report = readonly {
  options: string
  configurations: readonly { name: string; weightsB: number; residentB: number; anonymousB: number }[]
}[]

function describe(report: Report): string[] {
  const kilo = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`.padStart(11)
  return report.flatMap(({ options, configurations }) => {
    const ours = configurations.find(({ name }) => name === 'increments')
    return [
      `session options of ${options} (medians of ${repetitions} processes; less bare, which is whole)`,
      `${'all sizes ready as'.padEnd(20)}${'files'.padStart(11)}${'resident'.padStart(11)}${'anonymous'.padStart(11)}   this / increments: files, resident, anonymous`,
      ...configurations.map((row) => {
        const ratios = (['weightsB', 'residentB', 'anonymousB'] as const).map((field) => (row[field] / (ours?.[field] ?? Number.NaN)).toFixed(2))
        return `${row.name.padEnd(20)}${kilo(row.weightsB)}${kilo(row.residentB)}${kilo(row.anonymousB)}   ${row.name === 'bare' ? '' : ratios.join('  ')}`
      }),
      '',
    ]
  })
}

const [mode, task] = process.argv.slice(2)
if (mode === '--child') await measureSelf(JSON.parse(task as string) as Task)
else await main(process.argv.slice(2))
