import type { Mask } from '../core/spaces.ts'

/** A log as estimators see it, one entry per round: what the decision earned, how likely it was when it was logged (in (0, 1]), and how likely the target policy would have made it. */
export interface LoggedRounds {
  readonly reward: ArrayLike<number>
  readonly behaviourProbability: ArrayLike<number>
  readonly targetProbability: ArrayLike<number>
}

/** One logged decision, with everything that the target policy would have done there. */
export interface Round {
  readonly action: number
  readonly reward: number
  readonly mask: Mask
  readonly propensity: number
  /** The log's own distribution: p(a) = epsilon / |mask| + (a is greedy ? 1 - epsilon : 0). With epsilon NaN it has another form, and every allowed action is held to be possible. */
  readonly greedy: number
  readonly epsilon: number
  /** The target policy's distribution over all actions. */
  readonly target: Float64Array
}

/** What a log says about actions that the target policy wants. Shares lie in [0, 1]. */
export interface Support {
  /** Share of the target's probability on actions that the log never took, in any round. */
  readonly neverTried: number
  /** Share of the target's probability on actions that the logging policy could not have taken in that very round. */
  readonly impossible: number
}

export interface RoundCollector {
  /** Takes a round. Copies what it keeps. */
  add(round: Round): void
  readonly rounds: LoggedRounds
  support(): Support
}

/** Collects rounds for estimators and, on the way, what the log cannot answer. */
export function makeRoundCollector(actions: number): RoundCollector {
  const reward: number[] = []
  const behaviourProbability: number[] = []
  const targetProbability: number[] = []
  const tried = new Uint8Array(actions)
  const wanted = new Float64Array(actions)
  let impossible = 0
  return {
    rounds: { reward, behaviourProbability, targetProbability },
    add(round) {
      reward.push(round.reward)
      behaviourProbability.push(round.propensity)
      targetProbability.push(round.target[round.action] as number)
      tried[round.action] = 1
      for (let a = 0; a < actions; a++) {
        const share = round.target[a] as number
        wanted[a] = (wanted[a] as number) + share
        const possible = round.mask[a] === 1 && (round.epsilon !== 0 || a === round.greedy)
        if (!possible) impossible += share
      }
    },
    support() {
      const rounds = reward.length
      const untried = wanted.reduce((sum, share, a) => sum + (tried[a] === 1 ? 0 : share), 0)
      return { neverTried: untried / rounds, impossible: impossible / rounds }
    },
  }
}
