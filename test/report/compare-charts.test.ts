import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeLabels } from '../../src/report/compare-labels.ts'
import { chainOf, condense, panelAgents } from '../../src/report/compare-panels.ts'
import { logTicks, percentScale, positionOf } from '../../src/report/compare-scales.ts'
import type { WindowResult } from '../../src/run/compare/result.ts'
import { sampleAgents, sampleResult, stat } from './compare-sample.ts'

describe('scales', () => {
  it('are linear up to 100 %, and logarithmic beyond', () => {
    expect(percentScale([3, 42], 5, 0.2)).toMatchObject({ type: 'linear', ticks: [0, 10, 20, 30, 40] })
    expect(percentScale([-12, 42], 5, 0.2).ticks).toEqual([0, 20, 40])
    expect(percentScale([450], 5, 0.2)).toMatchObject({ type: 'symlog', ticks: [0, 10, 100, 500] })
    expect(percentScale([450], 5, 0.09).ticks).toEqual([0, 10, 20, 50, 100, 200, 500])
    expect(percentScale([Number.NaN], 5, 0.09).domain[0]).toBe(0)
  })

  it('hold every value and 0, ticks within and ascending', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -400, max: 1e5, noNaN: true }), { minLength: 1 }), fc.constantFrom(0.05, 0.2), (values, apart) => {
        const scale = percentScale(values, 5, apart)
        const places = [...values, 0, ...scale.ticks].map((value) => positionOf(value, scale))
        expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...places)).toBeLessThanOrEqual(1)
        for (const [i, tick] of scale.ticks.slice(1).entries())
          expect(positionOf(tick, scale) - positionOf(scale.ticks[i] as number, scale)).toBeGreaterThan(apart * 0.9)
        expect(scale.ticks).toContain(0)
      }),
    )
  })

  it('have few ticks by the logarithm', () => {
    expect(logTicks(0.45, 4, 4)).toEqual([0.5, 1, 2])
    expect(logTicks(0.02, 300, 4)).toEqual([0.1, 1, 10, 100])
    expect(logTicks(0.01, 100, 4)).toEqual([0.01, 1, 100])
    expect(logTicks(1.5, 6, 4)).toEqual([2, 5])
  })
})

describe('names of dots', () => {
  const dot = fc.record({
    x: fc.integer({ min: 20, max: 320 }),
    y: fc.integer({ min: 10, max: 240 }),
    text: fc.constantFrom('oracle', 'static', 'q-learning'),
  })

  it('stand beside a dot that is alone', () => {
    expect(placeLabels([{ x: 100, y: 100, text: 'oracle' }], 340, 250)[0]?.dy).toBe(0)
    expect(placeLabels([{ x: 330, y: 100, text: 'oracle' }], 340, 250)[0]?.dx).toBeLessThan(0)
  })

  it('never cover each other where there is room', () => {
    fc.assert(
      fc.property(fc.array(dot, { minLength: 2, maxLength: 6 }), (dots) => {
        const labels = placeLabels(dots, 340, 250).map(({ dx, dy }, i) => ({
          x: (dots[i]?.x ?? 0) + dx,
          y: (dots[i]?.y ?? 0) + dy,
          w: (dots[i]?.text.length ?? 0) * 5.6,
        }))
        for (const [i, a] of labels.entries())
          for (const b of labels.slice(i + 1)) expect(Math.abs(a.y - b.y) >= 11 - 1e-9 || Math.abs(a.x - b.x) >= (a.w + b.w) / 2 - 1e-9).toBe(true)
      }),
      { seed: 4 },
    )
  })
})

describe('panels', () => {
  const window = (from: number, to: number | null): WindowResult => ({ from, to, gap: stat(0.1), missRatio: stat(0) })

  it('draw windows that follow one another', () => {
    const all = [window(1, 20), window(1, 50), window(21, 50), window(51, 100), window(51, 500), window(101, 500), window(501, null)]
    expect(chainOf(all).map(({ from, to }) => [from, to])).toEqual([
      [1, 20],
      [21, 50],
      [51, 100],
      [101, 500],
      [501, null],
    ])
    expect(chainOf(all.slice(0, 2))).toEqual([window(1, 20)])
    expect(chainOf([window(2, 9)])).toEqual([])
  })

  it('draw a long curve as means of neighbours', () => {
    expect(condense([1, 3, 5, 7, 9], 1, 5, 3)).toEqual([
      { step: 1, cost: 2 },
      { step: 3, cost: 6 },
      { step: 4.5, cost: 9 },
    ])
    expect(condense([], 1, 0, 50)).toEqual([])
  })

  it('weigh a last block that is shorter by its steps', () => {
    expect(condense([1, 3, 5, 7, 9], 10, 45, 2)).toEqual([
      { step: 15, cost: 3 },
      { step: 37.5, cost: (7 * 10 + 9 * 5) / 15 },
    ])
  })

  it('leave the oracle out, which stands in all of them', () => {
    const agents = panelAgents(sampleResult('x', sampleAgents)).map(({ agent }) => agent)
    expect(agents).toHaveLength(sampleAgents.length - 1)
    expect(agents).not.toContain('oracle')
  })
})
