import { afterAll, describe, expect, it } from 'vitest'
import { discoverBoard } from '../../src/board/discover.ts'
import { readHwmonTemps } from '../../src/linux/hwmon-temps.ts'
import { sensorText } from '../../src/linux/sensor-trouble.ts'
import { watchTemperature } from '../../src/linux/temperature.ts'
import { chooseCpuZones, parseTemp, readCoolingDevices, readThermalZones, roleOfZone, type ThermalZone } from '../../src/linux/thermal.ts'
import { unpackArchive, unpackBoard } from '../fixtures/boards/unpack.ts'

const nano = unpackBoard('jetson-nano')
const orin = unpackBoard('jetson-orin-nano')
const laptop = unpackBoard('intel-laptop')
afterAll(() => {
  for (const board of [nano, orin, laptop]) board.remove()
})

describe('temperatures', () => {
  it('are believed between -40 and 126 degrees C only, and are never what a failed sensor says', () => {
    expect([46230, 1000, -40000, 126000].map(parseTemp)).toEqual([46.23, 1, -40, 126])
    for (const milliC of [-274000, -273150, 200000, 126001, 127000, 255000, 0, Number.NaN]) expect(parseTemp(milliC)).toBeNaN()
    // 46 degrees that say they are thousandths.
    expect(parseTemp(46)).toBeNaN()
  })

  it('of the CPUs never come from the PMIC, whose zone reads 100 degrees for ever', () => {
    const zones = readThermalZones(nano.root)
    expect(zones.find((zone) => zone.type === 'PMIC-Die')?.tempC).toBe(100)
    expect(chooseCpuZones(zones).map((zone) => zone.type)).toEqual(['CPU-therm'])
    const sensor = watchTemperature(nano.root, zones[1] as (typeof zones)[number], () => {})
    expect(sensor.tempC(0, 0)).toBe(38)
    sensor.close()
  })

  it('of a sleeping sensor are NaN, not 0, and not in the zone', () => {
    const asleep = readThermalZones(orin.root).find((zone) => zone.type === 'cv0-thermal')
    if (asleep === undefined) throw new Error('no zone')
    expect(asleep).not.toHaveProperty('tempC')
    const told: string[] = []
    const sensor = watchTemperature(orin.root, asleep, (event) => told.push(sensorText(event)))
    expect(sensor.tempC(0, 0)).toBeNaN()
    expect(sensor.reading).toMatchObject({ label: 'cv0-thermal', quality: 'absent' })
    expect(told).toEqual(['sensor cv0-thermal: does not answer (asleep, or its bus fails); it is not believed until that is over'])
    sensor.close()
  })

  it('have trips; those that firmware left unset are none', () => {
    const [, acpi, tcpu] = readThermalZones(laptop.root)
    expect(acpi?.trips).toEqual([{ type: 'critical', tempC: 107, hysteresisC: 0 }])
    expect(tcpu?.trips).toEqual([{ type: 'passive', tempC: 99, hysteresisC: 2 }])
  })
})

describe('roles', () => {
  it('follow the type', () => {
    const expected = {
      'cpu-thermal': 'cpu',
      'cpu0-thermal': 'cpu',
      'CPU-therm': 'cpu',
      'bigcore0-thermal': 'cpu',
      'littlecore-thermal': 'cpu',
      x86_pkg_temp: 'cpu',
      'soc-thermal': 'soc',
      'package-thermal': 'soc',
      'tj-thermal': 'soc',
      acpitz: 'firmware',
      'gpu-thermal': 'gpu',
      'npu-thermal': 'npu',
      'PMIC-Die': 'other',
      'AO-therm': 'other',
      iwlwifi_1: 'other',
      'INT3400 Thermal': 'other',
    }
    expect(Object.fromEntries(Object.keys(expected).map((type) => [type, roleOfZone(type)]))).toEqual(expected)
  })

  it('fall back from cores to the chip to the firmware, and to nothing', () => {
    const zone = (type: string) => ({ path: '', type, role: roleOfZone(type), trips: [] })
    expect(chooseCpuZones([zone('soc-thermal'), zone('acpitz')]).map((one) => one.type)).toEqual(['soc-thermal'])
    expect(chooseCpuZones([zone('gpu-thermal'), zone('acpitz')]).map((one) => one.type)).toEqual(['acpitz'])
    expect(chooseCpuZones([zone('gpu-thermal'), zone('PMIC-Die')])).toEqual([])
  })
})

describe('cooling devices', () => {
  it('say how many steps they take', () => {
    expect(readCoolingDevices(orin.root).map(({ type, state, maxState }) => [type, state, maxState])).toEqual([
      ['pwm-fan', 2, 10],
      ['thermal-cpufreq-0', 0, 21],
    ])
  })
})

describe('hwmon', () => {
  const amd = (labels: readonly [string, number][]) =>
    unpackArchive(
      `=== sys/class/hwmon/hwmon3/name\nk10temp\n${labels
        .map(
          ([label, milliC], i) =>
            `=== sys/class/hwmon/hwmon3/temp${i + 1}_label\n${label}\n=== sys/class/hwmon/hwmon3/temp${i + 1}_input\n${milliC}\n`,
        )
        .join('')}=== sys/class/hwmon/hwmon3/temp1_crit\n95000\n=== sys/devices/system/cpu/online\n0-1\n`,
    )

  it('says how hot the CPUs are where no thermal zone does: Tdie before Tctl, to which the maker adds', () => {
    const tree = amd([
      ['Tctl', 72500],
      ['Tdie', 45500],
    ])
    expect(readHwmonTemps(tree.root)).toMatchObject([{ type: 'k10temp:Tdie', role: 'cpu', tempC: 45.5, trips: [] }])
    expect(discoverBoard({ root: tree.root }).cpuZones.map(({ type }) => type)).toEqual(['k10temp:Tdie'])
    tree.remove()
    const bare = amd([['Tctl', 45500]])
    const [zone] = discoverBoard({ root: bare.root }).cpuZones
    expect(zone).toMatchObject({ type: 'k10temp:Tctl', trips: [{ type: 'critical', tempC: 95 }] })
    const sensor = watchTemperature(bare.root, zone as ThermalZone, () => {})
    expect(sensor.tempC(0, 0)).toBe(45.5)
    sensor.close()
    bare.remove()
  })

  it('is not asked where a thermal zone knows', () => {
    expect(discoverBoard({ root: laptop.root }).thermalZones.some(({ type }) => type.includes(':'))).toBe(false)
  })
})
