import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openPolicy } from '../../../agents/dqn/runtime-policy.ts'
import { dqn } from '../../../agents/dqn.ts'
import { readCheckpoint } from '../../../src/checkpoint/reader.ts'
import type { Checkpoint } from '../../../src/checkpoint/schema.ts'
import { modelFile, saveCheckpoint } from '../../../src/checkpoint/writer.ts'
import type { AgentInput, Choice } from '../../../src/core/agent.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { featuredSpaces } from './support.ts'

vi.mock('../../../src/network/training/backend.ts', () => ({
  openBackend: () => {
    throw new Error('TensorFlow.js was loaded')
  },
}))

const spaces = featuredSpaces(60, 4, ['big.interference', 'queueLength'])
const rng = makeRng(2)
const input: AgentInput = { spaces, seed: 4, options: {}, priorCost: Float64Array.from({ length: 60 }, () => 1 + rng.next()) }

/** A checkpoint whose network says something: that of an agent whose last layers were drawn anew. */
function learned(): AgentInput {
  const data = dqn.make(input).save() as ReturnType<ReturnType<typeof dqn.make>['save']> & { trainer: { online: string[] } }
  const drawn = data.trainer.online.map((text) => {
    const bytes = Buffer.from(text, 'base64')
    for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(0.2 * rng.normal(), at)
    return bytes.toString('base64')
  })
  return { ...input, data: { ...data, trainer: { ...data.trainer, online: drawn } }, frozen: true }
}

const observation = (): Float64Array => Float64Array.of(rng.next(), rng.next())
const someMask = (): Uint8Array => Uint8Array.from({ length: 60 }, (_, a) => (a === 7 || rng.next() < 0.5 ? 1 : 0))

test('a frozen agent decides at once and never loads TensorFlow', () => {
  const agent = dqn.make(learned())
  const seen = new Set<number>()
  for (let i = 0; i < 200; i++) {
    const choice = agent.act(observation(), someMask()) as Choice
    expect(choice).toMatchObject({ propensity: 1, epsilon: 0, action: choice.greedy })
    seen.add(choice.action)
  }
  expect(seen.size).toBeGreaterThan(3)
})

test('where it has to train, it says why it cannot', async () => {
  const agent = dqn.make({ ...input, options: { batch: 1, trainEvery: 1 } })
  const [now, mask] = [observation(), someMask()]
  const choice = agent.act(now, mask) as Choice
  const outcome = { outcome: {} as never, requirements: { percentile: 99 }, durationS: 1 }
  agent.learn({ observation: now, mask, action: choice.action, propensity: 1, cost: 1, nextObservation: now, nextMask: mask, ...outcome })
  await expect(agent.act(now, mask)).rejects.toThrow('TensorFlow.js was loaded')
})

test('ONNX Runtime and plain arrays take the same actions', async () => {
  const made = learned()
  const plain = dqn.make(made)
  const byRuntime = dqn.make({ ...made, options: { onnx: true } })
  for (let i = 0; i < 300; i++) {
    const [now, mask] = [observation(), someMask()]
    const waited = byRuntime.act(now, mask)
    expect(waited).toBeInstanceOf(Promise)
    expect({ ...(await waited) }).toEqual({ ...(await plain.act(now, mask)) })
  }
})

test('its checkpoint has the policy as an ONNX file beside it, which decides like the agent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flyball-dqn-'))
  try {
    const made = learned()
    const agent = dqn.make(made)
    const checkpoint: Checkpoint = {
      flyball: '0.1.0',
      agent: { name: 'dqn', options: {}, data: agent.save() },
      spaces,
      board: { id: 'b', fingerprint: 'f' },
      network: null,
      objective: {
        kind: 'latency',
        weights: { latency: 1, energy: 0, accuracy: 0, confidence: 0 },
        reference: { latencyS: 1, energyJ: 1, accuracy: 1, point: 0 },
      },
      requirements: { percentile: 99 },
      nominal: [],
      step: 0,
      seed: 4,
    }
    saveCheckpoint(folder, checkpoint, agent.onnx?.())
    const read = readCheckpoint(folder)
    const bytes = readFileSync(join(folder, modelFile))
    expect(read.model).toEqual({ file: 'policy.onnx', sha256: createHash('sha256').update(bytes).digest('hex') })
    const restored = dqn.make({ ...made, data: read.agent.data })
    // Two monitors make four inputs and the constant; the prior counts in its least and looks ahead by gamma / (1 - gamma).
    const policy = await openPolicy(bytes, { inputs: 5, actions: 60 })
    const prior = input.priorCost as Float64Array
    const least = Math.min(...prior)
    policy.prior.set(prior.map((cost) => cost / least + 0.1 / 0.9))
    for (let i = 0; i < 50; i++) {
      const now = observation()
      policy.state.set([now[0] as number, 0, now[1] as number, 0, 1])
      const values = await policy.run()
      expect(((await restored.act(now, new Uint8Array(60).fill(1))) as Choice).action).toBe(values.indexOf(Math.min(...values)))
    }
    await policy.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
