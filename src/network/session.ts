import './no-telemetry.ts'
import { InferenceSession, type OnnxValue, Tensor } from 'onnxruntime-node'
import { FlyballError } from '../core/errors.ts'
import type { Network } from './manifest.ts'

/** Units of a network, loaded and ready in this thread. */
export interface NetworkSession {
  /** The units that were loaded, in order. */
  readonly units: readonly number[]
  /** The input of every unit, channel after channel, normalised; fill it before `run`. */
  readonly input: Float32Array
  /** Logits of one unit for the present input. The array is the unit's own and is filled anew by its next run. Throws ERR_INFERENCE. */
  run(unit: number): Promise<Float32Array>
  close(): Promise<void>
}

export interface SessionInput {
  /** Default all. */
  readonly units?: readonly number[]
  /** Over the defaults, for measurements. */
  readonly options?: InferenceSession.SessionOptions
}

/**
 * One thread does the work, so that an inference costs what it costs on one core wherever it is placed. Without arena and memory pattern a
 * session keeps its weights and no blocks for activations, a sixth of the resident memory of a small network (bench/network-memory).
 */
export const sessionDefaults: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  enableCpuMemArena: false,
  enableMemPattern: false,
}

/**
 * Loads units of a network with onnxruntime-node. Input and outputs are allocated here once and reused.
 * Throws ERR_NETWORK_FILE when a file is no model, ERR_NETWORK_SHAPE when it disagrees with the manifest.
 */
export async function openSession(network: Network, { units, options }: SessionInput = {}): Promise<NetworkSession> {
  const { input, output } = network.manifest
  const chosen = units ?? network.manifest.units.map((_, u) => u)
  const buffer = new Float32Array(input.shape.reduce((a, b) => a * b))
  const feeds = { [input.name]: new Tensor('float32', buffer, input.shape) }
  const loaded = new Map<number, LoadedUnit>()
  for (const unit of chosen) loaded.set(unit, await loadUnit(network, unit, { ...sessionDefaults, ...options }, output.classes))
  return {
    units: chosen,
    input: buffer,
    async run(unit) {
      const { session, fetches, logits } = take(loaded, unit)
      try {
        await session.run(feeds, fetches)
      } catch (error) {
        throw new FlyballError('ERR_INFERENCE', `unit ${unit} of ${network.manifest.name}: ${(error as Error).message}`, { cause: error })
      }
      return logits
    },
    async close() {
      const sessions = [...loaded.values()]
      loaded.clear()
      for (const { session } of sessions) await session.release()
    },
  }
}

interface LoadedUnit {
  readonly session: InferenceSession
  readonly fetches: Readonly<Record<string, OnnxValue>>
  readonly logits: Float32Array
}

function take(loaded: ReadonlyMap<number, LoadedUnit>, unit: number): LoadedUnit {
  const found = loaded.get(unit)
  if (found === undefined)
    throw new FlyballError('ERR_INFERENCE', `unit ${unit} is not loaded here, expected one of ${[...loaded.keys()].join(', ')}`)
  return found
}

async function loadUnit(network: Network, unit: number, options: InferenceSession.SessionOptions, classes: number): Promise<LoadedUnit> {
  const { input, output, units } = network.manifest
  if (units[unit] === undefined)
    throw new FlyballError('ERR_INFERENCE', `${network.manifest.name} has no unit ${unit}, expected 0 to ${units.length - 1}`)
  const path = network.fileOf(unit)
  const session = await InferenceSession.create(path, options).catch((error: unknown) => {
    throw new FlyballError('ERR_NETWORK_FILE', `${path} is no usable ONNX model: ${(error as Error).message}`, { cause: error })
  })
  checkEnd(path, 'input', session.inputMetadata, input.name, input.shape)
  checkEnd(path, 'output', session.outputMetadata, output.name, [input.shape[0] as number, classes])
  const logits = new Float32Array(classes)
  return { session, fetches: { [output.name]: new Tensor('float32', logits, [input.shape[0] as number, classes]) }, logits }
}

function checkEnd(path: string, end: string, values: readonly InferenceSession.ValueMetadata[], name: string, shape: readonly number[]): void {
  const expected = `float32 ${name} [${shape.join(', ')}]`
  const [value] = values
  const found = values.map((each) => (each.isTensor ? `${each.type} ${each.name} [${each.shape.join(', ')}]` : each.name)).join('; ')
  const fits =
    values.length === 1 &&
    value?.isTensor === true &&
    value.name === name &&
    value.type === 'float32' &&
    value.shape.length === shape.length &&
    // A size that the file leaves open takes the manifest's.
    value.shape.every((size, i) => typeof size === 'string' || size === shape[i])
  if (!fits) throw new FlyballError('ERR_NETWORK_SHAPE', `${path}: ${end} is ${found}, the manifest says ${expected}`)
}
