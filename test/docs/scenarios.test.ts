import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../envs/world/scenario/read.ts'
import { scenarioNames } from '../../envs/world/scenario/shipped.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { worldOnBoard } from '../../src/run/grounds/world-on-board.ts'

const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8')

describe('docs/scenarios.md', () => {
  it('has an example that is a scenario, on any board', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
    const scenario = parseScenario(text, 'docs/scenarios.md')
    for (const id of ['odroid-xu4', 'raspberry-pi-4', 'rk3588']) expect(worldOnBoard(scenario, readShipped(id)).phases).toHaveLength(3)
  })

  it('lists the scenarios that ship', () => {
    for (const name of scenarioNames()) expect(page).toContain(`| \`${name}\` |`)
  })
})
