import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/board/board.ts'
import { classesOf, nameClusters } from '../../src/board/cluster-names.ts'
import { makeCpuClusters, rangeOf } from '../../src/board/cpu-clusters.ts'
import type { CpufreqPolicy } from '../../src/linux/cpufreq.ts'
import type { CpuInfo } from '../../src/linux/topology.ts'

const policy = (cpus: number[], maxFreqHz: number, more: Partial<CpufreqPolicy> = {}): CpufreqPolicy => ({
  path: `/policy${cpus[0]}`,
  number: cpus[0] as number,
  access: 'ok',
  relatedCpus: cpus,
  affectedCpus: cpus,
  availableGovernors: [],
  frequenciesHz: [1e9, maxFreqHz],
  boostFrequenciesHz: [],
  maxFreqHz,
  writable: 'yes',
  ...more,
})
const cpus = (count: number, more: (cpu: number) => Partial<CpuInfo> = () => ({})): CpuInfo[] =>
  Array.from({ length: count }, (_, cpu) => ({ cpu, ...more(cpu) }))
const clustersOf = (infos: CpuInfo[], policies: CpufreqPolicy[], findings: Finding[] = []) =>
  makeCpuClusters(infos, policies, findings).map((cluster) => `${cluster.id}: ${cluster.cpus.join(' ')}`)

describe('names', () => {
  it('follow the number of classes, and count clusters of one class', () => {
    expect(nameClusters([0])).toEqual(['cpu'])
    expect(nameClusters([0, 0])).toEqual(['cpu0', 'cpu1'])
    expect(nameClusters([0, 1])).toEqual(['little', 'big'])
    expect(nameClusters([1, 0, 1])).toEqual(['big0', 'little', 'big1'])
    expect(nameClusters([0, 1, 2])).toEqual(['little', 'mid', 'big'])
    expect(nameClusters([0, 1, 2, 3])).toEqual(['class0', 'class1', 'class2', 'class3'])
    expect(nameClusters([])).toEqual([])
  })

  it('are never given twice', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ capacity: fc.constantFrom(0.3, 0.5, 0.9, 1), coreType: fc.constantFrom('a', 'b', undefined) })), (traits) => {
        const names = nameClusters(classesOf(traits))
        expect(new Set(names).size).toBe(traits.length)
      }),
    )
  })
})

describe('classes', () => {
  it('go by capacity, whatever the clocks: the A53 pair of an S922X is clocked above its A73', () => {
    expect(
      classesOf([
        { capacity: 0.4, maxFreqHz: 1.9e9, coreType: 'arm,cortex-a53' },
        { capacity: 1, maxFreqHz: 1.8e9, coreType: 'arm,cortex-a73' },
      ]),
    ).toEqual([0, 1])
  })

  it('go by top frequency without capacities; some per cent are no other class', () => {
    expect(classesOf([{ maxFreqHz: 4.7e9 }, { maxFreqHz: 4.9e9 }, { maxFreqHz: 4.7e9 }])).toEqual([0, 0, 0])
    expect(classesOf([{ maxFreqHz: 4.8e9 }, { maxFreqHz: 3.6e9 }])).toEqual([1, 0])
  })
})

describe('clusters', () => {
  it('of three core types are little, mid and big', () => {
    const infos = cpus(8, (cpu) => ({ capacity: cpu < 4 ? 160 : cpu < 6 ? 498 : 1024 }))
    expect(clustersOf(infos, [policy([0, 1, 2, 3], 1.8e9), policy([4, 5], 2.25e9), policy([6, 7], 2.8e9)])).toEqual([
      'little: 0 1 2 3',
      'mid: 4 5',
      'big: 6 7',
    ])
  })

  it('never come from topology: one package and one cluster id, two frequency domains', () => {
    const infos = cpus(8, (cpu) => ({ packageId: 0, coreId: cpu, capacity: cpu < 4 ? 400 : 1024 }))
    expect(clustersOf(infos, [policy([0, 1, 2, 3], 1.766e9), policy([4, 5, 6, 7], 2.8e9)])).toEqual(['little: 0 1 2 3', 'big: 4 5 6 7'])
  })

  it('take hybrid x86 apart where each CPU has a policy, hyper-threads included', () => {
    // Two P cores with two threads each, four E cores.
    const infos = cpus(8, (cpu) => ({ packageId: 0, coreId: cpu < 4 ? cpu >> 1 : cpu }))
    const policies = infos.map(({ cpu }) => policy([cpu], cpu < 4 ? 4.8e9 : 3.6e9))
    expect(clustersOf(infos, policies)).toEqual(['big: 0 1 2 3', 'little: 4 5 6 7'])
    expect(makeCpuClusters(infos, policies, [])[0]?.policyPaths).toEqual(['/policy0', '/policy1', '/policy2', '/policy3'])
  })

  it('may be set only where every policy may', () => {
    const infos = cpus(2)
    const writable = (second: CpufreqPolicy['writable']) =>
      makeCpuClusters(infos, [policy([0], 1e9), policy([1], 1e9, { writable: second })], [])[0]?.writable
    expect((['yes', 'denied', 'absent'] as const).map(writable)).toEqual(['yes', 'denied', 'absent'])
  })

  it('without cpufreq follow the kinds of cores, else are one', () => {
    expect(clustersOf(cpus(4), [])).toEqual(['cpu: 0 1 2 3'])
    expect(
      clustersOf(
        cpus(4, (cpu) => ({ capacity: cpu % 2 === 0 ? 1024 : 400 })),
        [],
      ),
    ).toEqual(['big: 0 2', 'little: 1 3'])
  })

  it('that do not answer keep the CPUs that nobody else claims', () => {
    const { maxFreqHz: _, ...silent } = policy([4], 1e9, { access: 'broken', relatedCpus: [], frequenciesHz: [] })
    const findings: Finding[] = []
    expect(clustersOf(cpus(8), [policy([0, 1, 2, 3], 1e9), { ...silent, number: 4 }, { ...silent, number: 6 }], findings)).toEqual([
      'cpu0: 0 1 2 3',
      'cpu1: 4 5',
      'cpu2: 6 7',
    ])
    expect(findings).toHaveLength(2)
  })

  it('leave no CPU out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(20), { maxLength: 16 }), (count, owners) => {
        const infos = cpus(count)
        const policies = [...new Set(owners)]
          .map((owner) => infos.map(({ cpu }) => cpu).filter((cpu) => owners[cpu] === owner))
          .filter((members) => members.length > 0)
          .map((members) => policy(members, 1e9))
        const all = makeCpuClusters(infos, policies, []).flatMap((cluster) => cluster.cpus)
        expect(all.sort((a, b) => a - b)).toEqual(infos.map(({ cpu }) => cpu))
      }),
    )
  })
})

describe('ranges', () => {
  it('keep both ends, ascend, and are on multiples of 100 MHz between', () => {
    expect(rangeOf(8e8, 1e9)).toEqual([8e8, 9e8, 1e9])
    expect(rangeOf(1e9, 1e9)).toEqual([1e9])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (low, more) => {
        const steps = rangeOf(low * 1e8 + 12345, (low + more) * 1e8 + 67890)
        expect(steps[0]).toBe(low * 1e8 + 12345)
        expect(steps.at(-1)).toBe((low + more) * 1e8 + 67890)
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
        expect(steps.length).toBeLessThanOrEqual(8)
        for (const freqHz of steps.slice(1, -1)) expect(freqHz % 1e8).toBe(0)
      }),
    )
  })
})
