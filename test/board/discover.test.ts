import { describe, expect, it } from 'vitest'
import { type Board, type Cluster, fingerprintOf } from '../../src/board/board.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { governable } from '../../src/board/governable.ts'
import { unpackArchive, unpackBoard } from '../fixtures/boards/unpack.ts'

const MHz = 1e6

/** Discovered as a user without rights, as most are. */
function discover(name: string): Board {
  const tree = unpackBoard(name)
  const board = tree.unprivileged(() => discoverBoard({ root: tree.root }))
  tree.remove()
  return board
}

const opps = (cluster: Cluster | undefined) => cluster?.opps.map((opp) => opp.freqHz / MHz)

describe('ODROID-XU4', () => {
  it('is two clusters of which the first is little here, with the catalogue of its voltages', () => {
    const tree = unpackBoard('odroid-xu4')
    const board = discoverBoard({ root: tree.root })
    tree.remove()
    expect(board).toMatchObject({
      id: 'odroid-xu4',
      name: 'Hardkernel Odroid XU4',
      source: 'catalogue',
      architecture: 'arm',
      cpuCount: 8,
      psi: false,
    })
    expect(board.onlineCpus).toEqual([0, 1, 2, 3, 4, 6, 7])
    expect(board.energySources).toEqual([])
    expect(board.cpuZones.map((zone) => zone.type)).toEqual(['cpu0-thermal', 'cpu1-thermal', 'cpu2-thermal', 'cpu3-thermal'])
    expect(board.cpuZones[0]?.trips.at(-1)).toEqual({ type: 'critical', tempC: 120, hysteresisC: 0 })
    expect(board.clusters.map(({ id, cpus, coreType, oppsQuality, writable }) => [id, cpus, coreType, oppsQuality, writable])).toEqual([
      ['little', [0, 1, 2, 3], 'arm,cortex-a7', 'listed', 'yes'],
      ['big', [4, 5, 6, 7], 'arm,cortex-a15', 'listed', 'yes'],
      ['gpu', [], '11800000.gpu', 'listed', 'yes'],
    ])
    const [little, big] = board.clusters
    expect(little?.capacity).toBeCloseTo(377 / 1024, 12)
    expect(big?.capacity).toBe(1)
    // 310 uW/MHz/V^2 at 2000 MHz and 1.3125 V is 1.068 W.
    expect(big?.opps.at(-1)).toEqual({ freqHz: 2e9, voltageV: 1.3125, powerW: expect.closeTo(1.068046875, 9) })
    expect(little?.opps[0]).toEqual({ freqHz: 2e8, voltageV: 0.9, powerW: expect.closeTo(0.01458, 9) })
    expect(board.findings).toEqual([{ where: '/sys/devices/system/cpu/online', what: 'CPUs 5 are offline' }])
    expect(fingerprintOf(board)).toBe('Hardkernel Odroid XU4 | little cpu 0-3 13 OPP | big cpu 4-7 19 OPP | gpu 7 OPP')
  })
})

describe('RK3588', () => {
  it('is three clusters, two of them big, though their top OPPs differ from chip to chip', () => {
    const board = discover('rk3588')
    expect(board.clusters.map((cluster) => [cluster.id, cluster.cpus, cluster.opps.length, opps(cluster)?.at(-1)])).toEqual([
      ['little', [0, 1, 2, 3], 8, 1800],
      ['big0', [4, 5], 11, 2400],
      ['big1', [6, 7], 11, 2352],
      ['gpu', [], 8, 1000],
      ['npu', [], 8, 1000],
    ])
    expect(board.thermalZones).toHaveLength(7)
    expect(board.cpuZones.map((zone) => [zone.type, zone.tempC])).toEqual([
      ['bigcore0-thermal', 49],
      ['bigcore1-thermal', 47.153],
      ['littlecore-thermal', 48.076],
    ])
    expect(board.energySources).toEqual([])
    expect(governable(board)).toMatch(/^sub-network \+ cores \+ cluster; frequency: needs write access/)
  })
})

describe('Jetson Orin Nano', () => {
  it('in its 7 W mode has a cluster that does not answer', () => {
    const board = discover('jetson-orin-nano')
    expect(board.clusters.map(({ id, cpus, opps, oppsQuality }) => [id, cpus, opps.length, oppsQuality])).toEqual([
      ['cpu0', [0, 1, 2, 3], 22, 'listed'],
      ['cpu1', [4, 5], 0, 'none'],
      ['gpu', [], 8, 'listed'],
    ])
    expect(opps(board.clusters[0])?.slice(0, 3)).toEqual([115.2, 192, 268.8])
    expect(board.onlineCpus).toEqual([0, 1, 2, 3])
    expect(board.energySources.filter((source) => source.total).map((source) => source.name)).toEqual(['ina3221:VDD_IN'])
    expect(board.cpuZones.map((zone) => zone.type)).toEqual(['cpu-thermal'])
    expect(board.findings.map((finding) => finding.what)).toEqual([
      'CPUs 4-5 are offline',
      'does not answer: all its CPUs are offline; its OPPs are unknown until one comes back',
    ])
  })
})

describe('Raspberry Pi 5', () => {
  it('is one cluster without pressure and without a power sensor', () => {
    const board = discover('raspberry-pi-5')
    expect(board.clusters).toMatchObject([
      {
        id: 'cpu',
        kind: 'cpu',
        coreType: 'arm,cortex-a76',
        cpus: [0, 1, 2, 3],
        capacity: 1,
        oppsQuality: 'listed',
        driver: 'cpufreq-dt',
        governor: 'ondemand',
        policyPaths: [expect.stringMatching(/\/sys\/devices\/system\/cpu\/cpufreq\/policy0$/)],
        writable: 'denied',
      },
    ])
    expect(opps(board.clusters[0])).toEqual([1500, 1600, 1700, 1800, 1900, 2000, 2100, 2200, 2300, 2400])
    expect([board.psi, board.energySources, board.source]).toEqual([false, [], 'discovered'])
    expect(governable(board)).toMatch(/^sub-network \+ cores; frequency: needs write access/)
  })
})

describe('Intel laptop', () => {
  it('is one cluster of eight policies with made-up OPPs; its energy is there and denied', () => {
    const board = discover('intel-laptop')
    expect(board).toMatchObject({ name: 'XPS 13 9310', architecture: 'x86', cpuCount: 8, psi: true })
    expect(board.clusters).toHaveLength(1)
    expect(board.clusters[0]).toMatchObject({
      id: 'cpu',
      cpus: [0, 1, 2, 3, 4, 5, 6, 7],
      oppsQuality: 'range',
      driver: 'intel_pstate',
      writable: 'denied',
    })
    // From 400 to 4700 MHz in sevenths of 4300, on multiples of 100.
    expect(opps(board.clusters[0])).toEqual([400, 1000, 1600, 2200, 2900, 3500, 4100, 4700])
    expect(board.clusters[0]?.policyPaths).toHaveLength(8)
    expect(board.energySources.map((source) => [source.name, source.access])).toEqual([
      ['rapl:package', 'denied'],
      ['rapl:psys', 'denied'],
      ['rapl:core', 'denied'],
      ['rapl:uncore', 'denied'],
    ])
    expect(board.cpuZones.map((zone) => zone.type)).toEqual(['TCPU', 'x86_pkg_temp'])
    expect(board.findings).toEqual([
      {
        where: expect.stringMatching(/policy0\/scaling_available_frequencies$/),
        what: 'intel_pstate lists no frequencies: 8 even steps from min to max stand in for OPPs',
      },
    ])
  })
})

describe('a VM with nothing', () => {
  it('is one cluster with all cores and one OPP of unknown frequency', () => {
    const board = discover('vm')
    expect(board.clusters).toEqual([{ id: 'cpu', kind: 'cpu', cpus: [0, 1], opps: [], oppsQuality: 'none', policyPaths: [], writable: 'absent' }])
    expect([board.thermalZones, board.energySources, board.psi, board.findings]).toEqual([[], [], false, []])
    expect(governable(board)).toBe(
      'sub-network + cores; frequency: needs a cpufreq driver with more than one OPP, which this kernel does not offer (virtual OPPs stand in)',
    )
  })
})

describe('Jetson Nano', () => {
  it('in its 5 W mode keeps its offline CPUs in the cluster and does not believe the PMIC', () => {
    const board = discover('jetson-nano')
    expect(board.clusters.map(({ id, cpus, opps }) => [id, cpus, opps.length])).toEqual([
      ['cpu', [0, 1, 2, 3], 15],
      ['gpu', [], 12],
    ])
    expect(board.onlineCpus).toEqual([0, 1])
    expect(board.cpuZones.map((zone) => zone.tempC)).toEqual([38])
  })
})

describe('any machine', () => {
  it('that says nothing at all is one CPU', () => {
    const tree = unpackArchive('')
    const board = discoverBoard({ root: tree.root })
    tree.remove()
    expect(board).toMatchObject({ id: 'unknown-machine', cpuCount: 1, onlineCpus: [0], clusters: [{ id: 'cpu', cpus: [0] }] })
    expect(board.findings).toHaveLength(1)
  })

  it.skipIf(process.platform !== 'linux')('this one included', () => {
    const board = discoverBoard()
    expect(board.clusters.filter((cluster) => cluster.kind === 'cpu').flatMap((cluster) => cluster.cpus)).toEqual(
      expect.arrayContaining([...board.onlineCpus]),
    )
    expect(JSON.parse(JSON.stringify(board))).toEqual(board)
  })

  it('has a fingerprint that only fits itself', () => {
    const board = discover('vm')
    expect(fingerprintOf(discover('raspberry-pi-5'))).not.toBe(fingerprintOf(board))
    expect(fingerprintOf(board)).toBe('Intel(R) Xeon(R) Processor @ 2.50GHz | cpu cpu 0-1 0 OPP')
  })
})
