import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agentKinds } from '../../agents/index.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/agents.md'), 'utf8')

describe('docs/agents.md', () => {
  for (const kind of agentKinds)
    it(`lists ${kind.name} and its options as they are`, () => {
      expect(page).toMatch(new RegExp(`(^##+ |\`)${kind.name}\\b`, 'm'))
      for (const option of kind.options) {
        const { low, high } = { low: undefined, high: undefined, ...option }
        const range = low === undefined ? '' : ` [${decimal(low)}, ${decimal(high ?? Number.POSITIVE_INFINITY)}]`
        expect(page).toContain(`| \`${option.name}\` | ${option.default} |${range} | ${option.description} |`)
      }
    })
})

/** Without an exponent. */
const decimal = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 9, useGrouping: false })
