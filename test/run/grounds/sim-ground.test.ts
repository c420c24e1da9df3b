import { describe, expect, it } from 'vitest'
import { date2020 } from '../../../envs/sim/network.ts'
import { makeQuietWorld, type WorldMaker } from '../../../envs/world/world.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import type { Step } from '../../../src/core/env.ts'
import { openSimNetwork, type SimGroundInput, simGround } from '../../../src/run/grounds/sim-ground.ts'
import { errorOf } from '../../support/error-of.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

const quiet = (change: Partial<SimGroundInput> = {}) =>
  simGround({
    board: readShipped('odroid-xu4'),
    network: date2020,
    plant: 'nominal',
    ...change,
  })

describe('a simulated ground', () => {
  it('says what it is: simulated, of which board, and where its constants come from', () => {
    const ground = quiet()
    expect(ground.id).toBe('sim:odroid-xu4')
    expect(quiet({ scenarioName: 'steady' }).id).toBe('sim:odroid-xu4@steady')
    expect(ground.labels[0]).toBe('simulated: odroid-xu4, nominal plant')
    expect(ground.labels.join()).toMatch(/as recalled/)
    expect(ground.labels.join()).toMatch(/assumed/)
    expect(quiet({ plant: 'perturbed' }).labels[0]).toMatch(/perturbed plant/)
    expect(ground.phases).toEqual([{}])
  })

  it('measures energy where the board has a sensor on every CPU rail, else estimates it', () => {
    expect([quiet().energyQuality, quiet().energyScope]).toEqual(['measured', 'rail'])
    expect(quiet({ energyScope: 'board' }).energyQuality).toBe('estimated')
    expect(quiet({ board: makeKnownBoard() }).energyQuality).toBe('estimated')
  })

  it('has heat to plan for where some point would reach a trip for good', () => {
    // Half of its fast cores, as inference takes them, stays cool in a room; an XU4 does not.
    const board = readShipped('rk3588')
    expect(quiet({ board }).heat).toBe(false)
    expect(quiet().heat).toBe(true)
    const hot: WorldMaker = ({ clusters }) => {
      const world = makeQuietWorld(clusters)
      const at = world.at
      world.at = (timeS, out) => {
        at(timeS, out)
        out.ambientTempC = 70
      }
      return world
    }
    expect(quiet({ board, world: hot }).heat).toBe(true)
  })

  it('gives on the quiet board, at rest, what its nominal outcomes say', () => {
    const ground = quiet()
    const env = ground.open([{ percentile: 99 }])
    const n = 2000
    for (const action of [0, 100, 191]) {
      env.reset({ seed: 1, quiet: true })
      let latencyS = 0
      for (let k = 0; k < n; k++) latencyS += (env.step(action) as Step).outcome.latencyS / n
      expect(latencyS / (ground.nominal[action]?.latencyS as number)).toBeCloseTo(1, 1.5)
    }
  })

  it('refuses a board that says too little, and names every missing field', () => {
    const error = errorOf(() => quiet({ board: readShipped('hikey960') }))
    expect(error.code).toBe('ERR_UNKNOWN_BOARD')
    expect(error.message).toMatch(/hikey960 cannot be simulated.*memory\.bandwidth/)
    expect(errorOf(() => quiet({ board: readShipped('pixel-6') })).message).toMatch(/memory\.bandwidth.*thermalZones/)
  })

  it('takes the network of the paper or one of flyball', () => {
    expect(openSimNetwork('date2020').subnets.map(({ accuracy }) => accuracy)).toEqual([0.56, 0.627, 0.688, 0.712])
    expect(openSimNetwork('shipped:cifar10-g4').subnets.map(({ macs }) => macs)).toEqual([11060480, 22120960, 33181440, 44241920])
    expect(errorOf(() => openSimNetwork('shipped:none')).code).toBe('ERR_NETWORK_MANIFEST')
  })
})
