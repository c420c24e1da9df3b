import { FlyballError } from '../../core/errors.ts'
import { modelType } from './schema.ts'

/** Version of the operator set that every written file states: Conv, Relu, MaxPool, GlobalAveragePool, Flatten, Gemm and Sum of ONNX 1.12. */
export const opset = 17
const irVersion = 8

// TensorProto.DataType and AttributeProto.AttributeType of onnx.proto.
const floatType = 1
const attributeTypes = { f: 1, i: 2, ints: 7 } as const

/** A float attribute is wrapped, because 1 and 1.0 are the same number in JavaScript and not in ONNX. */
export type Attribute = number | readonly number[] | { readonly float: number }

export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export interface OnnxTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export interface OnnxValue {
  readonly name: string
  readonly shape: readonly number[]
}

/** A graph of float32 tensors with static shapes, nodes in an order in which they can run. */
export interface OnnxModel {
  readonly name: string
  readonly description?: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers: readonly OnnxTensor[]
  readonly nodes: readonly OnnxNode[]
}

/** The bytes of an `.onnx` file. The same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelType
    .encode({
      irVersion,
      producerName: 'flyball',
      docString: model.description ?? '',
      opsetImport: [{ domain: '', version: opset }],
      graph: {
        name: model.name,
        node: model.nodes.map(({ op, inputs, output, attributes = {} }) => ({
          input: inputs,
          output: [output],
          name: output,
          opType: op,
          attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
        })),
        initializer: model.initializers.map(encodeTensor),
        input: model.inputs.map(encodeValue),
        output: model.outputs.map(encodeValue),
      },
    })
    .finish()
}

function encodeAttribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.i }
  return 'float' in value ? { name, f: value.float, type: attributeTypes.f } : { name, ints: value, type: attributeTypes.ints }
}

function encodeTensor({ name, shape, values }: OnnxTensor): object {
  const rawData = new Uint8Array(values.length * 4)
  const view = new DataView(rawData.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i] as number, true)
  return { name, dims: shape, dataType: floatType, rawData }
}

const encodeValue = ({ name, shape }: OnnxValue): object => ({
  name,
  type: { tensorType: { elemType: floatType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
})

/** The float32 initializers of an `.onnx` file by name. Throws ERR_NETWORK_FILE, naming `where`, when the bytes are no such model. */
export function readInitializers(bytes: Uint8Array, where: string): Map<string, OnnxTensor> {
  try {
    const model = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true, objects: true }) as {
      graph?: { initializer: { name: string; dims: number[]; dataType: number; rawData: Uint8Array }[] }
    }
    if (model.graph === undefined) throw new Error('it holds no graph')
    return new Map(
      model.graph.initializer.map(({ name, dims, dataType, rawData }) => {
        const count = dims.reduce((a, b) => a * b, 1)
        if (dataType !== floatType || rawData.length !== 4 * count) throw new Error(`initializer ${name} is no float32 tensor of ${dims.join('x')}`)
        const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
        return [name, { name, shape: dims, values: Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)) }]
      }),
    )
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_FILE', `${where} is no ONNX model that flyball wrote: ${(error as Error).message}`, { cause: error })
  }
}
