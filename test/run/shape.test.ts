import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldBorders } from '../../src/run/offline/shape.ts'

it('folds are thirds of a log of few runs', () => {
  expect(foldBorders({ decisions: 10, runStarts: [0] }, 3)).toEqual([4, 8, 10])
  expect(foldBorders({ decisions: 10, runStarts: [0, 5] }, 3)).toEqual([4, 8, 10])
})

it('folds are whole runs where there are enough, cut where runs begin nearest to a third', () => {
  expect(foldBorders({ decisions: 90, runStarts: [0, 20, 35, 58, 80] }, 3)).toEqual([35, 58, 90])
  // One run is longer than all others together: each fold still gets one.
  expect(foldBorders({ decisions: 90, runStarts: [0, 2, 4] }, 3)).toEqual([2, 4, 90])
  expect(foldBorders({ decisions: 90, runStarts: [0, 86, 88] }, 3)).toEqual([86, 88, 90])
})

it('every decision lies in one fold, and no fold is empty', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 3, maxLength: 12 })
  fc.assert(
    fc.property(lengths, (runs) => {
      const runStarts = runs.map((_, i) => runs.slice(0, i).reduce((sum, n) => sum + n, 0))
      const decisions = runs.reduce((sum, n) => sum + n, 0)
      const borders = foldBorders({ decisions, runStarts }, 3)
      expect(borders).toHaveLength(3)
      expect(borders[2]).toBe(decisions)
      for (const [i, border] of borders.entries()) {
        expect(border).toBeGreaterThan(borders[i - 1] ?? 0)
        expect([...runStarts, decisions]).toContain(border)
      }
    }),
  )
})
