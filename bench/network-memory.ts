/**
 * Resident memory with all four sizes of the shipped network ready: as increments (what flyball keeps), as one file of the full network
 * (which has one size alone), and as four separate networks of 25, 50, 75 and 100 % (what one keeps without increments).
 *
 * Every figure is a process of its own, several times in turn; what is printed is the median less that of bare Node with ONNX Runtime at
 * work on a network of one operator. Run: node dist/bench/network-memory.js [DIR] [--json]
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inputName, makeGroupModel, makeWholeModel, outputName } from '../src/network/onnx/group-model.ts'
import { encodeModel } from '../src/network/onnx/model.ts'
import { measureResident, type Resident, type ResidentModel, writeBareModel } from '../src/network/resident.ts'
import { sessionDefaults } from '../src/network/session.ts'
import { openGroups } from './network-support.ts'

const repetitions = 7

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const { network, architecture, weights: groups } = openGroups(args)
  const { input, output } = network.manifest
  const dir = mkdtempSync(join(tmpdir(), 'flyball-memory-'))
  const ends = {
    input: { name: inputName, shape: input.shape, dtype: 'float32' as const },
    outputs: [{ name: outputName, shape: [1, output.classes] }],
  }
  const write = (name: string, bytes: Uint8Array): ResidentModel => {
    writeFileSync(join(dir, name), bytes)
    return { path: join(dir, name), ...ends }
  }
  try {
    const whole = write('whole.onnx', encodeModel(makeWholeModel('whole', architecture, groups)))
    const separate = groups.map((_, g) =>
      write(`size-${g + 1}.onnx`, encodeModel(makeWholeModel(`size-${g + 1}`, architecture, groups.slice(0, g + 1)))),
    )
    const increments = groups.map((weights, g) =>
      write(`increment-${g + 1}.onnx`, encodeModel(makeGroupModel(`increment-${g + 1}`, architecture, weights))),
    )
    const files = { bare: [writeBareModel(join(dir, 'bare.onnx'))], increments, 'one file': [whole], 'four networks': separate }
    const optionSets = {
      'flyball, free memory given back after loading': { options: sessionDefaults, giveBack: true },
      'ONNX Runtime defaults': { options: { intraOpNumThreads: 1, interOpNumThreads: 1 }, giveBack: false },
    }
    const report = []
    for (const [options, set] of Object.entries(optionSets)) {
      const measured = await measureResident(
        Object.values(files).map((models) => ({ models, ...set })),
        repetitions,
      )
      if (measured === null) throw new Error('this system has no /proc/self/status to read memory from')
      const [bare] = measured as [Resident]
      const configurations = Object.entries(files).map(([name, models], f) => {
        const { residentB, anonymousB } = measured[f] as Resident
        const less = name === 'bare' ? { residentB: 0, anonymousB: 0 } : bare
        return {
          name,
          weightsB: models.reduce((sum, { path }) => sum + statSync(path).size, 0),
          residentB: residentB - less.residentB,
          anonymousB: anonymousB - less.anonymousB,
        }
      })
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
      `${options} (medians of ${repetitions} processes; less bare, which is whole)`,
      `${'all sizes ready as'.padEnd(20)}${'files'.padStart(11)}${'resident'.padStart(11)}${'anonymous'.padStart(11)}   this / increments: files, resident, anonymous`,
      ...configurations.map((row) => {
        const ratios = (['weightsB', 'residentB', 'anonymousB'] as const).map((field) => (row[field] / (ours?.[field] ?? Number.NaN)).toFixed(2))
        return `${row.name.padEnd(20)}${kilo(row.weightsB)}${kilo(row.residentB)}${kilo(row.anonymousB)}   ${row.name === 'bare' ? '' : ratios.join('  ')}`
      }),
      '',
    ]
  })
}

await main(process.argv.slice(2))
