import { FlyballError } from '../../core/errors.ts'
import { modelType } from './schema.ts'
import { floatType, rawTensor, type TensorValues, tensorValues } from './tensor.ts'

/** Version of the operator set that every written file states: that of ONNX 1.12. */
export const opset = 17
/** Version of the file format, the one that came with the operator set. */
export const irVersion = 8

// AttributeProto.AttributeType of onnx.proto.
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
  /** The kind of array says the type: float32, uint8, int8 or int32. */
  readonly values: TensorValues
}

export interface OnnxValue {
  readonly name: string
  readonly shape: readonly number[]
}

/** A graph with float32 ends and static shapes, nodes in an order in which they can run. */
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

const encodeTensor = ({ name, shape, values }: OnnxTensor): object => ({ name, dims: shape, ...rawTensor(values) })

const encodeValue = ({ name, shape }: OnnxValue): object => ({
  name,
  type: { tensorType: { elemType: floatType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
})

/** The initializers of an `.onnx` file by name. Throws ERR_NETWORK_FILE, naming `where`, when the bytes are no model that encodeModel wrote. */
export function readInitializers(bytes: Uint8Array, where: string): Map<string, OnnxTensor> {
  try {
    const model = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true, objects: true }) as {
      graph?: { initializer: { name: string; dims: number[]; dataType: number; rawData: Uint8Array }[] }
    }
    if (model.graph === undefined) throw new Error('it holds no graph')
    return new Map(
      model.graph.initializer.map(({ name, dims, dataType, rawData }) => {
        const values = tensorValues(dataType, rawData)
        if (values?.length !== dims.reduce((a, b) => a * b, 1)) throw new Error(`initializer ${name} is no tensor of ${dims.join('x')}`)
        return [name, { name, shape: dims, values }]
      }),
    )
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_FILE', `${where} is no ONNX model that flyball wrote: ${(error as Error).message}`, { cause: error })
  }
}
