import { describe, expect, it } from 'vitest'
import { type Answer, parseAnswer } from '../../../bench/agents/vowpal/answer.ts'
import { startVowpal, whyAbsent } from '../../../bench/agents/vowpal/child.ts'
import { describeRows, windowGaps } from '../../../bench/agents/vowpal/rows.ts'
import { settings } from '../../../bench/agents/vowpal/settings.ts'
import { actionLines, sharedLine } from '../../../bench/agents/vowpal/words.ts'
import type { Transition } from '../../../src/core/agent.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'
import { makeEpisodeRecord } from '../../../src/run/compare/episode.ts'
import { summariseEpisode } from '../../../src/run/compare/summary.ts'

const spaces = makeSpaces({
  knobs: [
    { name: 'subnet', kind: 'subnet', values: ['small net', 'large'] },
    { name: 'cpu.freqHz', kind: 'frequency', unit: 'Hz', domain: 'cpu', values: [1e9, 2e9, 'free'] },
  ],
  points: [
    { subnet: 'small net', 'cpu.freqHz': 1e9 },
    { subnet: 'large', 'cpu.freqHz': 2e9 },
    { subnet: 'large', 'cpu.freqHz': 'free' },
  ],
  featureNames: ['macShare'],
  features: [[1], [4], [4]],
  monitors: [
    { name: 'cpu.interference', low: 0, high: 1 },
    { name: 'tempC', low: 20, high: 100 },
  ],
})

describe('what Vowpal Wabbit is told', () => {
  it('is every knob beside its highest value and inverted, words as they are, and the features, in its text format', () => {
    expect(actionLines(spaces, false)).toEqual([
      '|a subnet=small_net cpu.freqHz:0.5 1/cpu.freqHz:1 macShare:0.25',
      '|a subnet=large cpu.freqHz:1 1/cpu.freqHz:0.5 macShare:1',
      '|a subnet=large cpu.freqHz=free macShare:1',
    ])
    expect(actionLines(spaces, true)[2]).toBe('|a subnet=large cpu.freqHz=free macShare:1 |i p2')
  })

  it('is every monitor over its range, but for those that are absent', () => {
    expect(sharedLine(spaces, Float64Array.of(0.25, 60))).toBe('|s cpu.interference:0.25 tempC:0.5')
    expect(sharedLine(spaces, Float64Array.of(0, Number.NaN))).toBe('|s cpu.interference:0')
  })
})

describe('what it answers', () => {
  const good: Answer = { action: 2, propensity: 0.25, parseS: 1e-3, predictS: 1e-4, learnS: 0 }

  it('is a choice, its probability and times', () => {
    expect(parseAnswer(JSON.stringify(good), 3)).toEqual(good)
  })

  it.each([
    ['Traceback (most recent call last):', 'expected one line of JSON'],
    ['null', "chose 'undefined'"],
    [JSON.stringify({ ...good, action: 3 }), 'expected a whole number below 3'],
    [JSON.stringify({ ...good, action: 0.5 }), 'expected a whole number below 3'],
    [JSON.stringify({ ...good, propensity: 0 }), 'expected above 0 and at most 1'],
    [JSON.stringify({ ...good, propensity: null }), "with probability 'null'"],
    [JSON.stringify({ ...good, learnS: -1 }), "took '-1' (learnS)"],
  ])('is refused where it is %s', (line, message) => {
    expect(() => parseAnswer(line, 3)).toThrow(message)
  })
})

describe('rows', () => {
  it('hold the gap of each window and say where times come from', () => {
    const run = (early: number, late: number) => {
      const record = makeEpisodeRecord(100)
      record.cost.fill(early, 0, 50).fill(late, 50)
      return summariseEpisode(record)
    }
    const windows = windowGaps([run(2, 1.1), run(4, 1.3)], [run(1, 1), run(1, 1)], 100)
    expect(windows.map(({ name, gap }) => [name, Number(gap.toFixed(9))])).toEqual([
      ['1-50', 2],
      ['51-100', 0.2],
    ])
    const row = { ground: 'table:x 1.5x', gap: { mean: 0.5, lo: 0.4, hi: 0.6, n: 2 }, missRatio: { mean: 0.01, lo: 0, hi: 0.02, n: 2 }, windows }
    const lines = describeRows(
      [
        { ...row, agent: 'bayes', decideS: 50e-6, parseS: null },
        { ...row, agent: 'vw epsilon', decideS: 700e-6, parseS: 1.3e-3 },
      ],
      2,
    )
    expect(lines[4]).toMatch(/bayes +50\.0 \[40\.0, 60\.0\] +1-50: 200\.0 .* misses 1\.0 +50 us$/)
    expect(lines[5]).toMatch(/vw epsilon .* 700 us, text 1300 us$/)
  })
})

const absent = whyAbsent('python3')

describe('without Python or the package', () => {
  it('says why it is left out, and how to get it', () => {
    expect(whyAbsent('no-such-python')).toMatch(/no-such-python.*\(pip install vowpalwabbit\)/)
  })
})

describe.skipIf(absent !== undefined)(`Vowpal Wabbit itself${absent === undefined ? '' : ` (skipped: ${absent})`}`, () => {
  it.each(settings.map((setting) => [setting.name, setting] as const))(
    '%s finds the cheaper of two points that it tried, and never takes the masked third',
    async (_, setting) => {
      const vowpal = startVowpal('python3')
      try {
        const times: Answer[] = []
        const agent = vowpal.begin(setting, spaces, 1, times)
        const observation = Float64Array.of(0, 40)
        // Made to try both: squarecb may never leave a point that it came to like.
        for (let t = 0; t < 60; t++) {
          await agent.act(observation, t % 2 === 0 ? Uint8Array.of(1, 0, 0) : Uint8Array.of(0, 1, 0))
          agent.learn({ cost: t % 2 === 0 ? 2 : 1 } as Transition)
        }
        let cheaper = 0
        for (let t = 0; t < 60; t++) {
          const { action, propensity } = await agent.act(observation, Uint8Array.of(1, 1, 0))
          expect(action).not.toBe(2)
          expect(propensity).toBeGreaterThan(0)
          cheaper += action
          agent.learn({ cost: action === 0 ? 2 : 1 } as Transition)
        }
        expect(cheaper).toBeGreaterThan(45)
        expect(times).toHaveLength(120)
        expect(times[1]?.learnS).toBeGreaterThan(0)
      } finally {
        vowpal.close()
      }
    },
  )
})
