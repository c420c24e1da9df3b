import { makeActionFeatures } from '../../agents/dqn/action-features.ts'
import { loadBackend } from '../../agents/dqn/backend.ts'
import { towerGradients } from '../../agents/dqn/gradients.ts'
import { makeQNetwork, makeQParameters } from '../../agents/dqn/q-network.ts'
import { dqn } from '../../agents/dqn.ts'
import type { AgentInput } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import { monitorsOf } from '../../src/core/monitors.ts'
import { makeRng } from '../../src/core/rng.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { flag, print, quantile, time } from '../support.ts'

// What a decision of a deployed dqn costs on 512 made-up points of a board of two clusters: by plain arrays, which is the default, and by ONNX Runtime, awaited, over the
// same weights. Then what training costs: opening TensorFlow.js, the gradients of one batch, and folding the action tower into the last layer.

const actions = 512
const decisions = Number(flag('decisions', '20000'))
const rng = makeRng(1)
const names = ['macs', 'cores', 'speed', 'powerW', 'capacity', 'little.invFreq', 'big.invFreq', 'little.v2f', 'big.v2f']
const spaces = makeSpaces({
  knobs: [{ name: 'point', kind: 'other', values: Array.from({ length: actions }, (_, a) => a) }],
  points: Array.from({ length: actions }, (_, point) => ({ point })),
  featureNames: names,
  features: Array.from({ length: actions }, () => names.map(() => rng.normal())),
  monitors: monitorsOf([
    { id: 'little', cores: 4 },
    { id: 'big', cores: 4 },
  ]),
})
const input: AgentInput = { spaces, seed: 1, options: {}, frozen: true, priorCost: Float64Array.from({ length: actions }, () => 1 + rng.next()) }

const rows: string[][] = [['', 'p50', 'p99']]
const document: Record<string, { p50: number; p99: number }> = {}

/** Times of `count` runs after a quarter of them to warm up. */
async function measure(what: string, count: number, run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let i = -count / 4; i < count; i++) {
    const fromS = systemClock.now()
    const result = run()
    if (result instanceof Promise) await result
    if (i >= 0) times.push(systemClock.now() - fromS)
  }
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
  rows.push([what, time(p50), time(p99)])
  document[what] = { p50, p99 }
  return p50
}

const mask = new Uint8Array(actions).fill(1)
const seen = Array.from({ length: 64 }, () => Float64Array.from(spaces.monitors, ({ low, high }) => low + (high - low) * rng.next()))
let at = 0
const deciding = (options: AgentInput['options']) => {
  const agent = dqn.make({ ...input, options })
  return () => agent.act(seen[at++ % seen.length] as Float64Array, mask)
}
const plainS = await measure('decision, plain arrays', decisions, deciding({}))
const onnxS = await measure('decision, ONNX Runtime, awaited', decisions, deciding({ onnx: true }))

const features = makeActionFeatures(spaces)
const shape = { inputs: 27, features: features.size, actions, hidden: 64, width: 32 }
const network = makeQNetwork(shape, features, makeQParameters(shape, rng))
await measure('folding 512 points', 400, network.fold)
const n = 32
const batch = {
  states: new Float32Array(n * 27).fill(0.3),
  features: new Float32Array(n * features.size).fill(0.2),
  slopes: new Float32Array(n).fill(0.1),
}
for (const wish of ['wasm', 'auto'] as const) {
  const fromS = systemClock.now()
  const backend = await loadBackend(wish)
  const openS = systemClock.now() - fromS
  if (document[`gradients of a batch of ${n}, ${backend.name}`] !== undefined) continue
  rows.push([`opening TensorFlow.js, ${backend.name}`, time(openS), ''])
  await measure(`gradients of a batch of ${n}, ${backend.name}`, 400, () => towerGradients(backend, network, batch))
}
print(`dqn, 512 points: ONNX Runtime takes ${(onnxS / plainS).toFixed(2)} times as long as plain arrays (target 40 us)`, rows, document)
