import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { counterDelta } from '../../src/linux/counter.ts'
import { readEnergySources, watchBestEnergy } from '../../src/linux/energy-counter.ts'
import { chooseEnergySources } from '../../src/linux/energy-source.ts'
import type { EnergyWatch } from '../../src/linux/energy-watch.ts'
import { sensorText } from '../../src/linux/sensor-trouble.ts'
import { type Unpacked, unpackArchive, unpackBoard } from '../fixtures/boards/unpack.ts'

let board: Unpacked
afterEach(() => board.remove())
const write = (path: string, value: number) => writeFileSync(join(board.root, path), `${value}\n`)
const nobodyTold = (event: SensorEvent): never => {
  throw new Error(sensorText(event))
}
const watchBest = (root: string): EnergyWatch | undefined => watchBestEnergy(root, readEnergySources(root), nobodyTold)
const summary = (root: string) =>
  readEnergySources(root).map(({ name, scope, reads, access, total }) => `${name} ${scope} ${reads} ${access}${total ? ' total' : ''}`)

describe('RAPL', () => {
  it('is one source of packages and one of the platform; their parts are never added, nor is the count through MMIO', () => {
    board = unpackBoard('intel-laptop')
    expect(summary(board.root)).toEqual([
      'rapl:package rail energy ok total',
      'rapl:psys board energy ok total',
      'rapl:core rail energy ok',
      'rapl:uncore rail energy ok',
    ])
    expect(readEnergySources(board.root).map((source) => source.partOf)).toEqual(['rapl:psys', undefined, 'rapl:package', 'rapl:package'])
    expect(chooseEnergySources(readEnergySources(board.root)).map((source) => source.name)).toEqual(['rapl:package'])
  })

  it('is denied, not absent, for a user who may not read it', () => {
    board = unpackBoard('intel-laptop')
    const seen = board.unprivileged(() => {
      const sources = readEnergySources(board.root)
      return { sources, best: watchBest(board.root) }
    })
    expect(seen.sources.map((source) => source.access)).toEqual(['denied', 'denied', 'denied', 'denied'])
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
    const watch = watchBest(board.root) as EnergyWatch
    watch.sample(0, 0)
    expect(watch.totalJ).toBe(0)
    write('sys/class/powercap/intel-rapl:0/energy_uj', 2_000_000)
    write('sys/class/powercap/intel-rapl:1/energy_uj', 9_000_000)
    watch.sample(0.5, 0)
    // 3 J over the wrap of package 0, 4 J of package 1, in half a second.
    expect(watch.totalJ).toBeCloseTo(7, 9)
    expect(watch.power).toMatchObject({ label: 'rapl:package-0+rapl:package-1', quality: 'measured' })
    expect(watch.power.value).toBeCloseTo(14, 9)
    watch.sample(0.6, 0)
    expect(watch.totalJ).toBeCloseTo(7, 9)
    watch.close()
  })

  it('goes back where somebody resets it, or says what is beyond its range: nothing is credited, and it counts on from there', () => {
    board = unpackArchive(`
=== sys/class/powercap/intel-rapl:0/name
package-0
=== sys/class/powercap/intel-rapl:0/energy_uj
500000000
=== sys/class/powercap/intel-rapl:0/max_energy_range_uj
1000000000
`)
    const told: string[] = []
    const watch = watchBestEnergy(board.root, readEnergySources(board.root), (event) => told.push(sensorText(event))) as EnergyWatch
    const at = (nowS: number, uJ: number) => {
      write('sys/class/powercap/intel-rapl:0/energy_uj', uJ)
      watch.sample(nowS, 0)
      return [watch.totalJ, watch.quality] as const
    }
    watch.sample(0, 0)
    expect(at(0.1, 501_000_000)).toEqual([1, 'measured'])
    const { gaps } = watch
    // Back by 401 J: over the wrap that would be 599 J in a tenth of a second.
    expect(at(0.2, 100_000_000)).toEqual([1, 'estimated'])
    expect(at(0.3, 102_000_000)).toEqual([3, 'measured'])
    expect(at(0.4, 1_100_000_000)).toEqual([3, 'estimated'])
    expect(watch.gaps).toBeGreaterThan(gaps)
    expect(told[0]).toBe('sensor rapl:package: advanced at 5990 W, expected at most 2000 W; it is not believed until that is over')
    watch.close()
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
    const watch = watchBest(board.root) as EnergyWatch
    expect(watch.name).toBe('ina3221:VDD_IN')
    watch.sample(0, 0)
    // 5016 mV at 1100 mA.
    expect(watch.power.value).toBeCloseTo(5.5176, 9)
    watch.sample(0.5, 0)
    expect(watch.totalJ).toBeCloseTo(2.7588, 9)
    // Every 2 ms there is a new value, though it is the same.
    expect(watch.updates).toBe(2)
    watch.close()
  })

  it('of JetPack 4 come from IIO in mW; what is not connected is none', () => {
    board = unpackBoard('jetson-nano')
    expect(summary(board.root)).toEqual(['ina3221x:POM_5V_IN board power ok total', 'ina3221x:POM_5V_GPU rail power ok'])
    const watch = watchBest(board.root) as EnergyWatch
    watch.sample(0, 0)
    expect(watch.power.value).toBeCloseTo(4.122, 9)
    watch.sample(0.01, 0)
    // Nobody says how often there is a new value: two equal ones are one.
    expect(watch.updates).toBe(1)
    watch.close()
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
    const watch = watchBest(board.root) as EnergyWatch
    expect(watch.name).toBe('ina231:a15+ina231:a7')
    watch.sample(0, 0)
    expect(watch.power.value).toBeCloseTo(1, 9)
    watch.close()
  })

  it('that are no consumption of this board are left out: USB-PD contracts, batteries', () => {
    board = unpackBoard('rk3588')
    expect(readEnergySources(board.root)).toEqual([])
  })
})
