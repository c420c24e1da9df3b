import { rmSync } from 'node:fs'
import { afterAll } from 'vitest'
import type { BoardEnvOptions } from '../../envs/board/board-env.ts'
import { makeTableEnv } from '../../envs/table/table-env.ts'
import { makeQuietWorld, type World } from '../../envs/world/world.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { boardEnv, openBoard, resolveBoard } from '../../src/run/open-board.ts'
import { testEnvContract } from '../contract/env-contract.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { makeSim, makeStormyWorld } from '../support/sim-env.ts'
import { writeSmallNetwork } from '../support/small-network.ts'
import { bareTable, parseSmall } from '../support/tables.ts'

const network = writeSmallNetwork()
afterAll(() => rmSync(network, { recursive: true, force: true }))

const cpus = getAffinity(0)

function makeBoard(clusters: string | undefined, interfere: string[], advise: BoardEnvOptions['advise'] = false) {
  return async () => {
    const settings = resolveBoard({ root: '/', rate: '200', virtual: 'pacing', interfere, ...(clusters === undefined ? {} : { clusters }) })
    const open = await openBoard(settings, network, (message) => {
      throw new Error(message)
    })
    return boardEnv(open, settings, { requirements: { percentile: 99, deadlineS: 0.01 }, advise })
  }
}

testEnvContract({ name: 'scripted', make: () => makeScriptedEnv(), steps: 40, simulated: true })
testEnvContract({ name: 'this board, as it is', make: makeBoard(undefined, []), steps: 20 })
testEnvContract({
  name: 'this board, its cores split, beside a co-runner',
  make: makeBoard(cpus.length > 1 ? `${cpus[0]},${cpus[1]}` : undefined, ['cpu:1@0.5,on=50ms,off=50ms,move']),
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

testEnvContract({ name: 'table', make: () => makeTableEnv({ table: parseSmall(), requirements: [asked] }), steps: 40, simulated: true, exact: true })
testEnvContract({
  name: 'table of latencies alone, with noise',
  make: () => makeTableEnv({ table: bareTable(), requirements: [asked], noiseRatio: 0.1 }),
  steps: 40,
  simulated: true,
})
testEnvContract({
  name: 'table in a restless world',
  make: () => makeTableEnv({ table: parseSmall(), requirements: [asked], noiseRatio: 0.1, world: restless(parseSmall().clusters) }),
  steps: 200,
  simulated: true,
})

const asking = [
  { percentile: 99, deadlineS: 0.1 },
  { percentile: 95, deadlineS: 0.3, energyBudgetJ: 0.1 },
  { percentile: 99, accuracyFloor: 0.6 },
]
for (const board of ['odroid-xu4', 'rk3399', 'rk3588', 'raspberry-pi-4'])
  for (const plant of ['nominal', 'perturbed'] as const) {
    testEnvContract({
      name: `${board}, ${plant} plant, quiet`,
      make: () => makeSim({ board, plant, requirements: asking }),
      steps: 60,
      simulated: true,
    })
    testEnvContract({
      name: `${board}, ${plant} plant, stormy`,
      make: () => makeSim({ board, plant, world: makeStormyWorld, requirements: asking }),
      steps: 200,
      simulated: true,
    })
  }
