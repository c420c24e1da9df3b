import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { makeExpectedOutcome, type Step } from '../../../src/core/env.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { tableGround } from '../../../src/run/grounds/table-ground.ts'
import { defaultWeights, resolveWish } from '../../../src/run/request.ts'
import { findTable } from '../../../src/table/find.ts'
import { readTable } from '../../../src/table/read.ts'
import { errorOf } from '../../support/error-of.ts'
import { bareTable, parseSmall } from '../../support/tables.ts'

const wish = { percentile: 99, objective: 'weighted', weights: defaultWeights } as const

describe('a table as ground', () => {
  it('says what it is', () => {
    const { id, nominal, labels, phases, heat, energyQuality, energyScope, spaces } = tableGround({ table: parseSmall() })
    expect([id, labels, phases, heat, energyQuality, energyScope]).toEqual([
      'table:small',
      ['measured: a made-up board'],
      [{}],
      false,
      'measured',
      'board',
    ])
    expect(nominal[3]).toEqual({ latencyS: 0.01, energyJ: 0.06, accuracy: 0.6 })
    expect(spaces.featureNames).toEqual([
      ...['subnet.rank', 'subnet=small', 'subnet=large', 'cluster=little', 'cluster=big'],
      ...['little.invGHz', 'big.invGHz'],
    ])
    // The large network on big at 1.8 GHz.
    expect(Array.from(spaces.features.subarray(7 * 7))).toEqual([1, 0, 1, 0, 1, 0, 1 / 1.8])
  })

  it('labels what is laid over it', () => {
    const { id, labels, phases, objective } = tableGround({
      table: bareTable(),
      fix: ['cores=4'],
      noiseRatio: 0.03,
      world: scenarioMaker(readScenario('corunner-bursts')),
      scenarioName: 'corunner-bursts',
    })
    expect(id).toBe('table:small@corunner-bursts')
    // As many times the reference latency as on the board that it was stated for; a table without accuracies knows no floor.
    expect(phases).toHaveLength(1)
    expect(phases[0]?.accuracyFloor).toBeNull()
    expect(labels).toEqual([
      'measured: small',
      'fixed: cores=4',
      'energy: absent',
      'overlay: noise 3 %',
      'overlay: interference, lost cores, drift and arrivals of corunner-bursts; no heat',
      'corunner-bursts is about energy, which is unknown here: the objective is weighted unless --objective says otherwise',
    ])
    expect(objective).toBeUndefined()
    const known = tableGround({ table: parseSmall(), world: scenarioMaker(readScenario('corunner-bursts')) })
    expect([known.objective, known.labels]).toEqual(['energy', ['measured: a made-up board', expect.stringContaining('of a world; no heat')]])
  })

  it('opens worlds that do not know of each other', () => {
    const ground = tableGround({ table: parseSmall(), noiseRatio: 0.05, world: scenarioMaker(readScenario('corunner-bursts')), scenarioName: 'x' })
    const run = (env: ReturnType<typeof ground.open>, steps: number): number[] => {
      env.reset({ seed: 4 })
      return Array.from({ length: steps }, (_, k) => (env.step(k % 8) as Step).outcome.latencyS)
    }
    const one = ground.open([{ percentile: 99 }])
    const other = ground.open([{ percentile: 99 }])
    const alone = run(one, 200)
    run(other, 50)
    expect(run(one, 200)).toEqual(alone)
  })

  it('meets a deadline of 1.5x by 1.5 times the fastest point, and goes on without energy and accuracy', () => {
    const { nominal } = tableGround({ table: bareTable() })
    const { requirements, objective } = resolveWish({ ...wish, deadline: { times: 1.5 } }, nominal)
    expect(requirements.deadlineS).toBe(0.045)
    const { nominalCost } = makeObjective(objective, nominal)
    expect(nominal.map((point) => Number(nominalCost(point, requirements).toPrecision(6)))).toEqual([
      // latency / deadline, and once more the fastest point's 0.03 / 0.045 where the deadline is missed.
      ...[0.08 / 0.045 + 2 / 3, 0.05 / 0.045 + 2 / 3, 0.06 / 0.045 + 2 / 3, 2 / 3].map((cost) => Number(cost.toPrecision(6))),
    ])
    const energy = errorOf(() => makeObjective(resolveWish({ ...wish, objective: 'energy' }, nominal).objective, nominal))
    expect([energy.code, energy.exitCode]).toEqual(['ERR_RANGE', 2])
    expect(energy.message).toContain('energy of the reference point is unknown here')
  })
})

const folder = join(import.meta.dirname, '../../../../shared/data/tables')
const present = existsSync(join(folder, 'orin-agx-resnet.json'))

describe.skipIf(!present)(`measured boards${present ? '' : ' (skipped: ../shared/data/tables is not here)'}`, () => {
  it('Orin AGX, ResNet, batch 1: fastest, full speed and least energy as published', () => {
    const ground = tableGround({ table: readTable(findTable('orin-agx-resnet', [folder])), fix: ['batch=1'] })
    const { spaces, nominal } = ground
    expect(nominal).toHaveLength(441)
    const least = (of: (a: number) => number): number => nominal.reduce((best, _, a) => (of(a) < of(best) ? a : best), 0)
    const fastest = least((a) => nominal[a]?.latencyS as number)
    expect(nominal[fastest]?.latencyS).toBeCloseTo(0.01537, 5)
    const fullSpeed = spaces.points.findIndex(
      ({ cores, cpuFreqHz, gpuFreqHz, memFreqHz }) => cores === 12 && cpuFreqHz === 2201.6e6 && gpuFreqHz === 1300.5e6 && memFreqHz === 3199e6,
    )
    expect(nominal[fullSpeed]?.energyJ).toBeCloseTo(0.414, 3)
    const thriftiest = least((a) => nominal[a]?.energyJ as number)
    expect(spaces.points[thriftiest]).toEqual({ cores: 8, cpuFreqHz: 1958.4e6, gpuFreqHz: 522.75e6, memFreqHz: 2133e6 })
    expect(nominal[thriftiest]?.energyJ).toBeCloseTo(0.348, 3)
    expect(nominal[thriftiest]?.latencyS).toBeCloseTo(0.019, 4)
    // The truth of the environment is the table itself.
    const env = ground.open([{ percentile: 99 }])
    env.reset({ seed: 1 })
    const expected = makeExpectedOutcome()
    env.truth?.expected(thriftiest, expected)
    expect(expected).toMatchObject({ latencyS: nominal[thriftiest]?.latencyS, energyJ: nominal[thriftiest]?.energyJ })
  })

  it('RK3399Pro: sub-networks from the least accurate on, three clusters', () => {
    const { knobs, clusters, points } = readTable(findTable('rk3399pro', [folder]))
    expect(points).toHaveLength(270)
    expect(knobs.map(({ name, kind, domain }) => [name, kind, domain])).toEqual([
      ['subnet', 'subnet', undefined],
      ['cluster', 'cluster', undefined],
      ['freqHz', 'frequency', undefined],
      ['hostFreqHz', 'frequency', 'host'],
    ])
    expect(knobs[0]?.values[0]).toBe('alexnet')
    expect(clusters.map(({ id }) => id)).toEqual(['big', 'gpu', 'little'])
  })

  it.each(['orin-agx-lstm', 'orin-agx-mobnet', 'tx2-inception-v4', 'tx2-vgg19'])('%s reads without a note', (name) => {
    const table = readTable(findTable(name, [folder]))
    expect(table.notes).toEqual([])
    expect(tableGround({ table }).energyQuality).toBe(name.startsWith('tx2') ? 'absent' : 'measured')
  })
})
