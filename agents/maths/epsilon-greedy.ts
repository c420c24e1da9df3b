import type { Choice } from '../../src/core/agent.ts'
import { quantise } from '../../src/core/quantise.ts'
import type { Rng } from '../../src/core/rng.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { allowedAt, countAllowed } from './masked.ts'

/** Sutton and Barto, "Reinforcement Learning", 2nd edition, section 2.2: p(a) = epsilon / |mask| + (a is greedy ? 1 - epsilon : 0). */
export function epsilonGreedyProbability(isGreedy: boolean, epsilon: number, allowed: number): number {
  return epsilon / allowed + (isGreedy ? 1 - epsilon : 0)
}

/** Draws an action and fills in its propensity. A deterministic choice (epsilon 0) takes nothing from the generator. `count`: of what the mask allows, where it is known. */
export function drawEpsilonGreedy(choice: Choice, rng: Rng, greedy: number, epsilon: number, mask: Mask, count?: number): Choice {
  choice.greedy = greedy
  choice.epsilon = epsilon
  choice.action = greedy
  choice.propensity = 1
  if (epsilon > 0) {
    const allowed = count ?? countAllowed(mask)
    if (rng.next() < epsilon) choice.action = allowedAt(mask, rng.int(allowed))
    choice.propensity = epsilonGreedyProbability(choice.action === greedy, epsilon, allowed)
  }
  return choice
}

/** The probabilities that drawEpsilonGreedy samples from: one per action, 0 where masked. */
export function fillEpsilonGreedy(out: Float64Array, greedy: number, epsilon: number, mask: Mask): void {
  const allowed = countAllowed(mask)
  for (let a = 0; a < mask.length; a++) out[a] = mask[a] === 1 ? epsilonGreedyProbability(a === greedy, epsilon, allowed) : 0
}

/** start / (1 + t / tau), never below the floor: falls fast while little is known and keeps a trickle for logging. t in decisions. Four digits, so that a log line stays short. */
export function decayedEpsilon(start: number, floor: number, tau: number, t: number): number {
  return quantise(Math.max(Math.min(start, floor), start / (1 + t / tau)), 4)
}
