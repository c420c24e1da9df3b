import type { ValueInterval } from './bootstrap.ts'
import type { WeightDiagnostics } from './diagnostics.ts'
import type { Support } from './support.ts'

export type VerdictCode = 'better' | 'worse' | 'indistinguishable' | 'cannotAnswer'

export interface Verdict {
  readonly code: VerdictCode
  /** For people. May change from version to version; the code stays. */
  readonly words: string
}

export interface VerdictInput {
  /** Mean logged reward. */
  readonly logged: number
  /** Value less the mean logged reward, and the same over |logged|, of the estimator that the verdict is made from. */
  readonly difference: ValueInterval
  readonly relative: ValueInterval
  readonly diagnostics: WeightDiagnostics
  readonly support: Support
  /** Least and largest logged reward: what an action that was never tried is taken to lie between. */
  readonly rewardRange: readonly [number, number]
  readonly actions: number
  readonly hasPropensities: boolean
  /** Decisions of a stretch, where rounds are stretches of several. Default 1. */
  readonly stretch?: number
  /** What the estimate says in a word of the question: `energy` for "better by 8 to 14 % energy". */
  readonly of?: string
}

// Below this many effectively independent rounds a mean says nothing; above this share of untried choices its answer is about another policy.
const leastEffective = 30
const mostUntried = 0.2
// With true propensities and full support the mean weight is 1; a log in which it is not holds too few of the policy's choices, or wrong propensities.
const mostWeightError = 0.25
/** Exploration that a verdict asks for, and the effective rounds that it is to bring. */
const askedEpsilon = 0.1
const wantedEffective = 100

// Of the largest reward: sums over millions of rounds round by less, and no log tells so small a difference.
const rounding = 1e-9

/** The same with what rounding alone may have made as 0: a policy that is the logger is neither better nor worse by 1e-13 %. */
function withoutRounding(input: VerdictInput): VerdictInput {
  const [least, most] = input.rewardRange
  const tiny = rounding * Math.max(Math.abs(least), Math.abs(most))
  const { lo, value, hi } = input.difference
  if (!(Math.abs(lo) <= tiny && Math.abs(hi) <= tiny && Math.abs(value) <= tiny)) return input
  const none: ValueInterval = { value: 0, lo: 0, hi: 0 }
  return { ...input, difference: none, relative: none }
}

/** What can be believed of an estimate, in words and as a code. */
export function verdictOf(asGiven: VerdictInput): Verdict {
  const input = withoutRounding(asGiven)
  const { diagnostics, support, hasPropensities, logged } = input
  if (diagnostics.rounds === 0) return cannot('it holds no decision that can be used')
  if (!hasPropensities) return cannot('the log has no propensities, so only its reward model speaks, and nothing here can check that')
  const untried = Number.isNaN(support.impossible) ? support.neverTried : Math.max(support.neverTried, support.impossible)
  const never = support.neverTried >= untried ? 'were never tried' : 'could not have been logged'
  if (untried > mostUntried) return cannot(`${percent(untried)} of its choices ${never}; ${recordMore(input)}`)
  if (!(diagnostics.effectiveSampleSize >= leastEffective))
    return cannot(
      `the log is worth ${diagnostics.effectiveSampleSize.toFixed(0)} ${roundsOf(input)} to this policy, expected at least ${leastEffective}; ${recordMore(input)}`,
    )
  if (Math.abs(diagnostics.meanWeight - 1) > mostWeightError)
    return cannot(
      `the importance weights average ${diagnostics.meanWeight.toFixed(2)} where true propensities that cover the policy give 1; ${recordMore(input)}`,
    )
  const { difference } = input
  if (Number.isNaN(difference.lo)) return cannot(`the log is too short for an interval; ${recordMore(input)}`)
  const code = difference.lo > 0 ? 'better' : difference.hi < 0 ? 'worse' : 'indistinguishable'
  if (code === 'indistinguishable') return { code, words: `not distinguishable from what was logged (${range(input)})${moreWouldTell(input)}` }
  // What was never tried may have earned as little, or as much, as anything that was (Manski's bounds).
  const [least, most] = input.rewardRange
  const worst =
    code === 'better' ? difference.lo + untried * (least - logged - difference.lo) : difference.hi + untried * (most - logged - difference.hi)
  if (untried > 0 && (code === 'better' ? worst <= 0 : worst >= 0))
    return cannot(`${percent(untried)} of its choices ${never}, which could turn the answer (${range(input)} without them); ${recordMore(input)}`)
  return { code, words: `${code} by ${range(input)}` }
}

const cannot = (why: string): Verdict => ({ code: 'cannotAnswer', words: `this log cannot answer: ${why}` })

const percent = (ratio: number): string => `${Number((100 * ratio).toPrecision(2))} %`

/** `8 to 14 %`, always from the smaller size to the larger; in the reward's own unit where nothing was earned. */
function range({ relative, difference, logged, of }: VerdictInput): string {
  const inPercent = logged !== 0 && Number.isFinite(relative.lo) && Number.isFinite(relative.hi)
  const { lo, hi } = inPercent ? { lo: 100 * relative.lo, hi: 100 * relative.hi } : difference
  const [from, to] = lo > 0 ? [lo, hi] : hi < 0 ? [-hi, -lo] : [lo, hi]
  const digits = (value: number): string => String(Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2)))
  const signed = (value: number): string => (lo > 0 || hi < 0 ? digits(value) : `${value > 0 ? '+' : ''}${digits(value)}`)
  return `${signed(from)} to ${signed(to)}${inPercent ? ' %' : ''}${of === undefined ? '' : ` ${of}`}`
}

const roundsOf = ({ stretch = 1 }: VerdictInput): string => (stretch === 1 ? 'rounds' : `stretches of ${stretch} decisions`)

/**
 * Decisions that would do. With a share epsilon of uniform exploration a log is worth n epsilon / (actions * concentration) rounds to a policy
 * that it otherwise never follows: the mean squared weight is actions * concentration / epsilon. Over a stretch that becomes a power, which no log can bear; around the policy itself it is 1 / (1 - epsilon) a decision.
 */
function recordMore({ support, actions, stretch = 1 }: VerdictInput): string {
  if (stretch > 1) {
    const around = (wantedEffective * stretch) / (1 - askedEpsilon) ** stretch
    return `ask a shorter --horizon, or record around the policy itself: record --incumbent POLICY --explore epsilon:${askedEpsilon} for about ${round2(around)} decisions`
  }
  const more = (wantedEffective * actions * support.concentration) / askedEpsilon
  return `record with --explore epsilon:${askedEpsilon} for about ${round2(more)} more decisions`
}

/** Intervals narrow with the root of the rounds. */
function moreWouldTell({ difference, diagnostics, stretch = 1 }: VerdictInput): string {
  const half = (difference.hi - difference.lo) / 2
  const times = (half / difference.value) ** 2
  // Beyond, the difference is nothing that anyone would wait for.
  if (!(times < 100)) return ''
  return `; about ${round2((times - 1) * diagnostics.rounds * stretch)} more decisions would tell, if the difference is as it looks`
}

const round2 = (count: number): string => String(Number(Math.max(1, Math.ceil(count)).toPrecision(2)))
