import { afterAll, describe, expect, it } from 'vitest'
import { chooseCpuZones, openTemperature, parseTemp, readCoolingDevices, readThermalZones, roleOfZone } from '../../src/linux/thermal.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'

const nano = unpackBoard('jetson-nano')
const orin = unpackBoard('jetson-orin-nano')
const laptop = unpackBoard('intel-laptop')
afterAll(() => {
  for (const board of [nano, orin, laptop]) board.remove()
})

describe('temperatures', () => {
  it('are believed between -40 and 150 degrees C only', () => {
    expect([46230, 0, -40000, 150000].map(parseTemp)).toEqual([46.23, 0, -40, 150])
    for (const milliC of [-274000, 200000, 150001, Number.NaN]) expect(parseTemp(milliC)).toBeNaN()
  })

  it('of the CPUs never come from the PMIC, whose zone reads 100 degrees for ever', () => {
    const zones = readThermalZones(nano.root)
    expect(zones.find((zone) => zone.type === 'PMIC-Die')?.tempC).toBe(100)
    expect(chooseCpuZones(zones).map((zone) => zone.type)).toEqual(['CPU-therm'])
    expect(openTemperature(zones[1] as (typeof zones)[number])?.tempC()).toBe(38)
  })

  it('of a sleeping sensor are NaN, not 0, and not in the zone', () => {
    const asleep = readThermalZones(orin.root).find((zone) => zone.type === 'cv0-thermal')
    if (asleep === undefined) throw new Error('no zone')
    expect(asleep).not.toHaveProperty('tempC')
    const sensor = openTemperature(asleep)
    expect(sensor?.tempC()).toBeNaN()
    sensor?.close()
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
