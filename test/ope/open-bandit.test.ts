import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ips } from '../../src/ope/ips.ts'
import type { LoggedRounds } from '../../src/ope/rounds.ts'
import { snips } from '../../src/ope/snips.ts'

const folder = join(import.meta.dirname, '../../../shared/data/ope')
const present = existsSync(join(folder, 'reference.json'))

interface Reference {
  readonly cases: Readonly<Record<string, { readonly rounds: number; readonly estimates: { readonly ipw: number; readonly snipw: number } }>>
}

function readCase(name: string): LoggedRounds {
  const rows = (text: string): string[][] =>
    text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
  const target = rows(readFileSync(join(folder, `${name}-target-policy.csv`), 'utf8')).map((row) => row.slice(1).map(Number))
  const log = rows(gunzipSync(readFileSync(join(folder, `${name}.csv.gz`))).toString('utf8')).map((row) => row.slice(0, 4).map(Number))
  return {
    reward: log.map((row) => row[2] as number),
    behaviourProbability: log.map((row) => row[3] as number),
    targetProbability: log.map((row) => target[row[1] as number]?.[row[0] as number] as number),
  }
}

describe.skipIf(!present)(`against Open Bandit Pipeline${present ? '' : ' (skipped: ../shared/data/ope is not here)'}`, () => {
  const reference: Reference = present ? JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) : { cases: {} }
  for (const [name, { rounds, estimates }] of Object.entries(reference.cases))
    it(`${name}: ips and snips agree to 12 digits`, () => {
      const log = readCase(name)
      expect(log.reward.length).toBe(rounds)
      // The sums run in another order than theirs, which costs the last digits.
      expect(ips(log).value.mean / estimates.ipw).toBeCloseTo(1, 12)
      expect(snips(log).value.mean / estimates.snipw).toBeCloseTo(1, 12)
    })
})
