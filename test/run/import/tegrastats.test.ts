import { describe, expect, it } from 'vitest'
import { jtopCells } from '../../../src/run/import/jtop.ts'
import { parseTegrastats } from '../../../src/run/import/tegrastats.ts'
import { parseTime } from '../../../src/run/import/times.ts'

describe('a line of tegrastats', () => {
  it('of JetPack 3 (TX1), one clock for all cores', () => {
    const cells = parseTegrastats(
      'RAM 3468/3983MB (lfb 48x4MB) SWAP 873/8192MB (cached 295MB) cpu [17%,off,29%,5%]@408 EMC 1%@408 APE 25 GR3D 3%@76'.replace('cpu', 'CPU'),
    )
    expect(cells).toMatchObject({
      'cpu0.freqHz': 408e6,
      'cpu.cores': 3,
      'cpu.freqHz': 408e6,
      'emc.freqHz': 408e6,
      'gpu.load': 0.03,
      'gpu.freqHz': 76e6,
    })
    expect(cells?.['cpu.load']).toBeCloseTo(0.17, 12)
    expect(cells).not.toHaveProperty('powerW')
  })

  it('of JetPack 4 (Nano), powers without a unit', () => {
    const line =
      'RAM 1766/3964MB (lfb 197x4MB) SWAP 0/2048MB (cached 0MB) CPU [24%@1224,15%@1224,13%@1224,10%@1224] EMC_FREQ 0% GR3D_FREQ 0% PLL@21C CPU@25C PMIC@100C GPU@23.5C AO@33.5C thermal@24.5C POM_5V_IN 2545/2547 POM_5V_GPU 0/0 POM_5V_CPU 549/529'
    const cells = parseTegrastats(line)
    expect(cells).toMatchObject({
      'ram.usedB': 1766 * 2 ** 20,
      'temp.GPU': 23.5,
      tempC: 24.5,
      'power.POM_5V_IN': 2.545,
      'power.POM_5V_CPU': 0.549,
      powerW: 2.545,
    })
    // Without root there is a load and no clock.
    expect(cells).not.toHaveProperty('gpu.freqHz')
    expect(cells?.['ramRatio']).toBeCloseTo(1766 / 3964, 12)
  })

  it('of JetPack 4 (TX2, AGX Xavier), two clusters and cores that are off', () => {
    const tx2 = parseTegrastats(
      'RAM 1710/7854MB (lfb 84x4MB) CPU [0%@499,off,off,0%@345,0%@499,0%@498] EMC_FREQ 0%@665 GR3D_FREQ 0%@140 APE 150 MTS fg 0% bg 0% BCPU@32C MCPU@32C GPU@32C PLL@32C Tboard@29C Tdiode@29.25C PMIC@100C thermal@32C VDD_IN 1183/1183 VDD_CPU 152/152',
    )
    expect(tx2).toMatchObject({ 'cpu.cores': 4, 'cpu3.freqHz': 345e6, 'cpu.freqHz': 499e6, tempC: 32, powerW: 1.183 })
    const xavier = parseTegrastats(
      'RAM 1/2MB (lfb 1x4MB) CPU [1%@1190] EMC_FREQ 0% GR3D_FREQ 0% AO@31C GPU 465/466 CPU 155/155 SOC 1242/1240 CV 0/0 VDDRQ 310/310 SYS5V 1810/1800',
    )
    // No rail is the whole module: the six of them are.
    expect(xavier?.['powerW']).toBeCloseTo(3.982, 9)
  })

  it('of JetPack 5 and 6 (Orin), a time, units, sensors that are off', () => {
    const cells = parseTegrastats(
      '01-03-2023 16:10:22 RAM 2257/30536MB (lfb 5392x4MB) SWAP 0/15268MB (cached 0MB) CPU [10%@729,0%@730] EMC_FREQ 0%@2133 GR3D_FREQ 75%@[1300,0] CV0@-256C CPU@41.375C Tboard@29C GPU@-256C tj@41.468C VDD_GPU_SOC 2340mW/2340mW VDD_CPU_CV 390mW/391mW VIN_SYS_5V0 3025mW/3000mW',
    )
    expect(cells).toMatchObject({ time: '01-03-2023 16:10:22', 'gpu.freqHz': 1300e6, 'temp.CV0': null, 'temp.GPU': null, tempC: 41.468 })
    expect(cells?.['powerW']).toBeCloseTo(2.34 + 0.39 + 3.025, 9)
  })

  it('of JetPack 7, names in small letters, peaks, clocks per GPC, no load of the GPU', () => {
    const cells = parseTegrastats(
      '07-25-2026 09:08:28 RAM 20642/62817MB (lfb 1x2MB) CPU [23%@2201,off] EMC_FREQ 3%@3199 GR3D_FREQ @[1000,1000,1000] NVENC0 off APE 174 cpu@52.968C/52.968C gpu@47.625C/47.625C VDD_GPU_SOC 5139mW/5139mW/5200mW VDD_CPU_CV 3268mW/3268mW/3268mW VIN_SYS_5V0 5500mW/5500mW/5500mW',
    )
    expect(cells).toMatchObject({ 'gpu.freqHz': 1000e6, tempC: 52.968, 'power.VDD_GPU_SOC': 5.139 })
    expect(cells).not.toHaveProperty('gpu.load')
    expect(cells?.['powerW']).toBeCloseTo(13.907, 9)
  })

  it('is none', () => {
    for (const line of ['', 'time,latency_ms', 'RAM 1766/3964MB', '# started']) expect(parseTegrastats(line)).toBeUndefined()
  })
})

describe('a record of jtop', () => {
  it('as its logger writes CSV', () => {
    const cells = jtopCells({
      time: '2023-05-11 12:01:33.123456',
      uptime: '0:10:03',
      CPU1: '41',
      CPU2: 'OFF',
      RAM: '0.41',
      GPU: '77',
      'Temp CPU': '45.5',
      'Temp CV0': '-256',
      'Power VDD_CPU_GPU_CV': '1200',
      'Power TOT': '5300',
      jetson_clocks: 'OFF',
      'nvp model': '15W',
    })
    expect(cells).toMatchObject({
      'cpu0.load': 0.41,
      'cpu1.load': null,
      'cpu.load': 0.41,
      'cpu.cores': 1,
      ramRatio: 0.41,
      'gpu.load': 0.77,
      tempC: 45.5,
      'temp.CV0': null,
      'power.VDD_CPU_GPU_CV': 1.2,
      powerW: 5.3,
      powerMode: '15W',
      jetsonClocks: 'OFF',
    })
  })

  it('as jetson.json() gives it, with clocks in kHz', () => {
    const cells = jtopCells({
      'cpu.cpu.0.idle': 60,
      'cpu.cpu.0.freq.cur': 1510400,
      'gpu.ga10b.status.load': 50,
      'gpu.ga10b.freq.cur': 918000,
      'power.tot.power': 4200,
    })
    expect(cells).toMatchObject({ 'cpu.load': 0.4, 'cpu.freqHz': 1510.4e6, 'gpu.load': 0.5, 'gpu.freqHz': 918e6, powerW: 4.2 })
  })

  it('is none', () => expect(jtopCells({ time: '1', latency: 3 })).toBeUndefined())
})

describe('a time', () => {
  it.each([
    ['1970-01-01', 0],
    ['1970-01-01T00:01:00Z', 60],
    ['1970-01-01 00:01:00.250', 60.25],
    ['1970-01-01T02:00:00+02:00', 0],
    ['01-02-1970 00:00:05', 86405],
    ['yesterday', Number.NaN],
    ['16:34:45', Number.NaN],
  ])('%s', (text, seconds) => expect(parseTime(text)).toBe(seconds))
})
