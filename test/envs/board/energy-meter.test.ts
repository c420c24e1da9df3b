import { describe, expect, it } from 'vitest'
import { makeEnergyMeter } from '../../../envs/board/energy-meter.ts'
import type { OwnTime } from '../../../envs/board/own-time.ts'
import type { EnergySource } from '../../../src/linux/energy-source.ts'

function makeOwn(): OwnTime & { usedS: number } {
  let settledS = 0
  return {
    usedS: 0,
    perCpuS: new Float64Array(1),
    settle() {
      settledS = this.usedS
    },
    place() {},
    totalS: () => settledS,
  }
}
const nobody = makeOwn()

describe('energy by the model', () => {
  it('is CPU time since the dispatch at the power of the point, estimated', () => {
    const own = makeOwn()
    const meter = makeEnergyMeter(undefined, own)
    expect(meter.scope).toBe('cpuTime')
    own.usedS = 3
    meter.begin(10)
    own.usedS = 3.02
    // Others' share does not concern our own CPU time.
    expect(meter.end(10.1, 1.5, 0.9)).toBeCloseTo(0.03, 12)
    expect(meter.quality()).toBe('estimated')
    own.usedS = 3.04
    expect(meter.end(10.2, 1.5, 0)).toBeCloseTo(0.06, 12)
    meter.begin(10.2)
    expect(meter.end(10.3, 1.5, 0)).toBe(0)
  })

  it('is absent where the power is unknown', () => {
    const own = makeOwn()
    const meter = makeEnergyMeter(undefined, own)
    meter.begin(0)
    own.usedS = 1
    expect(meter.end(1, Number.NaN, 0)).toBeNaN()
    expect(meter.quality()).toBe('absent')
  })
})

describe('energy by a counter', () => {
  const make = (ageS: number) => {
    const sensor = { joules: 100, closed: 0 }
    const source: EnergySource = {
      name: 'rapl:package',
      scope: 'rail',
      quality: 'measured',
      ageS,
      readJ: () => sensor.joules,
      close: () => void sensor.closed++,
    }
    return { sensor, meter: makeEnergyMeter(source, nobody) }
  }

  it('is what the counter advanced, less the declared others’ share', () => {
    const { sensor, meter } = make(0.001)
    expect(meter.scope).toBe('rail')
    meter.begin(0)
    sensor.joules = 100.4
    expect(meter.end(0.05, 99, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('measured')
    expect(meter.end(0.05, 99, 0.25)).toBeCloseTo(0.3, 9)
    meter.begin(0.05)
    sensor.joules = 100.5
    expect(meter.end(0.1, 99, 0)).toBeCloseTo(0.1, 9)
    meter.close()
    expect(sensor.closed).toBe(1)
  })

  it('is estimated where the sensor is slower than the decision', () => {
    const { sensor, meter } = make(0.2)
    meter.begin(0)
    sensor.joules = 100.4
    expect(meter.end(0.05, 99, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('estimated')
    expect(meter.end(0.3, 99, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('measured')
  })

  it('is absent where the counter has not moved, moved back, or cannot be read', () => {
    const { sensor, meter } = make(0.001)
    meter.begin(0)
    for (const joules of [100, 99, Number.NaN]) {
      sensor.joules = joules
      expect(meter.end(0.05, 99, 0)).toBeNaN()
      expect(meter.quality()).toBe('absent')
    }
    sensor.joules = 101
    expect(meter.end(0.05, 99, Number.NaN)).toBeNaN()
    expect(meter.quality()).toBe('absent')
  })
})

describe('energy by a power sensor', () => {
  it('is the trapezoid between readings', () => {
    const sensor = { watts: 2 }
    const source: EnergySource = { name: 'ina3221:VDD_IN', scope: 'board', quality: 'measured', ageS: 0.001, powerW: () => sensor.watts, close() {} }
    const meter = makeEnergyMeter(source, nobody)
    expect(meter.scope).toBe('board')
    meter.begin(0)
    sensor.watts = 4
    // Between 2 W and 4 W for half a second.
    expect(meter.end(0.5, 99, 0)).toBeCloseTo(1.5, 9)
    meter.begin(0.5)
    sensor.watts = 6
    expect(meter.end(1, 99, 0.5)).toBeCloseTo(1.25, 9)
    expect(meter.quality()).toBe('measured')
    sensor.watts = Number.NaN
    expect(meter.end(1.5, 99, 0)).toBeNaN()
    expect(meter.quality()).toBe('absent')
  })
})
