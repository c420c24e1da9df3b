import type { AgentInput, OptionSpec } from '../../src/core/agent.ts'
import { costCapOption } from '../maths/capped-cost.ts'
import { type OptionValues, readOptions } from '../options.ts'

export const dqnOptions = [
  {
    name: 'gamma',
    description: 'discount of the next decision: actions hardly move the state here (only through the queue), so little',
    default: 0.1,
    low: 0,
    high: 0.99,
  },
  { name: 'learningRate', description: 'step of Adam', default: 0.003, low: 0, high: 1 },
  { name: 'batch', description: 'transitions in a batch', default: 32, low: 1, high: 1024 },
  { name: 'trainEvery', description: 'decisions from one training to the next', unit: 'decisions', default: 4, low: 1, high: 1e6 },
  { name: 'batches', description: 'batches of one training', default: 4, low: 1, high: 100 },
  { name: 'targetEvery', description: 'batches from one copy into the target network to the next', default: 50, low: 1, high: 1e6 },
  { name: 'replay', description: 'transitions remembered, fewer where they would take more than 500 kB', default: 1000, low: 1, high: 100_000 },
  { name: 'hidden', description: 'units of the hidden layer of either tower', default: 64, low: 2, high: 256 },
  { name: 'width', description: 'entries of the embeddings of state and action', default: 32, low: 2, high: 128 },
  {
    name: 'warmup',
    description: 'uniformly random decisions at the start, where there is no profile',
    unit: 'decisions',
    default: 32,
    low: 0,
    high: 1e6,
  },
  {
    name: 'optimism',
    description:
      'what a point that was never taken is held to be better by, in units of the least prior cost; falls as 1 / visits, and a profile counts for four',
    default: 0.5,
    low: 0,
    high: 100,
  },
  { name: 'epsilon', description: 'share of uniformly random decisions after that', default: 0.02, low: 0, high: 1 },
  {
    name: 'epsilonFloor',
    description: 'share of uniformly random decisions later on, which keeps the log useful for replay',
    default: 0.01,
    low: 0,
    high: 1,
  },
  { name: 'epsilonDecay', description: 'decisions after which epsilon has halved', unit: 'decisions', default: 200, low: 1, high: 1e9 },
  costCapOption,
  { name: 'classes', description: 'requirement classes remembered at once', default: 4, low: 1, high: 64 },
  {
    name: 'native',
    description: 'trains with native TensorFlow where @tensorflow/tfjs-node is installed, else with WebAssembly, which is the same on every machine',
    default: false,
  },
  {
    name: 'onnx',
    description: 'decides through ONNX Runtime once frozen; plain arrays give the same actions faster',
    default: false,
  },
] as const satisfies readonly OptionSpec[]

const whole = ['batch', 'trainEvery', 'batches', 'targetEvery', 'replay', 'hidden', 'width', 'warmup', 'classes'] as const

/** Defaults overlaid with what was given, sizes and counts rounded. Throws as readOptions does. */
export function readDqnOptions(given: AgentInput['options']): OptionValues<typeof dqnOptions> {
  const values = readOptions('dqn', dqnOptions, given)
  return { ...values, ...Object.fromEntries(whole.map((name) => [name, Math.round(values[name])])) }
}
