/** What a log says about actions that the target policy wants. Shares lie in [0, 1]. */
export interface Support {
  /** Share of the target's probability on actions that the log never took, in any round. */
  readonly neverTried: number
  /** Share of the target's probability on actions that the logging policy could not have taken in that very round; NaN where the log does not tell. */
  readonly impossible: number
  /** Mean over rounds of the sum of squared target probabilities: 1 for a deterministic target, 1 / actions for a uniform one. */
  readonly concentration: number
}

/** The log's own distribution in one round: p(a) = epsilon / |mask| + (a is greedy ? 1 - epsilon : 0). With epsilon NaN it has another form, and every allowed action is held to be possible. */
export interface LoggedDistribution {
  readonly mask: Uint8Array
  readonly greedy: number
  readonly epsilon: number
}

export interface SupportCollector {
  /** Takes a round. `logged` where the log tells what else could have been taken. */
  add(action: number, target: ArrayLike<number>, logged?: LoggedDistribution): void
  support(): Support
}

export function makeSupportCollector(actions: number): SupportCollector {
  const tried = new Uint8Array(actions)
  const wanted = new Float64Array(actions)
  let rounds = 0
  let impossible = 0
  let squares = 0
  return {
    add(action, target, logged) {
      rounds++
      tried[action] = 1
      for (let a = 0; a < actions; a++) {
        const share = target[a] as number
        if (share === 0) continue
        wanted[a] = (wanted[a] as number) + share
        squares += share * share
        if (logged === undefined) impossible = Number.NaN
        else if (logged.mask[a] !== 1 || !(logged.epsilon !== 0 || a === logged.greedy)) impossible += share
      }
    },
    support() {
      const untried = wanted.reduce((sum, share, a) => sum + (tried[a] === 1 ? 0 : share), 0)
      return { neverTried: untried / rounds, impossible: impossible / rounds, concentration: squares / rounds }
    },
  }
}

/** Support of a target that is one distribution per position: `probability[position * actions + action]`. What else could have been logged is not known. */
export function makePositionSupport(probability: Float64Array, actions: number): { add(position: number, action: number): void; support(): Support } {
  const positions = probability.length / actions
  const tried = new Uint8Array(probability.length)
  const rounds = new Float64Array(positions)
  return {
    add(position, action) {
      tried[position * actions + action] = 1
      rounds[position] = (rounds[position] as number) + 1
    },
    support() {
      let [untried, squares, all] = [0, 0, 0]
      for (let position = 0; position < positions; position++) {
        const here = rounds[position] as number
        all += here
        for (let at = position * actions; at < (position + 1) * actions; at++) {
          const share = probability[at] as number
          if (tried[at] === 0) untried += here * share
          squares += here * share * share
        }
      }
      return { neverTried: untried / all, impossible: Number.NaN, concentration: squares / all }
    },
  }
}
