import type { Agent, AgentInput, Choice, PredictedPoint } from '../../src/core/agent.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import { begin } from '../data-version.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from '../maths/epsilon-greedy.ts'
import { explainPolicy } from '../maths/explain-policy.ts'

/**
 * An agent that always takes the action of a rule and learns nothing. `choose` allocates nothing, changes nothing and answers an allowed action. `predict`: what the rule knows of a point, where it compares points.
 */
export function makeRuled(
  name: string,
  input: AgentInput,
  choose: (observation: Observation, mask: Mask) => number,
  predict?: (action: number) => Partial<PredictedPoint>,
): Agent {
  const { rng } = begin(name, input, 1)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  return {
    act: (observation, mask) => drawEpsilonGreedy(choice, rng, choose(observation, mask), 0, mask),
    distribution: (observation, mask, out) => fillEpsilonGreedy(out, choose(observation, mask), 0, mask),
    learn() {},
    explain: (observation, mask, action) => explainPolicy({ spaces: input.spaces, take: choose, predict, observation, mask, action }),
    save: () => ({ version: 1, rng: rng.state() }),
  }
}

/** Points by ascending keys, the first key that differs deciding; equal points by index. */
export function rankPoints(points: number, keys: (point: number) => readonly number[]): Int32Array {
  const rows = Array.from({ length: points }, (_, a) => keys(a))
  return Int32Array.from(rows.keys()).sort((a, b) => {
    const [left, right] = [rows[a] as readonly number[], rows[b] as readonly number[]]
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return (left[i] as number) - (right[i] as number)
    return a - b
  })
}
