/** Values of a tensor; the kind of array says the type. */
export type TensorValues = Float32Array | Uint8Array | Int8Array | Int32Array

// TensorProto.DataType of onnx.proto.
export const floatType = 1
const uint8Type = 2
const int8Type = 3
const int32Type = 6

interface RawTensor {
  readonly dataType: number
  /** Row by row, little-endian. */
  readonly rawData: Uint8Array
}

/** Type and bytes of a tensor as ONNX stores them. */
export function rawTensor(values: TensorValues): RawTensor {
  if (values instanceof Uint8Array) return { dataType: uint8Type, rawData: values }
  if (values instanceof Int8Array) return { dataType: int8Type, rawData: Uint8Array.from(values) }
  const rawData = new Uint8Array(values.length * 4)
  const view = new DataView(rawData.buffer)
  const isFloat = values instanceof Float32Array
  for (let i = 0; i < values.length; i++)
    if (isFloat) view.setFloat32(i * 4, values[i] as number, true)
    else view.setInt32(i * 4, values[i] as number, true)
  return { dataType: isFloat ? floatType : int32Type, rawData }
}

/** The reverse; undefined for a type that flyball does not write or bytes of another length. */
export function tensorValues(dataType: number, rawData: Uint8Array): TensorValues | undefined {
  if (dataType === uint8Type) return Uint8Array.from(rawData)
  if (dataType === int8Type) return Int8Array.from(rawData)
  if (rawData.length % 4 !== 0) return undefined
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
  const length = rawData.length / 4
  if (dataType === floatType) return Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true))
  return dataType === int32Type ? Int32Array.from({ length }, (_, i) => view.getInt32(4 * i, true)) : undefined
}
