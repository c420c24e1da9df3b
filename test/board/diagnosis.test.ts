import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/board/diagnosis.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { governable } from '../../src/board/governable.ts'
import { known, readInventory } from '../../src/board/inventory.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'

function diagnosed(name: string, asRoot = false) {
  const tree = unpackBoard(name)
  const board = asRoot ? discoverBoard({ root: tree.root }) : tree.unprivileged(() => discoverBoard({ root: tree.root }))
  tree.remove()
  return diagnose(board)
}
const qualities = (diagnosis: ReturnType<typeof diagnose>) => Object.fromEntries(diagnosis.sensors.map((sensor) => [sensor.name, sensor.quality]))

describe('diagnosis', () => {
  it('of a laptop without rights names the counters, the files and the commands for both', () => {
    const diagnosis = diagnosed('intel-laptop')
    expect(qualities(diagnosis)).toEqual({
      energy: 'estimated',
      temperature: 'measured',
      interference: 'measured',
      pressure: 'measured',
      latency: 'measured',
    })
    expect(diagnosis.sensors[0]?.from).toContain('rapl:package, rapl:psys may not be read')
    expect(diagnosis.permissions.map((permission) => permission.what)).toEqual(['measure energy', 'set frequencies'])
    expect(diagnosis.permissions[0]?.commands[0]).toMatch(/^sudo chgrp .* && sudo chmod g\+r .*energy_uj$/)
    expect(diagnosis.permissions[0]?.warning).toContain('CVE-2020-8694')
    expect(diagnosis.permissions[1]?.commands[1]).toContain('/etc/tmpfiles.d/flyball-frequency.conf')
    expect(diagnosis.corePower).toEqual([{ cluster: 'cpu', maxPowerW: 5, basis: 'assumed' }])
  })

  it('of the same laptop as root misses nothing', () => {
    const diagnosis = diagnosed('intel-laptop', true)
    expect(qualities(diagnosis)).toMatchObject({ energy: 'measured' })
    expect(diagnosis.permissions).toEqual([])
    expect(diagnosis.governs).toBe('sub-network + cores + frequency of cpu')
  })

  it('tells absent from estimated', () => {
    expect(qualities(diagnosed('vm'))).toMatchObject({ energy: 'estimated', temperature: 'absent', pressure: 'absent' })
    expect(diagnosed('raspberry-pi-5').sensors.find((sensor) => sensor.name === 'pressure')?.from).toContain('psi=1')
    expect(diagnosed('jetson-orin-nano').sensors[0]).toEqual({ name: 'energy', quality: 'measured', from: 'ina3221:VDD_IN (board)' })
  })
})

describe('what can be governed', () => {
  it('is said by cluster where clusters differ', () => {
    const cluster = (id: string, writable: 'yes' | 'denied' | 'absent', count: number) => ({
      id,
      kind: 'cpu' as const,
      cpus: [0],
      opps: Array.from({ length: count }, (_, i) => ({ freqHz: 1e9 + i })),
      oppsQuality: 'listed' as const,
      policyPaths: [],
      writable,
    })
    expect(governable({ onlineCpus: [0, 1], clusters: [cluster('little', 'yes', 3), cluster('big', 'denied', 3)] })).toBe(
      "sub-network + cores + cluster + frequency of little; frequency of big: needs write access to cpufreq's scaling_min_freq and scaling_max_freq (flyball doctor prints the command)",
    )
    expect(governable({ onlineCpus: [0], clusters: [cluster('cpu', 'yes', 1)] })).toMatch(/^sub-network; frequency: needs a cpufreq driver/)
  })
})

describe('inventory', () => {
  it('knows what systeminformation does not', () => {
    expect([null, undefined, '', -1, 0, Number.NaN].map(known)).toEqual(Array.from({ length: 6 }, () => undefined))
    expect([5, 'x', false].map(known)).toEqual([5, 'x', false])
  })

  it('of this machine holds no null, -1 or empty text', async () => {
    const inventory = await readInventory()
    for (const value of Object.values(inventory)) expect([null, -1, '', undefined]).not.toContain(value)
    expect(Array.isArray(inventory.gpus)).toBe(true)
  })
})
