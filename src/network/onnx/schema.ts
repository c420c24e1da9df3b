import protobuf from 'protobufjs/light.js'

/**
 * The part of ONNX's message types that flyball writes and reads, with the field numbers of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8).
 */
const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        producerVersion: { id: 3, type: 'string' },
        docString: { id: 6, type: 'string' },
        graph: { id: 7, type: 'GraphProto' },
        opsetImport: { rule: 'repeated', id: 8, type: 'OperatorSetIdProto' },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    GraphProto: {
      fields: {
        node: { rule: 'repeated', id: 1, type: 'NodeProto' },
        name: { id: 2, type: 'string' },
        initializer: { rule: 'repeated', id: 5, type: 'TensorProto' },
        input: { rule: 'repeated', id: 11, type: 'ValueInfoProto' },
        output: { rule: 'repeated', id: 12, type: 'ValueInfoProto' },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: 'repeated', id: 1, type: 'string' },
        output: { rule: 'repeated', id: 2, type: 'string' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { rule: 'repeated', id: 5, type: 'AttributeProto' },
      },
    },
    AttributeProto: {
      fields: {
        name: { id: 1, type: 'string' },
        f: { id: 2, type: 'float' },
        i: { id: 3, type: 'int64' },
        t: { id: 5, type: 'TensorProto' },
        ints: { rule: 'repeated', id: 8, type: 'int64', options: { packed: false } },
        type: { id: 20, type: 'int32' },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: 'repeated', id: 1, type: 'int64', options: { packed: false } },
        dataType: { id: 2, type: 'int32' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
        dataLocation: { id: 14, type: 'int32' },
      },
    },
    ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
    TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
    TensorTypeProto: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } } },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', id: 1, type: 'DimensionProto' } } },
    DimensionProto: { fields: { dimValue: { id: 1, type: 'int64' } } },
  },
})

export const modelType = root.lookupType('ModelProto')
