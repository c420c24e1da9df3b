import { encodeModel } from '../../src/network/onnx/model.ts'
import type { QNetwork } from './q-network.ts'

/**
 * The policy as an ONNX file: `state` [1, inputs] and `prior` [1, actions] in, `value` [1, actions] out; the allowed action of least value is the greedy one. The action
 * tower is folded into the last layer.
 */
export function encodePolicy({ shape, parameters, last }: QNetwork): Uint8Array {
  const { inputs, actions, hidden, width } = shape
  const values = (index: number): Float32Array => (parameters[index] as { values: Float32Array }).values
  return encodeModel({
    name: 'dqn',
    description: 'flyball dqn: the allowed action of least value is the greedy one',
    inputs: [
      { name: 'state', shape: [1, inputs] },
      { name: 'prior', shape: [1, actions] },
    ],
    outputs: [{ name: 'value', shape: [1, actions] }],
    initializers: [
      { name: 'state.hidden', shape: [inputs, hidden], values: values(0) },
      { name: 'state.embedding', shape: [hidden, width], values: values(1) },
      { name: 'action.embedding', shape: [width, actions], values: last },
      { name: 'action.own', shape: [actions], values: values(4) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['state', 'state.hidden'], output: 'layer' },
      { op: 'Relu', inputs: ['layer'], output: 'layer.relu' },
      { op: 'MatMul', inputs: ['layer.relu', 'state.embedding'], output: 'embedding' },
      { op: 'Relu', inputs: ['embedding'], output: 'embedding.relu' },
      { op: 'MatMul', inputs: ['embedding.relu', 'action.embedding'], output: 'learned' },
      { op: 'Sum', inputs: ['learned', 'action.own', 'prior'], output: 'value' },
    ],
  })
}
