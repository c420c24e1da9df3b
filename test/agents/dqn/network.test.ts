import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { makeActionFeatures } from '../../../agents/dqn/action-features.ts'
import { loadBackend } from '../../../agents/dqn/backend.ts'
import { towerGradients, valuesByTensorFlow } from '../../../agents/dqn/gradients.ts'
import { encodePolicy } from '../../../agents/dqn/policy-model.ts'
import { makeQNetwork } from '../../../agents/dqn/q-network.ts'
import { openPolicy, type RuntimePolicy } from '../../../agents/dqn/runtime-policy.ts'
import { argminAllowed } from '../../../agents/maths/masked.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'
import { backendMissing, featuredSpaces, randomNetwork, randomState } from './support.ts'

describe('the network', () => {
  it('gives the value worked out by hand', () => {
    // x = (2, 1): hidden (2 - 1, -2) -> (1, 0), embedding (3). Features (0, 1) of the second action: hidden (1) -> embedding (5). 3 * 5 + own 0.5.
    const matrix = (name: string, shape: number[], ...values: number[]) => ({ name, shape, values: Float32Array.from(values) })
    const network = makeQNetwork({ inputs: 2, features: 2, actions: 2, hidden: 2, width: 1 }, { size: 2, rows: Float32Array.of(1, 0, 0, 1) }, [
      matrix('s1', [2, 2], 1, -1, -1, 0),
      matrix('s2', [2, 1], 3, 7),
      matrix('a1', [2, 2], -1, 0, 1, 0),
      matrix('a2', [2, 1], 5, 11),
      matrix('own', [2, 1], 0.25, 0.5),
    ])
    network.fold()
    const out = new Float64Array(2)
    network.values(Float32Array.of(2, 1), 0, out)
    expect([...out]).toEqual([0.25, 15.5])
    expect(network.valueOf(Float32Array.of(9, 2, 1), 1, 1)).toBe(15.5)
  })

  it('gives one action alone the value that it gives it among all', () => {
    const { network } = randomNetwork(3)
    const out = new Float64Array(40)
    network.values(randomState(4), 0, out)
    out.forEach((value, a) => {
      expect(network.valueOf(randomState(4), 0, a)).toBeCloseTo(value, 12)
    })
  })
})

describe('action features', () => {
  it('have mean 0 and variance 1 over the actions, unknown ones the mean, and end with 1', () => {
    const spaces = makeSpaces({
      knobs: [{ name: 'arm', kind: 'other', values: [0, 1, 2] }],
      points: [{ arm: 0 }, { arm: 1 }, { arm: 2 }],
      featureNames: ['speed', 'same'],
      features: [
        [1, 4],
        [3, 4],
        [Number.NaN, 4],
      ],
      monitors: [],
    })
    expect(makeActionFeatures(spaces)).toEqual({ size: 3, rows: Float32Array.of(-1, 0, 1, 1, 0, 1, 0, 0, 1) })
  })

  it('are a column per value of a knob where spaces have none', () => {
    const { size, rows } = makeActionFeatures({ ...featuredSpaces(2, 0), featureNames: [] })
    expect([size, ...rows]).toEqual([3, 1, -1, 1, -1, 1, 1])
  })
})

for (const wish of ['wasm', 'auto'] as const) {
  const missing = await backendMissing(wish)
  describe.skipIf(missing !== undefined)(
    `${wish === 'wasm' ? 'WebAssembly' : 'native TensorFlow'}${missing === undefined ? '' : ` (${missing})`}`,
    () => {
      it('works out the gradients that finite differences give', async () => {
        const backend = await loadBackend(wish)
        const { network, features } = randomNetwork(5)
        const { inputs, features: size } = network.shape
        const n = 3
        const states = Float32Array.from([1, 2, 3].flatMap((seed) => [...randomState(seed)]))
        const actions = [0, 7, 31]
        const rows = Float32Array.from(actions.flatMap((a) => [...features.subarray(a * size, (a + 1) * size)]))
        const slopes = Float32Array.of(0.5, -1, 2)
        const loss = (): number => {
          network.fold()
          return actions.reduce((sum, a, i) => sum + (slopes[i] as number) * network.valueOf(states, i * inputs, a), 0)
        }
        const gradients = towerGradients(backend, network, { states, features: rows, slopes })
        expect(gradients.length).toBe(4)
        expect(slopes.length).toBe(n)
        network.parameters.slice(0, 4).forEach(({ values }, p) => {
          for (let i = 0; i < values.length; i += 5) {
            const held = values[i] as number
            const step = 1e-3
            values[i] = held + step
            const above = loss()
            values[i] = held - step
            const below = loss()
            values[i] = held
            expect(gradients[p]?.[i]).toBeCloseTo((above - below) / (2 * step), 2)
          }
        })
      })

      it('chooses the greedy action that plain arrays and ONNX Runtime choose', async () => {
        const backend = await loadBackend(wish)
        const opened: RuntimePolicy[] = []
        afterAll(async () => {
          for (const policy of opened) await policy.close()
        })
        for (const seed of [1, 2, 3]) {
          const { network, features } = randomNetwork(seed)
          const policy = await openPolicy(encodePolicy(network), network.shape)
          opened.push(policy)
          const prior = makeRng(seed).fork('prior')
          policy.prior.set(Float32Array.from({ length: 40 }, () => prior.next()))
          const values = new Float64Array(40)
          const added = (learned: ArrayLike<number>): Float64Array => Float64Array.from(policy.prior, (cost, a) => cost + (learned[a] as number))
          await fc.assert(
            fc.asyncProperty(
              fc.integer(),
              fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }).filter((bits) => bits.includes(true)),
              async (at, bits) => {
                const mask = Uint8Array.from(bits, Number)
                const state = randomState(at)
                policy.state.set(state)
                network.values(state, 0, values)
                const plain = argminAllowed(added(values), mask)
                expect(argminAllowed(Float64Array.from(await policy.run()), mask)).toBe(plain)
                expect(argminAllowed(added(valuesByTensorFlow(backend, network, state, features)), mask)).toBe(plain)
              },
            ),
            { seed: 7, numRuns: 60 },
          )
        }
      })
    },
  )
}
