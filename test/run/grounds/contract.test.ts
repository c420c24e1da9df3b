import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import type { Env } from '../../../src/core/env.ts'
import { resolvePhases } from '../../../src/run/compare/phases.ts'
import type { Ground } from '../../../src/run/grounds/ground.ts'
import { findGrounds, openGround } from '../../../src/run/grounds/open.ts'
import { tableGround } from '../../../src/run/grounds/table-ground.ts'
import { traceGround } from '../../../src/run/grounds/trace-ground.ts'
import { createTrace } from '../../../src/trace/writer.ts'
import { testEnvContract } from '../../contract/env-contract.ts'
import { behindGuard } from '../../support/guarded.ts'
import { runScripted, scriptedHeader } from '../../support/scripted-run.ts'
import { parseSmall } from '../../support/tables.ts'

// What `--env` names, opened as a comparison opens it: every shipped scenario on a board, a table in one, and the world of a trace through both.

const dir = mkdtempSync(join(tmpdir(), 'flyball-ground-contract-'))
const trace = join(dir, 'run.jsonl')
const header = scriptedHeader('random', 5)
const writer = createTrace(trace, header)
await runScripted({ header, make: findAgent('random').make, from: 0, to: 200, writer })
writer.close()
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function testGround(ground: Ground, steps: number): void {
  const make = (): Env => ground.open(resolvePhases({ deadline: { times: 2 } }, ground).requirements)
  testEnvContract({
    name: ground.id.replace(dir, ''),
    make,
    guarded: () => behindGuard(make(), { marginC: 5, maxChanges: 1 }),
    steps,
    simulated: true,
  })
}

for (const spec of findGrounds(scenarioNames().map((name) => `sim:rk3588@${name}`))) testGround(openGround(spec), 60)
const world = scenarioMaker(readScenario('corunner-mix'))
testGround(tableGround({ table: parseSmall(), noiseRatio: 0.1, world, scenarioName: 'corunner-mix' }), 60)
for (const spec of findGrounds([`trace:${trace}`], { on: 'sim:odroid-xu4' })) testGround(openGround(spec), 60)
testGround(
  traceGround({ trace, on: (worldOf, scenarioName) => tableGround({ table: parseSmall(), noiseRatio: 0.1, world: worldOf, scenarioName }) }),
  60,
)
