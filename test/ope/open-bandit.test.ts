import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replayLog } from '../../src/run/replay-log.ts'

const folder = join(import.meta.dirname, '../../../shared/data/ope')
const present = existsSync(join(folder, 'reference.json'))

interface Reference {
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly rounds: number
        readonly actions: number
        readonly behaviourMeanReward: number
        readonly estimates: Readonly<Record<string, number>>
      }
    >
  >
}

/** Their name, ours, and the relative difference that is left to the order of sums and to nine printed digits of the model. */
const pairs = [
  ['ipw', 'ips', 1e-9],
  ['snipw', 'snips', 1e-9],
  ['dm', 'dm', 1e-6],
  ['dr', 'dr', 1e-6],
  ['sndr', 'sndr', 1e-6],
  ['switch-dr', 'switch-dr', 1e-6],
  ['dr-os', 'dros', 1e-6],
] as const

describe.skipIf(!present)(`against Open Bandit Pipeline${present ? '' : ' (skipped: ../shared/data/ope is not here)'}`, () => {
  const reference: Reference = present ? JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) : { cases: {} }
  for (const [name, expected] of Object.entries(reference.cases))
    it(`${name}: every estimator agrees`, async () => {
      const result = await replayLog({ log: join(folder, `${name}.csv.gz`), target: join(folder, `${name}-target-policy.csv`), draws: 199 })
      expect(result).toMatchObject({ rounds: expected.rounds, actions: expected.actions, positions: 3, unsupported: 0 })
      expect(result.logged.value).toBeCloseTo(expected.behaviourMeanReward, 12)
      for (const [theirs, ours, tolerance] of pairs) {
        const { value, lo, hi } = result.estimates.find(({ estimator }) => estimator === ours) as { value: number; lo: number; hi: number }
        expect(Math.abs(value / (expected.estimates[theirs] as number) - 1)).toBeLessThan(tolerance)
        expect(lo).toBeLessThan(value)
        expect(hi).toBeGreaterThan(value)
      }
    })
})
