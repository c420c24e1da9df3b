import { type AgentEntry, lineUp } from '../../../src/run/compare/lineup.ts'

/** One class of the comparison: who is held against whom, by label. */
export interface Contest {
  readonly title: string
  readonly ours: string
  readonly rivals: readonly string[]
}

const named = (names: readonly string[]): AgentEntry[] => lineUp(names)

const variant = (label: string, name: string, kind: AgentEntry['class'], options: AgentEntry['options']): AgentEntry => ({
  label,
  name,
  class: kind,
  options,
  frozen: false,
})

/** Both classes at once: who needs no profile is in either, and the best fixed point with hindsight stands beside both. */
export const entrants: readonly AgentEntry[] = [
  ...named(['bayes', 'bayes+profile', 'alert', 'ladder', 'schedutil', 'ondemand', 'performance', 'static', 'static+profile']),
  variant('alert from the prior', 'alert', 'nothing', { prior: true }),
  variant('ladder+profile', 'ladder', 'profiled', { pareto: true }),
]

const governors = ['schedutil', 'ondemand', 'performance']

export const contests: readonly Contest[] = [
  { title: 'profiled', ours: 'bayes+profile', rivals: ['alert', 'ladder+profile', 'ladder', ...governors, 'static+profile', 'static'] },
  { title: 'from nothing', ours: 'bayes', rivals: ['alert from the prior', 'ladder', ...governors, 'static'] },
]
