import './no-telemetry.ts'
import { InferenceSession, type OnnxValue, Tensor } from 'onnxruntime-node'
import { FlyballError } from '../core/errors.ts'
import { endsOf, largestEnds, type UnitEnds, type UnitOutput } from './ends.ts'
import { giveBackFreeMemory } from './free-memory.ts'
import type { Network } from './manifest.ts'

/** Units of a network, loaded and ready in this thread. */
export interface NetworkSession {
  /** The units that were loaded, in order. */
  readonly units: readonly number[]
  /**
   * The prepared input in the order of its layout, normalised; fill it before `run`. As long as the largest unit's: a unit reads as many numbers as it takes from
   * the start. A uint8 unit rounds them.
   */
  readonly input: Float32Array
  /**
   * Logits of one unit for the present input; of a network without class scores all its outputs, one after the other. Probabilities come as their logarithms,
   * which are logits. The array is the unit's own and is filled anew by its next run. Throws ERR_INFERENCE.
   */
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
 * Loads units of a network with onnxruntime-node and runs each once, on zeros. Input and outputs are allocated here once and reused.
 * Throws ERR_NETWORK_FILE when a file is no model, ERR_NETWORK_SHAPE when it disagrees with the manifest, ERR_INFERENCE when it does not run.
 */
export async function openSession(network: Network, { units, options }: SessionInput = {}): Promise<NetworkSession> {
  const { manifest } = network
  const ends = endsOf(manifest)
  const chosen = units ?? manifest.units.map((_, u) => u)
  const input = new Float32Array(largestEnds(ends).input)
  const loaded = new Map<number, LoadedUnit>()
  const opened: NetworkSession = {
    units: chosen,
    input,
    async run(unit) {
      const { session, feeds, fetches, results, given, bytes, probabilities } = take(loaded, unit)
      bytes?.set(given)
      try {
        await session.run(feeds, fetches)
      } catch (error) {
        throw new FlyballError('ERR_INFERENCE', `unit ${unit} of ${manifest.name}: ${(error as Error).message}`, { cause: error })
      }
      if (probabilities) toLogits(results)
      return results
    },
    async close() {
      const sessions = [...loaded.values()]
      loaded.clear()
      for (const { session } of sessions) await session.release()
    },
  }
  try {
    for (const unit of chosen) {
      const own = ends[unit]
      if (own === undefined) throw new FlyballError('ERR_INFERENCE', `${manifest.name} has no unit ${unit}, expected 0 to ${ends.length - 1}`)
      loaded.set(unit, await loadUnit(network.fileOf(unit), own, input, { ...sessionDefaults, ...options }))
    }
    // The first run allocates what later ones reuse; what loading left over goes back after it.
    for (const unit of chosen) await opened.run(unit)
  } catch (error) {
    await opened.close()
    throw error
  }
  giveBackFreeMemory()
  return opened
}

interface LoadedUnit {
  readonly session: InferenceSession
  readonly feeds: Readonly<Record<string, Tensor>>
  readonly fetches: Readonly<Record<string, OnnxValue>>
  readonly results: Float32Array
  readonly probabilities: boolean
  /** Its part of the input. */
  readonly given: Float32Array
  /** What a uint8 unit is fed with: assigning rounds and clamps. */
  readonly bytes?: Uint8ClampedArray
}

function take(loaded: ReadonlyMap<number, LoadedUnit>, unit: number): LoadedUnit {
  const found = loaded.get(unit)
  if (found === undefined)
    throw new FlyballError('ERR_INFERENCE', `unit ${unit} is not loaded here, expected one of ${[...loaded.keys()].join(', ')}`)
  return found
}

async function loadUnit(path: string, ends: UnitEnds, buffer: Float32Array, options: InferenceSession.SessionOptions): Promise<LoadedUnit> {
  const { input, outputs, inputSize, outputSize, probabilities } = ends
  const session = await InferenceSession.create(path, options).catch((error: unknown) => {
    throw new FlyballError('ERR_NETWORK_FILE', `${path} is no usable ONNX model: ${(error as Error).message}`, { cause: error })
  })
  try {
    checkEnd(path, 'input', session.inputMetadata, [input], input.dtype)
    checkEnd(path, 'output', session.outputMetadata, outputs, 'float32')
  } catch (error) {
    await session.release()
    throw error
  }
  const given = buffer.subarray(0, inputSize)
  const results = new Float32Array(outputSize)
  const fetches: Record<string, OnnxValue> = {}
  let start = 0
  for (const { name, shape } of outputs) {
    const size = shape.reduce((a, b) => a * b, 1)
    fetches[name] = new Tensor('float32', results.subarray(start, start + size), shape)
    start += size
  }
  if (input.dtype === 'float32')
    return { session, feeds: { [input.name]: new Tensor('float32', given, input.shape) }, fetches, results, given, probabilities }
  const bytes = new Uint8ClampedArray(inputSize)
  const feeds = { [input.name]: new Tensor('uint8', new Uint8Array(bytes.buffer), input.shape) }
  return { session, feeds, fetches, results, given, probabilities, bytes }
}

/** A probability of 0 would be a logit of minus infinity, of which no sum recovers. */
const leastProbability = 1e-30

function toLogits(results: Float32Array): void {
  for (let k = 0; k < results.length; k++) results[k] = Math.log(Math.max(results[k] as number, leastProbability))
}

/** A file may have more outputs than are wanted, but no more inputs than are fed. */
function checkEnd(
  path: string,
  end: 'input' | 'output',
  values: readonly InferenceSession.ValueMetadata[],
  wanted: readonly UnitOutput[],
  dtype: string,
): void {
  const fits = ({ name, shape }: UnitOutput): boolean => {
    const value = values.find((each) => each.name === name)
    return (
      value?.isTensor === true &&
      value.type === dtype &&
      value.shape.length === shape.length &&
      // A size that the file leaves open takes the manifest's.
      value.shape.every((size, i) => typeof size === 'string' || size === shape[i])
    )
  }
  if (wanted.every(fits) && (end === 'output' || values.length === 1)) return
  const found = values.map((each) => (each.isTensor ? `${each.type} ${each.name} [${each.shape.join(', ')}]` : each.name)).join('; ')
  const expected = wanted.map(({ name, shape }) => `${dtype} ${name} [${shape.join(', ')}]`).join('; ')
  throw new FlyballError('ERR_NETWORK_SHAPE', `${path}: ${end} is ${found}, the manifest says ${expected}`)
}
