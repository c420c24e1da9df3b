import '../no-telemetry.ts'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { FlyballError } from '../../core/errors.ts'
import type { UnitInput, UnitOutput } from '../ends.ts'
import { hashOf } from '../manifest.ts'
import { countParameters } from '../onnx/parameters.ts'
import { makeSampleInput } from '../sample-input.ts'
import { sessionDefaults } from '../session.ts'
import { resolveInput } from './resolve-input.ts'

/** What a user says of files that leave something open. */
export interface InspectOptions {
  readonly layout?: UnitInput['layout'] | undefined
  /** Height and width, px, of a file that leaves them open, by the file's name or for all. */
  sizeOf(name: string): readonly [height: number, width: number] | undefined
  /** Outputs to take. Default all. */
  readonly outputs?: readonly string[] | undefined
}

/** A file that can be a variant. */
export interface Candidate {
  /** File name without `.onnx`. */
  readonly name: string
  readonly path: string
  readonly sha256: string
  readonly sizeB: number
  readonly parameters: number
  readonly input: UnitInput
  readonly outputs: readonly UnitOutput[]
  /** One output of two or more numbers for an image: class scores, unless the user says otherwise. 0: it cannot be. */
  readonly classes: number
  /** The class scores of two images lie in [0, 1] and add up to 1. */
  readonly probabilities: boolean
}

/**
 * Loads an ONNX file and runs it once. Throws ERR_NETWORK_FILE for a file that is no usable model, ERR_NETWORK_SHAPE for inputs or outputs that flyball
 * cannot feed or take, ERR_USAGE where an option has to say what the file leaves open.
 */
export async function inspectModel(path: string, options: InspectOptions): Promise<Candidate> {
  const name = basename(path).replace(/\.onnx$/i, '')
  const bytes = readModel(path)
  const parameters = countParameters(bytes, path)
  const session = await InferenceSession.create(path, sessionDefaults).catch((error: unknown) => {
    throw new FlyballError('ERR_NETWORK_FILE', `${path} is no usable ONNX model: ${(error as Error).message}`, { cause: error })
  })
  try {
    const input = resolveInput(path, session.inputMetadata, options.layout, options.sizeOf(name))
    const { outputs, results } = await runTwice(path, session, input, options.outputs)
    const classes = classesOf(outputs)
    const probabilities = classes > 0 && results.every(addUpToOne)
    return { name, path, sha256: hashOf(bytes), sizeB: bytes.length, parameters, input, outputs, classes, probabilities }
  } finally {
    await session.release()
  }
}

function readModel(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_FILE', `${path} cannot be read, expected an ONNX file: ${(error as Error).message}`, { cause: error })
  }
}

interface TwoRuns {
  readonly outputs: UnitOutput[]
  /** Numbers of the first output, of each run. */
  readonly results: Float32Array[]
}

/** Sizes of outputs that a file leaves open are those of a run; what differs between two images has no size. */
async function runTwice(path: string, session: InferenceSession, input: UnitInput, wanted?: readonly string[]): Promise<TwoRuns> {
  const names = wanted ?? session.outputNames
  const missing = names.find((name) => !session.outputNames.includes(name))
  if (missing !== undefined)
    throw new FlyballError('ERR_USAGE', `--output: ${path} has no output ${missing}, expected ${session.outputNames.join(', ')}`)
  const noise = makeSampleInput(input.shape, 1)
  const bytes = input.dtype === 'uint8'
  const images = bytes ? [new Uint8Array(noise.length).fill(128), Uint8Array.from(noise, (x) => 128 + 20 * x)] : [noise.map(() => 0.5), noise]
  const runs: InferenceSession.ReturnType[] = []
  for (const image of images)
    runs.push(
      await session.run({ [input.name]: new Tensor(input.dtype, image, input.shape) }, names).catch((error: unknown) => {
        const message = `${path} does not run on ${input.dtype} ${input.name} [${input.shape.join(', ')}]: ${(error as Error).message}`
        throw new FlyballError('ERR_NETWORK_SHAPE', message, { cause: error })
      }),
    )
  const tensors = (name: string): Tensor[] => runs.map((run) => run[name] as Tensor)
  const outputs = names.map((name) => {
    const [first, second] = tensors(name) as [Tensor, Tensor]
    if (first.type !== 'float32')
      throw new FlyballError(
        'ERR_NETWORK_SHAPE',
        `${path}: output ${name} is ${first.type}, expected float32; --output NAME leaves out the outputs that are not named`,
      )
    if (first.size === 0 || first.dims.join() !== second.dims.join())
      throw new FlyballError(
        'ERR_NETWORK_SHAPE',
        `${path}: output ${name} is [${first.dims.join(', ')}] for one image and [${second.dims.join(', ')}] for another, expected one size; export without NMS`,
      )
    return { name, shape: first.dims.length === 0 ? [1] : [...first.dims] }
  })
  return { outputs, results: tensors(names[0] as string).map(({ data }) => data as Float32Array) }
}

/** [1, n], or with more sizes of 1 after. */
function classesOf(outputs: readonly UnitOutput[]): number {
  const [batch, classes = 0, ...rest] = outputs[0]?.shape ?? []
  return outputs.length === 1 && batch === 1 && classes >= 2 && rest.every((size) => size === 1) ? classes : 0
}

function addUpToOne(scores: Float32Array): boolean {
  const sum = scores.reduce((a, b) => a + b, 0)
  return scores.every((score) => score >= 0 && score <= 1.001) && Math.abs(sum - 1) < 0.001
}
