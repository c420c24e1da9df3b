import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { diagnose } from '../../src/board/diagnosis.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { checkSensors, type SensorCheck } from '../../src/board/sensor-check.ts'
import { type Unpacked, unpackArchive, unpackBoard } from '../fixtures/boards/unpack.ts'

let tree: Unpacked
afterEach(() => tree.remove())

/** A clock whose time passes only while somebody sleeps; `then` is what the board does meanwhile. */
function clockOf(then: (nowS: number) => void) {
  let nowS = 100
  return {
    now: () => nowS,
    wall: () => '',
    async sleepUntil(timeS: number) {
      nowS = timeS
      then(nowS - 100)
    },
  }
}

async function check(durationS: number, then: (nowS: number) => void = () => {}) {
  const board = discoverBoard({ root: tree.root })
  const checks = await checkSensors(board, { durationS, clock: clockOf(then) })
  return { board, checks, of: (label: string) => checks.find((one) => one.label === label) as SensorCheck }
}

const write = (path: string, value: number) => writeFileSync(join(tree.root, path), `${Math.round(value)}\n`)
const rapl = (n: string, name: string, uJ: number) =>
  `=== sys/class/powercap/intel-rapl:${n}/name\n${name}\n=== sys/class/powercap/intel-rapl:${n}/energy_uj\n${uJ}\n=== sys/class/powercap/intel-rapl:${n}/max_energy_range_uj\n262143328850\n`
const ina226 = (n: number, uW: number) =>
  `=== sys/class/hwmon/hwmon${n}/name\nina226\n=== sys/class/hwmon/hwmon${n}/power1_label\nVDD_IN\n=== sys/class/hwmon/hwmon${n}/power1_input\n${uW}\n`
const zone = (type: string, milliC: number, more = '') =>
  `=== sys/class/thermal/thermal_zone0/type\n${type}\n=== sys/class/thermal/thermal_zone0/temp\n${milliC}\n${more}`

describe('sensors that are looked at', () => {
  it('say their value, how often it is new, and what a governor does with it', async () => {
    tree = unpackArchive(rapl('0', 'package-0', 0) + rapl('0:0', 'core', 0) + zone('x86_pkg_temp', 51000))
    const { checks, of } = await check(0.5, (nowS) => {
      // 12 W, of which the cores take 8; the thermometer moves every 50 ms.
      write('sys/class/powercap/intel-rapl:0/energy_uj', 12e6 * nowS)
      write('sys/class/powercap/intel-rapl:0:0/energy_uj', 8e6 * nowS)
      write('sys/class/thermal/thermal_zone0/temp', 51000 + 1000 * (Math.floor(nowS / 0.05 + 1e-6) % 2))
    })
    expect(checks).toHaveLength(3)
    expect(of('rapl:package')).toMatchObject({ kind: 'energy', unit: 'W', quality: 'measured', use: 'used', problem: null, fix: null })
    expect(of('rapl:package').value).toBeCloseTo(12, 6)
    expect(of('rapl:package').periodS).toBeCloseTo(0.01, 6)
    expect(of('rapl:core')).toMatchObject({ use: 'part of rapl:package: not added', quality: 'measured' })
    expect(of('rapl:core').value).toBeCloseTo(8, 6)
    expect(of('x86_pkg_temp')).toMatchObject({ kind: 'temperature', unit: 'degC', quality: 'measured', use: 'used' })
    expect(of('x86_pkg_temp').periodS).toBeCloseTo(0.05, 6)
  })

  it('that are parts and take more than the whole are found out', async () => {
    tree = unpackArchive(rapl('0', 'package-0', 0) + rapl('0:0', 'core', 0))
    const { of } = await check(0.5, (nowS) => {
      write('sys/class/powercap/intel-rapl:0/energy_uj', 5e6 * nowS)
      write('sys/class/powercap/intel-rapl:0:0/energy_uj', 8e6 * nowS)
    })
    expect(of('rapl:core')).toMatchObject({
      quality: 'estimated',
      problem: expect.stringContaining('reads 8 W, more than rapl:package, which contains it (5 W)'),
    })
  })

  it('that stand still are no measurement, and the diagnosis says so', async () => {
    tree = unpackArchive(rapl('0', 'package-0', 5e6))
    const { board, checks, of } = await check(0.5)
    expect(of('rapl:package')).toMatchObject({ quality: 'absent', value: null, problem: 'did not count in 0.5 s' })
    expect(diagnose(board, checks).sensors[0]).toEqual({
      name: 'energy',
      quality: 'estimated',
      from: 'CPU time times modelled power of a core: rapl:package did not count in 0.5 s',
    })
    // A copy of somebody's /sys is not alive: it is read once and not blamed.
    const copy = await check(0)
    expect(copy.of('rapl:package')).toMatchObject({ quality: 'measured', problem: null, periodS: null })
  })

  it('in another unit are named as what they most likely are', async () => {
    tree = unpackArchive(ina226(0, 4122) + zone('cpu-thermal', 46))
    const { board, checks, of } = await check(0.1)
    expect(of('ina226:VDD_IN')).toMatchObject({ quality: 'absent', value: null })
    expect(of('ina226:VDD_IN').problem).toMatch(/^reads 4.12 mW, .*does its driver say mW where the kernel has uW\?$/)
    expect(of('cpu-thermal').problem).toMatch(/does its driver say degrees where the kernel has thousandths\?$/)
    expect(diagnose(board, checks).sensors.slice(0, 2)).toMatchObject([{ quality: 'estimated' }, { quality: 'absent' }])
  })

  it('whose power is not voltage times current are taken for another chip, or for another shunt', async () => {
    const pair = '=== sys/class/hwmon/hwmon0/in1_input\n5000\n=== sys/class/hwmon/hwmon0/curr1_input\n1000\n'
    tree = unpackArchive(`${ina226(0, 3.9e6)}${pair}=== sys/class/hwmon/hwmon0/shunt_resistor\n10000\n`)
    const { of } = await check(0)
    expect(of('ina226:VDD_IN')).toMatchObject({
      quality: 'estimated',
      problem: 'reads 3.9 W, but voltage times current is 5 W: taken for another chip, or for another shunt',
      fix: expect.stringContaining(`echo MICROOHMS | sudo tee ${tree.root}/sys/class/hwmon/hwmon0/shunt_resistor`),
    })
    tree.remove()
    tree = unpackArchive(ina226(0, 4.6e6) + pair)
    expect((await check(0)).of('ina226:VDD_IN')).toMatchObject({ quality: 'measured', problem: null })
  })

  it('that are not allowed, or switched off, come with the command', async () => {
    tree = unpackBoard('intel-laptop')
    const board = tree.unprivileged(() => discoverBoard({ root: tree.root }))
    const checks = await checkSensors(board, { durationS: 0, clock: clockOf(() => {}) })
    const file = `${tree.root}/sys/class/powercap/intel-rapl:0/energy_uj`
    expect(checks.find(({ label }) => label === 'rapl:package')).toMatchObject({
      quality: 'absent',
      problem: 'may not be read by this user',
      fix: `sudo chgrp "$(id -gn)" ${file} && sudo chmod g+r ${file}`,
    })
    tree.remove()
    tree = unpackArchive(zone('cpu-thermal', -274000, '=== sys/class/thermal/thermal_zone0/mode\ndisabled\n'))
    expect((await check(0)).of('cpu-thermal').fix).toBe(`echo enabled | sudo tee ${tree.root}/sys/class/thermal/thermal_zone0/mode`)
  })

  it('of a Jetson are its total rail, and parts of it', async () => {
    tree = unpackBoard('jetson-orin-nano')
    const { checks } = await check(0)
    expect(checks.filter(({ kind }) => kind === 'power').map(({ label, use }) => [label, use])).toEqual([
      ['ina3221:VDD_IN', 'used'],
      ['ina3221:VDD_CPU_GPU_CV', 'part of ina3221:VDD_IN: not added'],
      ['ina3221:VDD_SOC', 'part of ina3221:VDD_IN: not added'],
    ])
  })
})
