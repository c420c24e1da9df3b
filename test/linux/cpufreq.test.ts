import { afterAll, describe, expect, it } from 'vitest'
import { parseFrequencies, parseKHz, readCpufreqPolicies } from '../../src/linux/cpufreq.ts'
import { kindOfDevfreq, readDevfreqDevices } from '../../src/linux/devfreq.ts'
import { parseCpuinfo, readModel } from '../../src/linux/model.ts'
import { readCpus } from '../../src/linux/topology.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'

const odroid = unpackBoard('odroid-xu4')
const orin = unpackBoard('jetson-orin-nano')
const rock = unpackBoard('rk3588')
const boards = [odroid, orin, rock]
afterAll(() => {
  for (const board of boards) board.remove()
})

describe('cpufreq', () => {
  it('is kHz, in any order and with a trailing space', () => {
    expect(parseKHz('1400000')).toBe(1.4e9)
    for (const text of ['', '0', '<unsupported>', undefined, '9'.repeat(306)]) expect(parseKHz(text)).toBeUndefined()
    expect(parseFrequencies(['1000', '200', 'x', '200'])).toEqual([2e5, 1e6])
  })

  it('reads a policy whole; an offline CPU stays related', () => {
    const [, big] = readCpufreqPolicies(odroid.root)
    expect(big).toEqual({
      path: `${odroid.root}/sys/devices/system/cpu/cpufreq/policy4`,
      number: 4,
      access: 'ok',
      relatedCpus: [4, 5, 6, 7],
      affectedCpus: [4, 6, 7],
      driver: 'cpufreq-dt',
      governor: 'ondemand',
      availableGovernors: ['conservative', 'ondemand', 'userspace', 'powersave', 'performance', 'schedutil'],
      frequenciesHz: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map((x) => x * 1e8),
      boostFrequenciesHz: [],
      minFreqHz: 2e8,
      maxFreqHz: 2e9,
      scalingMinFreqHz: 2e8,
      scalingMaxFreqHz: 2e9,
      writable: 'yes',
    })
  })

  it('takes a driver name without a newline', () => {
    expect(readCpufreqPolicies(rock.root).map((policy) => policy.driver)).toEqual(['cpufreq-dt', 'cpufreq-dt', 'cpufreq-dt'])
  })

  it('keeps a policy that does not answer, as broken', () => {
    const [first, silent] = readCpufreqPolicies(orin.root)
    expect(first).toMatchObject({ access: 'ok', scalingMinFreqHz: 729.6e6, scalingMaxFreqHz: 960e6, maxFreqHz: 1728e6 })
    expect(silent).toMatchObject({ number: 4, access: 'broken', relatedCpus: [], frequenciesHz: [] })
  })

  it('knows who may write', () => {
    expect(odroid.unprivileged(() => readCpufreqPolicies(odroid.root).map((policy) => policy.writable))).toEqual(['denied', 'denied'])
    expect(readCpufreqPolicies(`${odroid.root}/nothing`)).toEqual([])
  })
})

describe('devfreq', () => {
  it('is Hz already, ascending, with what the device is', () => {
    expect(
      readDevfreqDevices(rock.root).map(({ name, kind, governor, frequenciesHz }) => [name, kind, governor, frequenciesHz[0], frequenciesHz.length]),
    ).toEqual([
      ['dmc', 'memory', 'dmc_ondemand', 528e6, 4],
      ['fb000000.gpu', 'gpu', 'simple_ondemand', 300e6, 8],
      ['fdab0000.npu', 'npu', 'rknpu_ondemand', 300e6, 8],
    ])
    expect(['17000000.ga10b', '57000000.gpu', '10c20000.memory-controller', 'soc:bus-wcore', 'x'].map(kindOfDevfreq)).toEqual([
      'gpu',
      'gpu',
      'memory',
      'memory',
      'other',
    ])
  })
})

describe('topology and model', () => {
  it('give type and capacity of each core', () => {
    expect(readCpus(odroid.root).map(({ cpu, capacity, coreType, packageId }) => [cpu, capacity, coreType, packageId])).toEqual([
      ...[0, 1, 2, 3].map((cpu) => [cpu, 377, 'arm,cortex-a7', 1]),
      ...[4, 5, 6, 7].map((cpu) => [cpu, 1024, 'arm,cortex-a15', 0]),
    ])
  })

  it('read device trees, whose strings end with a NUL', () => {
    expect(readModel(odroid.root)).toEqual({
      name: 'Hardkernel Odroid XU4',
      compatible: ['hardkernel,odroid-xu4', 'samsung,exynos5800', 'samsung,exynos5'],
      cpuModel: 'ARMv7 Processor rev 3 (v7l)',
      architecture: 'arm',
    })
  })

  it('tell architectures by /proc/cpuinfo', () => {
    expect(parseCpuinfo('vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n')).toEqual({ cpuModel: 'AMD EPYC', architecture: 'x86' })
    expect(parseCpuinfo('CPU implementer\t: 0x41\n')).toEqual({ architecture: 'arm' })
    expect(parseCpuinfo('')).toEqual({ architecture: 'other' })
  })
})
