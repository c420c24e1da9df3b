import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { makePowerIntegral, openBestEnergy, openEnergySource, readEnergySources } from '../../src/linux/energy-counter.ts'
import { chooseEnergySources } from '../../src/linux/energy-source.ts'
import { counterDelta } from '../../src/linux/powercap.ts'
import { type Unpacked, unpackArchive, unpackBoard } from '../fixtures/boards/unpack.ts'

let board: Unpacked
afterEach(() => board.remove())
const write = (path: string, value: number) => writeFileSync(join(board.root, path), `${value}\n`)
const summary = (root: string) =>
  readEnergySources(root).map(({ name, scope, reads, access, total }) => `${name} ${scope} ${reads} ${access}${total ? ' total' : ''}`)

describe('RAPL', () => {
  it('is one source of packages and one of the platform: no subzones, no second count through MMIO', () => {
    board = unpackBoard('intel-laptop')
    expect(summary(board.root)).toEqual(['rapl:package rail energy ok total', 'rapl:psys board energy ok total'])
    expect(chooseEnergySources(readEnergySources(board.root)).map((source) => source.name)).toEqual(['rapl:package'])
  })

  it('is denied, not absent, for a user who may not read it', () => {
    board = unpackBoard('intel-laptop')
    const seen = board.unprivileged(() => {
      const sources = readEnergySources(board.root)
      return { sources, opened: openEnergySource(sources[0] as (typeof sources)[number]), best: openBestEnergy(sources) }
    })
    expect(seen.sources.map((source) => source.access)).toEqual(['denied', 'denied'])
    expect(seen.opened).toBeUndefined()
    expect(seen.best).toBeUndefined()
  })

  it('adds packages and counts on over a wrap', () => {
    board = unpackArchive(`
=== sys/class/powercap/intel-rapl:0/name
package-0
=== sys/class/powercap/intel-rapl:0/energy_uj
999000000
=== sys/class/powercap/intel-rapl:0/max_energy_range_uj
1000000000
=== sys/class/powercap/intel-rapl:1/name
package-1
=== sys/class/powercap/intel-rapl:1/energy_uj
5000000
=== sys/class/powercap/intel-rapl:1/max_energy_range_uj
1000000000
`)
    const source = openBestEnergy(readEnergySources(board.root))
    expect(source?.readJ?.()).toBe(0)
    write('sys/class/powercap/intel-rapl:0/energy_uj', 2_000_000)
    write('sys/class/powercap/intel-rapl:1/energy_uj', 9_000_000)
    // 3 J over the wrap of package 0, 4 J of package 1.
    expect(source?.readJ?.()).toBeCloseTo(7, 9)
    expect(source?.readJ?.()).toBeCloseTo(7, 9)
    source?.close()
    expect(source?.readJ?.()).toBeNaN()
  })

  it('differences are never negative and add up', () => {
    board = unpackArchive('')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9 - 1), fc.nat(1e9 - 1), (range, a, step) => {
        const start = a % range
        const used = step % range
        expect(counterDelta(start, (start + used) % range, range)).toBe(used)
      }),
    )
  })
})

describe('rails', () => {
  it('of the INA3221 are voltage times current of channels 1 to 3; the total rail alone is charged', () => {
    board = unpackBoard('jetson-orin-nano')
    expect(summary(board.root)).toEqual([
      'ina3221:VDD_IN board power ok total',
      'ina3221:VDD_CPU_GPU_CV rail power ok',
      'ina3221:VDD_SOC rail power ok',
    ])
    const source = openBestEnergy(readEnergySources(board.root))
    expect(source?.name).toBe('ina3221:VDD_IN')
    // 5016 mV at 1100 mA.
    expect(source?.powerW?.()).toBeCloseTo(5.5176, 9)
    expect(source?.ageS).toBeCloseTo(0.002, 9)
    source?.close()
  })

  it('of JetPack 4 come from IIO in mW; what is not connected is none', () => {
    board = unpackBoard('jetson-nano')
    expect(summary(board.root)).toEqual(['ina3221x:POM_5V_IN board power ok total', 'ina3221x:POM_5V_GPU rail power ok'])
    const source = openBestEnergy(readEnergySources(board.root))
    expect(source?.powerW?.()).toBeCloseTo(4.122, 9)
    source?.close()
  })

  it('of the ODROID-XU3 are told by I2C address, and both CPU rails add up', () => {
    const chip = (n: number, address: string, uW: number) => `=== sys/class/hwmon/hwmon${n}/name
ina231
=== sys/class/hwmon/hwmon${n}/device -> ../../../devices/i2c-3/3-${address}
=== sys/devices/i2c-3/3-${address}/name
ina231
=== sys/class/hwmon/hwmon${n}/in1_input
1000
=== sys/class/hwmon/hwmon${n}/curr1_input
500
=== sys/class/hwmon/hwmon${n}/power1_input
${uW}
=== sys/class/hwmon/hwmon${n}/update_interval
35
`
    board = unpackArchive(chip(0, '0040', 900000) + chip(1, '0041', 80000) + chip(2, '0044', 70000) + chip(3, '0045', 100000))
    expect(summary(board.root)).toEqual(['a15', 'mem', 'gpu', 'a7'].map((rail) => `ina231:${rail} rail power ok`))
    const source = openBestEnergy(readEnergySources(board.root))
    expect(source?.name).toBe('ina231:a15+ina231:a7')
    expect(source?.powerW?.()).toBeCloseTo(1, 9)
    expect(source?.ageS).toBeCloseTo(0.035, 9)
    source?.close()
  })

  it('that are no consumption of this board are left out: USB-PD contracts, batteries', () => {
    board = unpackBoard('rk3588')
    expect(readEnergySources(board.root)).toEqual([])
  })
})

describe('power over time', () => {
  it('is integrated by trapezoids; a gap adds nothing and says NaN', () => {
    board = unpackArchive('')
    const readings = [2, 4, Number.NaN, 6, 6]
    const integral = makePowerIntegral(() => readings.shift() as number)
    // 2 W to 4 W over 2 s is 6 J; nothing known until t = 4; then 6 W for 1 s.
    expect([0, 2, 3, 4, 5].map(integral)).toEqual([0, 6, Number.NaN, 6, 12])
  })
})
