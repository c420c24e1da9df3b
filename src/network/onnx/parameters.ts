import { FlyballError } from '../../core/errors.ts'
import { modelType } from './schema.ts'

// TensorProto.DataType of onnx.proto: shapes, axes and indices are int64, masks bool.
const notWeights = new Set([7, 9])
const external = 1

interface Tensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly dataType: number
  readonly dataLocation: number
}

/**
 * Weights and biases in an `.onnx` file: the numbers of its initializers and constants, without shapes and indices. The bytes of the weights are not read.
 * Throws ERR_NETWORK_FILE, naming `where`, when the bytes are no ONNX model, or its weights lie in another file.
 */
export function countParameters(bytes: Uint8Array, where: string): number {
  const tensors = tensorsOf(bytes, where)
  const outside = tensors.find(({ dataLocation }) => dataLocation === external)
  if (outside !== undefined)
    throw new FlyballError(
      'ERR_NETWORK_FILE',
      `${where} keeps ${outside.name || 'its weights'} in another file, expected an ONNX file with its weights inside`,
    )
  return tensors.filter(({ dataType }) => !notWeights.has(dataType)).reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0)
}

function tensorsOf(bytes: Uint8Array, where: string): Tensor[] {
  try {
    const { graph } = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true, defaults: true }) as {
      graph: { initializer: Tensor[]; node: { opType: string; attribute: { t: Tensor | null }[] }[] } | null
    }
    if (graph === null) throw new Error('it holds no graph')
    const constants = graph.node.filter(({ opType }) => opType === 'Constant').flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []))
    return [...graph.initializer, ...constants]
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_FILE', `${where} is no ONNX model: ${(error as Error).message}`, { cause: error })
  }
}
