import { type Backend, openBackend } from '../../src/network/training/backend.ts'

/** TensorFlow.js, shared by all agents of a thread. It has one current backend: whoever opens another takes it from the rest. */
let opened: { readonly choice: BackendWish; readonly backend: Backend; readonly kernels: string } | undefined

export type BackendWish = 'auto' | 'wasm'

/** The backend, where it is open and current. */
export function currentBackend(choice: BackendWish): Backend | undefined {
  return opened?.choice === choice && opened.backend.tf.getBackend() === opened.kernels ? opened.backend : undefined
}

/** Opens it. Nothing of TensorFlow.js is loaded before this is called. Throws ERR_BACKEND. */
export async function loadBackend(choice: BackendWish): Promise<Backend> {
  const ready = currentBackend(choice)
  if (ready !== undefined) return ready
  const backend = await openBackend(choice)
  opened = { choice, backend, kernels: backend.tf.getBackend() }
  return backend
}
