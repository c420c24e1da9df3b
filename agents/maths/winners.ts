import type { Choice } from '../../src/core/agent.ts'
import type { Rng } from '../../src/core/rng.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { allowedAt, countAllowed } from './masked.ts'

/** p(a) = epsilon / |mask| + (1 - epsilon) * (share of a among the winners). */
const winnerProbability = (won: number, draws: number, epsilon: number, allowed: number): number => epsilon / allowed + (1 - epsilon) * (won / draws)

function timesWon(winners: Int32Array, action: number): number {
  let count = 0
  for (let k = 0; k < winners.length; k++) if (winners[k] === action) count++
  return count
}

/** The most frequent winner, the lowest index of equals. */
export function mostFrequent(winners: Int32Array): number {
  let best = -1
  let most = 0
  for (let k = 0; k < winners.length; k++) {
    const action = winners[k] as number
    const count = timesWon(winners, action)
    if (count > most || (count === most && action < best)) {
      best = action
      most = count
    }
  }
  return best
}

/** Draws one of the winners, or with probability epsilon any allowed action, and fills in its propensity. */
export function drawWinner(choice: Choice, rng: Rng, winners: Int32Array, epsilon: number, mask: Mask): Choice {
  const allowed = countAllowed(mask)
  choice.greedy = mostFrequent(winners)
  // Where all agree the rest is epsilon-greedy.
  choice.epsilon = timesWon(winners, choice.greedy) === winners.length ? epsilon : Number.NaN
  const any = epsilon > 0 && rng.next() < epsilon
  choice.action = any ? allowedAt(mask, rng.int(allowed)) : (winners[rng.int(winners.length)] as number)
  choice.propensity = winnerProbability(timesWon(winners, choice.action), winners.length, epsilon, allowed)
  return choice
}

/** The probabilities that drawWinner samples from: one per action, 0 where masked. */
export function fillWinners(out: Float64Array, winners: Int32Array, epsilon: number, mask: Mask): void {
  const allowed = countAllowed(mask)
  for (let a = 0; a < mask.length; a++) out[a] = mask[a] === 1 ? winnerProbability(timesWon(winners, a), winners.length, epsilon, allowed) : 0
}
