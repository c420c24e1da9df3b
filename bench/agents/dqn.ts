import { type ActionFeatures, makeActionFeatures } from '../../agents/dqn/action-features.ts'
import { loadBackend } from '../../agents/dqn/backend.ts'
import { towerGradients, valuesByTensorFlow } from '../../agents/dqn/gradients.ts'
import { encodePolicy } from '../../agents/dqn/policy-model.ts'
import { makeQNetwork, makeQParameters, type QNetwork } from '../../agents/dqn/q-network.ts'
import { openPolicy } from '../../agents/dqn/runtime-policy.ts'
import { systemClock } from '../../src/core/clock.ts'
import { makeRng } from '../../src/core/rng.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { flag, print, quantile, time } from '../support.ts'

const actions = 512
const inputs = 27
const rng = makeRng(1)
const spaces = makeSpaces({
  knobs: [{ name: 'a', kind: 'other', values: Array.from({ length: actions }, (_, a) => a) }],
  points: Array.from({ length: actions }, (_, a) => ({ a })),
  featureNames: Array.from({ length: 9 }, (_, i) => `f${i}`),
  features: Array.from({ length: actions }, () => Array.from({ length: 9 }, () => rng.normal())),
  monitors: [],
})
const features = makeActionFeatures(spaces)
const shape = { inputs, features: features.size, actions, hidden: Number(flag('hidden', '64')), width: Number(flag('width', '32')) }
const parameters = makeQParameters(shape, rng)
for (const { values } of parameters) for (let i = 0; i < values.length; i++) if (values[i] === 0) values[i] = 0.1 * rng.normal()
const network = makeQNetwork(shape, features, parameters)
network.fold()
const x = Float32Array.from({ length: inputs }, () => rng.next())
const out = new Float64Array(actions)
const rows: string[][] = [['what', 'p50', 'p99']]
async function measure(what: string, n: number, run: () => unknown) {
  const t: number[] = []
  for (let i = 0; i < n; i++) {
    const from = systemClock.now()
    const r = run()
    if (r instanceof Promise) await r
    if (i > n / 4) t.push(systemClock.now() - from)
  }
  t.sort((a, b) => a - b)
  rows.push([what, time(t[Math.floor(t.length / 2)] as number), time(t[Math.floor(t.length * 0.99)] as number)])
}
await measure('plain', 20000, () => network.values(x, 0, out))
await measure('fold', 400, () => network.fold())
const policy = await openPolicy(encodePolicy(network), shape)
policy.state.set(x)
await measure('ort', 20000, () => policy.run())
for (const wish of ['wasm', 'auto'] as const) {
  const from = systemClock.now()
  const backend = await loadBackend(wish)
  rows.push([`${backend.name} opens`, time(systemClock.now() - from), ''])
  for (const n of [32, 64, 128]) {
    const batch = {
      states: new Float32Array(n * inputs).fill(0.3),
      features: new Float32Array(n * features.size).fill(0.2),
      slopes: new Float32Array(n).fill(0.1),
    }
    await measure(`${backend.name} gradients of ${n}`, 400, () => towerGradients(backend, network, batch))
  }
  await measure(`${backend.name} values`, 400, () => valuesByTensorFlow(backend, network, x, features.rows))
}
print('x', rows, {})
