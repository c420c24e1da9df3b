import type { QShape } from './q-network.ts'

/** The exported policy in ONNX Runtime. Fill `state` and `prior`, then run. */
export interface RuntimePolicy {
  readonly state: Float32Array
  readonly prior: Float32Array
  /** Values of all actions. Reused. */
  run(): Promise<Float32Array>
  close(): Promise<void>
}

/** Opens the bytes of a policy file. ONNX Runtime is loaded here, not before. Tensors are made once and reused. */
export async function openPolicy(bytes: Uint8Array, { inputs, actions }: Pick<QShape, 'inputs' | 'actions'>): Promise<RuntimePolicy> {
  // First, as it sets what ONNX Runtime reads when it loads.
  const { sessionDefaults } = await import('../../src/network/session.ts')
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const session = await InferenceSession.create(bytes, sessionDefaults)
  const [state, prior, value] = [new Float32Array(inputs), new Float32Array(actions), new Float32Array(actions)]
  const feeds = { state: new Tensor('float32', state, [1, inputs]), prior: new Tensor('float32', prior, [1, actions]) }
  const fetches = { value: new Tensor('float32', value, [1, actions]) }
  return {
    state,
    prior,
    async run() {
      await session.run(feeds, fetches)
      return value
    },
    close: () => session.release(),
  }
}
