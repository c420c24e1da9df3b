import type { AgentKind, Choice } from '../../src/core/agent.ts'
import { begin } from '../data-version.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from '../maths/epsilon-greedy.ts'
import { allowedAt } from '../maths/masked.ts'
import { readOptions } from '../options.ts'

/** Uniform over what is allowed: the log that answers most questions, and the floor of every comparison. Frozen it stays uniform: that is its policy. */
export const randomPoint: AgentKind = {
  name: 'random',
  description: 'every allowed operating point with the same probability',
  rule: 'state',
  options: [],
  make(input) {
    const { rng } = begin('random', input, 1)
    readOptions('random', [], input.options)
    const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 1 }
    return {
      act: (_, mask) => drawEpsilonGreedy(choice, rng, allowedAt(mask, 0), 1, mask),
      distribution: (_, mask, out) => fillEpsilonGreedy(out, allowedAt(mask, 0), 1, mask),
      learn() {},
      save: () => ({ version: 1, rng: rng.state() }),
    }
  },
}
