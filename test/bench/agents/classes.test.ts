import { describe, expect, it } from 'vitest'
import { contests, entrants } from '../../../bench/agents/classes/entrants.ts'
import { classGrounds } from '../../../bench/agents/classes/grounds.ts'
import { linesOf, summarise } from '../../../bench/agents/classes/lines.ts'
import { costAfter, gapDifference, gapOf, isMet, verdictOf } from '../../../bench/agents/classes/verdict.ts'
import { type EpisodeRecord, makeEpisodeRecord } from '../../../src/run/compare/episode.ts'
import type { SeedResult } from '../../../src/run/compare/seed-run.ts'
import { type SeedSummary, summariseEpisode } from '../../../src/run/compare/summary.ts'

const steps = 100

/** A run of 100 decisions whose first 50 cost `early` and whose others cost `late`. */
function runOf(early: number, late: number): SeedSummary {
  const record: EpisodeRecord = makeEpisodeRecord(steps)
  record.cost.fill(early, 0, 50).fill(late, 50)
  return summariseEpisode(record)
}

describe('the verdict on a difference of gaps', () => {
  it('is told by where the interval lies beside 0 and one point', () => {
    expect(verdictOf({ lo: -0.03, hi: -0.001 })).toBe('superior')
    expect(verdictOf({ lo: -0.03, hi: 0.01 })).toBe('not worse')
    expect(verdictOf({ lo: 0.002, hi: 0.009 })).toBe('not worse')
    expect(verdictOf({ lo: -0.03, hi: 0.011 })).toBe('undecided')
    expect(verdictOf({ lo: 0.002, hi: 0.011 })).toBe('worse')
    expect(verdictOf({ lo: 0.002, hi: 0.011 }, 0.02)).toBe('not worse')
    // One seed has no interval.
    expect(verdictOf({ lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY })).toBe('undecided')
  })

  it('meets what was asked: better where the world changes, at least as good where it does not', () => {
    expect(isMet('superior', true)).toBe(true)
    expect(isMet('not worse', true)).toBe(false)
    expect(isMet('not worse', false)).toBe(true)
    expect(isMet('undecided', false)).toBe(false)
  })
})

describe('paired differences', () => {
  it('leave out the start of a run', () => {
    const run = runOf(5, 1)
    expect(costAfter(run, steps, 0)).toBeCloseTo(3, 12)
    expect(costAfter(run, steps, 50)).toBeCloseTo(1, 12)
  })

  it('are taken seed by seed beside the same oracle', () => {
    // Gaps of ours 10 %, 20 %; of theirs 20 %, 40 %: differences of -10 and -20 points, mean -15, standard error 5, t of one degree of freedom 12.706.
    const oracle = [runOf(1, 1), runOf(2, 2)]
    const runs = { ours: [runOf(1.1, 1.1), runOf(2.4, 2.4)], theirs: [runOf(1.2, 1.2), runOf(2.8, 2.8)], oracle }
    const { mean, lo, hi } = gapDifference(runs, steps, 0)
    expect(mean).toBeCloseTo(-0.15, 12)
    expect(lo).toBeCloseTo(-0.15 - 12.706 * 0.05, 12)
    expect(hi).toBeCloseTo(-0.15 + 12.706 * 0.05, 12)
    expect(gapOf(runs.ours, oracle, steps, 50)).toBeCloseTo(0.15, 12)
  })
})

describe('lines', () => {
  const [profiled] = contests as [(typeof contests)[0]]
  /** Ours pays 4 while it learns and 1.1 after, everyone else 2 throughout, the oracle 1. */
  const results = [1, 2, 3].map(
    (seed): SeedResult => ({
      oracle: runOf(seed, seed),
      agents: entrants.map(({ label }) => (label === profiled.ours ? runOf(4 * seed, 1.1 * seed) : runOf(2 * seed, 2 * seed))),
    }),
  )
  const lines = linesOf({ contest: profiled, ground: 'somewhere', changes: true, entrants, results, steps })

  it('hold ours against every rival, over the whole run and without its start', () => {
    expect(lines.map(({ rival }) => rival)).toEqual(profiled.rivals)
    for (const { whole, settled } of lines) {
      expect([whole.gap, whole.rivalGap, whole.difference].map((x) => Number(x.toFixed(9)))).toEqual([1.55, 1, 0.55])
      expect(whole.verdict).toBe('worse')
      expect([settled.gap, settled.difference].map((x) => Number(x.toFixed(9)))).toEqual([0.1, -0.9])
      expect(settled.verdict).toBe('superior')
    }
  })

  it('are counted, and named where they fall short', () => {
    const rows = summarise(profiled, lines)
    expect(rows).toContainEqual(expect.stringMatching(/^ {2}alert +changes: 1 worse; still: none$/))
    expect(rows).toContainEqual(expect.stringMatching(/^ {2}alert +changes: 1 superior; still: none$/))
    expect(rows.filter((row) => row.startsWith('somewhere'))).toHaveLength(profiled.rivals.length)
    expect(rows.find((row) => row.startsWith('somewhere'))).toContain('55.0 [55.0, 55.0]         worse *')
  })
})

describe('entrants and grounds', () => {
  it('put everyone into the class of what they begin with', () => {
    const classOf = (label: string): string | undefined => entrants.find((entry) => entry.label === label)?.class
    for (const { ours, rivals } of contests) for (const label of [ours, ...rivals]) expect(classOf(label)).toBeDefined()
    expect(['bayes', 'alert from the prior', 'ladder'].map(classOf)).toEqual(['nothing', 'nothing', 'nothing'])
    expect(['bayes+profile', 'alert', 'ladder+profile', 'static+profile'].map(classOf)).toEqual(Array(4).fill('profiled'))
    expect(classOf('static')).toBe('reference')
  })

  it('know where the world stands still, and leave out a table that is not there', () => {
    const notes: string[] = []
    const asked = { boards: ['odroid-xu4'], plants: ['nominal', 'perturbed'], scenarios: ['steady', 'drift'] }
    const grounds = classGrounds({ ...asked, tables: ['no-such-table'], deadlines: ['1.5x'], overlays: ['drift'] }, (note) => notes.push(note))
    expect(grounds.map(({ name, changes }) => [name, changes])).toEqual([
      ['sim:odroid-xu4@steady nominal', false],
      ['sim:odroid-xu4@drift nominal', true],
      ['sim:odroid-xu4@steady perturbed', false],
      ['sim:odroid-xu4@drift perturbed', true],
    ])
    expect(notes).toEqual(['left out, as the measured table is not here: no-such-table'])
  })
})
