import type { Agent, AgentInput, Choice } from '../../src/core/agent.ts'
import { makeRng, rngFromState } from '../../src/core/rng.ts'
import { checkDataVersion } from '../data-version.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from '../maths/epsilon-greedy.ts'
import { firstAllowed } from '../maths/masked.ts'

/** An agent that takes the first allowed action of a ranking and learns nothing. */
export function makeFixed(name: string, input: AgentInput, ranking: Int32Array): Agent {
  checkDataVersion(name, input.data, 1)
  const rng = input.data === undefined ? makeRng(input.seed).fork('agent') : rngFromState(input.data.rng)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  return {
    act: (_, mask) => drawEpsilonGreedy(choice, rng, firstAllowed(ranking, mask), 0, mask),
    distribution: (_, mask, out) => fillEpsilonGreedy(out, firstAllowed(ranking, mask), 0, mask),
    learn() {},
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
