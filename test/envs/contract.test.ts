import { rmSync } from 'node:fs'
import { afterAll } from 'vitest'
import type { BoardEnvOptions } from '../../envs/board/board-env.ts'
import { makeTableEnv } from '../../envs/table/table-env.ts'
import { makeQuietWorld, type World } from '../../envs/world/world.ts'
import type { Env } from '../../src/core/env.ts'
import type { GuardSettings } from '../../src/core/guard.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { testEnvContract } from '../contract/env-contract.ts'
import { behindGuard } from '../support/guarded.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { makeSim, makeStormyWorld } from '../support/sim-env.ts'
import { writeSmallNetwork } from '../support/small-network.ts'
import { bareTable, parseSmall } from '../support/tables.ts'

const network = writeSmallNetwork()
afterAll(() => rmSync(network, { recursive: true, force: true }))

const cpus = getAffinity(0)
const strict = { maxChanges: 1 }

function makeBoard(clusters: string | undefined, interfere: string[], advise: BoardEnvOptions['advise'] = false, guard: Partial<GuardSettings> = {}) {
  return async () => {
    const settings = resolveBoard({ root: '/', rate: '200', virtual: 'pacing', interfere, guard, ...(clusters === undefined ? {} : { clusters }) })
    const open = await openBoard(settings, network, (message) => {
      throw new Error(message)
    })
    return boardEnv(open, settings, { requirements: { percentile: 99, deadlineS: 0.01 }, advise })
  }
}

/** Every simulated environment is tested with a guard and without one. */
function testBoth(name: string, make: () => Env, steps: number, exact = false): void {
  const guarded = (): Env => behindGuard(make(), { marginC: 5, ...strict })
  testEnvContract({ name, make, guarded, steps, simulated: true, exact })
}

testBoth('scripted', () => makeScriptedEnv(), 40)
testEnvContract({ name: 'this board, as it is', make: makeBoard(undefined, []), guarded: makeBoard(undefined, [], false, strict), steps: 20 })
const split = cpus.length > 1 ? `${cpus[0]},${cpus[1]}` : undefined
const moving = ['cpu:1@0.5,on=50ms,off=50ms,move']
testEnvContract({
  name: 'this board, its cores split, beside a co-runner',
  make: makeBoard(split, moving),
  guarded: makeBoard(split, moving, false, strict),
  steps: 20,
})

const asked = { percentile: 99, deadlineS: 0.05 }
/** Bursts on big, a lost cluster, drift, requests that wait. */
function restless(clusters: World['clusters']): World {
  const quiet = makeQuietWorld(clusters, 20)
  return {
    ...quiet,
    at(timeS, out) {
      quiet.at(timeS, out)
      out.interference[clusters.length - 1] = timeS % 1 < 0.5 ? 0.6 : 0
      if (timeS % 3 > 2) out.availableCores[0] = 0
      out.slowdown = 1 + timeS / 100
      out.interferenceFault = timeS % 4 > 3 ? 'jumping' : 'none'
    },
  }
}

testBoth('table', () => makeTableEnv({ table: parseSmall(), requirements: [asked] }), 40, true)
testBoth('table of latencies alone, with noise', () => makeTableEnv({ table: bareTable(), requirements: [asked], noiseRatio: 0.1 }), 40)
testBoth(
  'table in a restless world',
  () => makeTableEnv({ table: parseSmall(), requirements: [asked], noiseRatio: 0.1, world: restless(parseSmall().clusters) }),
  200,
)

const asking = [
  { percentile: 99, deadlineS: 0.1 },
  { percentile: 95, deadlineS: 0.3, energyBudgetJ: 0.1 },
  { percentile: 99, accuracyFloor: 0.6 },
]
for (const board of ['odroid-xu4', 'rk3399', 'rk3588', 'raspberry-pi-4'])
  for (const plant of ['nominal', 'perturbed'] as const) {
    testBoth(`${board}, ${plant} plant, quiet`, () => makeSim({ board, plant, requirements: asking }), 60)
    testBoth(`${board}, ${plant} plant, stormy`, () => makeSim({ board, plant, world: makeStormyWorld, requirements: asking }), 200)
  }

const guardedTable = (): Env =>
  behindGuard(makeTableEnv({ table: parseSmall(), requirements: [asked], noiseRatio: 0.1 }), { marginC: null, powerCapW: 2, ...strict })
testEnvContract({ name: 'table behind a guard', make: guardedTable, guarded: guardedTable, steps: 40, simulated: true })
const guardedSim = (): Env => behindGuard(makeSim({ world: makeStormyWorld, requirements: asking }), { marginC: 5, powerCapW: 3, maxChanges: 2 })
testEnvContract({ name: 'simulated board behind a guard', make: guardedSim, guarded: guardedSim, steps: 200, simulated: true })
