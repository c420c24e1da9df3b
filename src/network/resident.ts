import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InferenceSession } from 'onnxruntime-node'
import { compiledUrl } from '../core/compiled-url.ts'
import { FlyballError } from '../core/errors.ts'
import { median } from '../core/statistics.ts'
import { endsOf, type UnitEnds, type UnitInput, type UnitOutput } from './ends.ts'
import type { Network } from './manifest.ts'
import { encodeModel } from './onnx/model.ts'
import { sessionDefaults } from './session.ts'

export interface ResidentModel {
  readonly path: string
  readonly input: Pick<UnitInput, 'name' | 'shape' | 'dtype'>
  readonly outputs: readonly UnitOutput[]
}

/** Models that one process holds at once. */
export interface ResidentTask {
  readonly models: readonly ResidentModel[]
  readonly options: InferenceSession.SessionOptions
}

export interface Resident {
  /** In RAM, B. */
  readonly residentB: number
  /** Of it anonymous: heap, weights and activations, without pages of program files. */
  readonly anonymousB: number
}

/**
 * Memory of a process that holds the models and has run each of them: a process of its own for each task, `processes` times in turn, the medians. Null where the
 * system has no /proc. Throws ERR_INFERENCE when a process fails.
 */
export async function measureResident(
  tasks: readonly ResidentTask[],
  processes: number,
  onProcess?: (done: number) => void,
): Promise<Resident[] | null> {
  const samples = tasks.map(() => [] as Resident[])
  for (let round = 0, done = 0; round < processes; round++)
    for (const [t, task] of tasks.entries()) {
      const own = await runChild(task)
      if (own === null) return null
      samples[t]?.push(own)
      onProcess?.(++done)
    }
  return samples.map((each) => ({
    residentB: median(each.map(({ residentB }) => residentB)),
    anonymousB: median(each.map(({ anonymousB }) => anonymousB)),
  }))
}

async function runChild(task: ResidentTask): Promise<Resident | null> {
  const program = fileURLToPath(compiledUrl('src/network/resident-child.js'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, JSON.stringify(task)])
    return JSON.parse(stdout) as Resident | null
  } catch (error) {
    throw new FlyballError('ERR_INFERENCE', `the process that measures memory failed: ${(error as Error).message}`, { cause: error })
  }
}

const modelOf = (path: string, { input: { name, shape, dtype }, outputs }: UnitEnds): ResidentModel => ({
  path,
  input: { name, shape, dtype },
  outputs,
})

/** The smallest model there is: what a process with it holds is bare Node with ONNX Runtime at work. Written to `path`. */
export function writeBareModel(path: string): ResidentModel {
  const ends = { input: { name: 'x', shape: [1, 1], dtype: 'float32' as const }, outputs: [{ name: 'y', shape: [1, 1] }] }
  const bytes = encodeModel({
    name: 'bare',
    inputs: [ends.input],
    outputs: ends.outputs,
    initializers: [],
    nodes: [{ op: 'Relu', inputs: ['x'], output: 'y' }],
  })
  writeFileSync(path, bytes)
  return { path, ...ends }
}

/**
 * Resident memory of each sub-network's units, ready and run, B, less that of bare Node with ONNX Runtime. Medians of `processes` processes each; a small
 * network may come out near 0 or below, within the scatter of the two. Null per size where the system does not tell, or `processes` is 0.
 */
export async function measureSizesResident(
  network: Network,
  processes: number,
  onProcess?: (done: number, of: number) => void,
): Promise<(number | null)[]> {
  const { subnets } = network.manifest
  if (processes === 0) return subnets.map(() => null)
  const dir = mkdtempSync(join(tmpdir(), 'flyball-resident-'))
  try {
    const ends = endsOf(network.manifest)
    const tasks = subnets.map((_, s) => ({
      models: network.unitsOf(s).map((unit) => modelOf(network.fileOf(unit), ends[unit] as UnitEnds)),
      options: sessionDefaults,
    }))
    const all = [{ models: [writeBareModel(join(dir, 'bare.onnx'))], options: sessionDefaults }, ...tasks]
    const measured = await measureResident(all, processes, (done) => onProcess?.(done, processes * all.length))
    const [bare, ...sizes] = measured ?? []
    return subnets.map((_, s) => (bare === undefined ? null : (sizes[s] as Resident).residentB - bare.residentB))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
