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
import type { GroupArchitecture } from './architecture.ts'
import { endsOf, type UnitEnds, type UnitInput, type UnitOutput } from './ends.ts'
import type { Network } from './manifest.ts'
import { inputName, makeGroupModel, outputName } from './onnx/group-model.ts'
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
  /** After loading, free memory goes back to the system, as openSession does it. */
  readonly giveBack: boolean
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

// Node's own heap is held still, or its growth by megabytes at times of its choosing would be taken for the networks'.
const stillHeap = ['--expose-gc', '--no-opt', '--max-semi-space-size=1']

async function runChild(task: ResidentTask): Promise<Resident | null> {
  const program = fileURLToPath(compiledUrl('src/network/resident-child.js'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...stillHeap, program, JSON.stringify(task)])
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

// One widening and one residual convolution, of the least channels for which ONNX Runtime takes the kernels that it takes for large ones.
const bareArchitecture: GroupArchitecture = {
  image: [3, 8, 8],
  convs: [
    { inChannels: 3, outChannels: 16, height: 8, width: 8, residual: false, pool: true },
    { inChannels: 16, outChannels: 16, height: 4, width: 4, residual: true, pool: false },
  ],
  features: 16,
  classes: 2,
}

/**
 * A network of a dozen kilobytes with the operators of a real one: what a process with it holds is bare Node with ONNX Runtime at work, the pages of its
 * program among it. Written to `path`.
 */
export function writeBareModel(path: string): ResidentModel {
  const { image, convs, features, classes } = bareArchitecture
  const weights = {
    convs: convs.map(({ inChannels, outChannels }) => ({
      kernel: new Float32Array(9 * inChannels * outChannels),
      bias: new Float32Array(outChannels),
    })),
    dense: { kernel: new Float32Array(features * classes), bias: new Float32Array(classes) },
  }
  writeFileSync(path, encodeModel(makeGroupModel('bare', bareArchitecture, weights)))
  return {
    path,
    input: { name: inputName, shape: [1, ...image], dtype: 'float32' },
    outputs: [{ name: outputName, shape: [1, classes] }],
  }
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
      giveBack: true,
    }))
    const all = [{ models: [writeBareModel(join(dir, 'bare.onnx'))], options: sessionDefaults, giveBack: true }, ...tasks]
    const measured = await measureResident(all, processes, (done) => onProcess?.(done, processes * all.length))
    const [bare, ...sizes] = measured ?? []
    return subnets.map((_, s) => (bare === undefined ? null : (sizes[s] as Resident).residentB - bare.residentB))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
