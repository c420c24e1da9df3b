import { describe, expect, it } from 'vitest'
import { makeEnergyMeter } from '../../../envs/board/energy-meter.ts'
import type { OwnTime } from '../../../envs/board/own-time.ts'
import { type EnergyWatch, watchPart } from '../../../src/linux/energy-watch.ts'

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

/** A sensor that is told what it reads, J or W. */
function makeWatch(reads: 'energy' | 'power', periodS: number) {
  const sensor = { value: 100, closed: 0 }
  const watch: EnergyWatch = watchPart({
    ...{ label: 'rail', reads, scope: 'rail', total: false, onTrouble() {} },
    open: () => ({
      read: () => sensor.value,
      access: 'ok',
      periodS,
      rangeJ: Number.NaN,
      paths: ['rail'],
      close: () => void sensor.closed++,
    }),
  })
  const own = makeOwn()
  return { sensor, own, meter: makeEnergyMeter(watch, own, () => Number.NaN) }
}

describe('energy by the model', () => {
  it('is CPU time since the dispatch at the power of the point, estimated', () => {
    const own = makeOwn()
    const meter = makeEnergyMeter(undefined, own, () => 0)
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
    const meter = makeEnergyMeter(undefined, own, () => 0)
    meter.begin(0)
    own.usedS = 1
    expect(meter.end(1, Number.NaN, 0)).toBeNaN()
    expect(meter.quality()).toBe('absent')
  })
})

describe('energy by a counter', () => {
  const make = (periodS: number) => makeWatch('energy', periodS)

  it('is what the counter advanced, less the declared others’ share', () => {
    const { sensor, meter } = make(0.001)
    expect(meter).toMatchObject({ scope: 'rail', railName: 'rail' })
    meter.begin(0)
    sensor.value = 100.4
    expect(meter.end(0.05, 99, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('measured')
    expect(meter.end(0.05, 99, 0.25)).toBeCloseTo(0.3, 9)
    meter.begin(0.05)
    // Of the whole rail, whoever took it.
    expect(meter.totalJ()).toBeCloseTo(0.4, 9)
    sensor.value = 100.5
    expect(meter.end(0.1, 99, 0)).toBeCloseTo(0.1, 9)
    meter.close()
    expect(sensor.closed).toBe(1)
  })

  it('is measured only where there were two new values in the decision', () => {
    const { sensor, meter, own } = make(0.03)
    meter.begin(0)
    sensor.value = 100.4
    own.usedS = 0.01
    // One update of 30 ms in 50 ms: it may be of what was before. Nothing is learned yet; the sensor's own value is the best estimate.
    expect(meter.end(0.05, 2, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('estimated')
    expect(meter.end(0.06, 2, 0)).toBeCloseTo(0.4, 9)
    expect(meter.quality()).toBe('estimated')
    meter.begin(0.06)
    sensor.value = 101
    expect(meter.end(0.121, 2, 0)).toBeCloseTo(0.6, 9)
    expect(meter.quality()).toBe('measured')
  })

  it('of a slow counter is what it said of earlier stretches, not nothing now and all of it then', () => {
    const { sensor, meter, own } = make(0.1)
    // 20 ms decisions at 5 W; the counter moves every fifth one.
    let firstS = 0
    meter.begin(0)
    const seen: number[] = []
    for (let k = 1; k <= 500; k++) {
      const nowS = 0.02 * k
      own.usedS += 0.005
      if (k % 5 === 0) sensor.value = 100 + 5 * nowS
      const energyJ = meter.end(nowS, 2, 0)
      expect(meter.quality()).toBe('estimated')
      if (k > 100) seen.push(energyJ)
      firstS = nowS
      meter.begin(nowS)
    }
    expect(firstS).toBeCloseTo(10, 9)
    for (const energyJ of seen) expect(energyJ).toBeCloseTo(0.1, 2)
  })

  it('is the model’s where the counter stands still, goes back, or cannot be read: never NaN or less than nothing as measured', () => {
    const { sensor, meter, own } = make(0.001)
    meter.begin(0)
    for (const value of [100, 99, Number.NaN]) {
      sensor.value = value
      own.usedS = 0.02
      expect(meter.end(0.05, 1.5, 0)).toBeCloseTo(0.03, 9)
      expect(meter.quality()).toBe('estimated')
      // Without a model nothing is known.
      expect(meter.end(0.06, Number.NaN, 0)).toBeNaN()
      expect(meter.quality()).toBe('absent')
    }
    // Nor is the rail's: what took nothing as far as a dead sensor knows may take anything.
    meter.begin(0.065)
    expect(meter.totalJ()).toBeNaN()
    // Believed again from the next decision on.
    sensor.value = 200
    own.usedS += 0.02
    expect(meter.end(0.07, 1.5, 0)).toBeCloseTo(0.03, 9)
    sensor.value = 200.1
    meter.begin(0.1)
    sensor.value = 200.6
    expect(meter.end(0.2, 1.5, 0)).toBeCloseTo(0.5, 9)
    expect(meter.quality()).toBe('measured')
    meter.begin(0.2)
    sensor.value = 201.1
    own.usedS += 0.02
    expect(meter.end(0.3, 1.5, Number.NaN)).toBeCloseTo(0.03, 9)
    expect(meter.quality()).toBe('estimated')
  })
})

describe('energy by a power sensor', () => {
  it('is each reading for the time before it: of the inference, then of the wait', () => {
    const { sensor, meter } = makeWatch('power', 0.002)
    sensor.value = 2
    meter.begin(0)
    sensor.value = 8
    meter.look(0.1)
    sensor.value = 2
    // 8 W for 0.1 s, 2 W for 0.4 s.
    expect(meter.end(0.5, 99, 0)).toBeCloseTo(1.6, 9)
    expect(meter.quality()).toBe('measured')
    expect(meter.end(0.5, 99, 0.5)).toBeCloseTo(0.8, 9)
    expect(meter.power).toMatchObject({ label: 'rail', value: 2, quality: 'measured' })
  })

  it('is estimated without a look within the decision, or where the sensor is slower', () => {
    const once = makeWatch('power', 0.002)
    once.sensor.value = 2
    once.meter.begin(0)
    expect(once.meter.end(0.5, 99, 0)).toBeCloseTo(1, 9)
    expect(once.meter.quality()).toBe('estimated')
    const slow = makeWatch('power', 0.26)
    slow.sensor.value = 2
    slow.meter.begin(0)
    slow.meter.look(0.01)
    expect(slow.meter.end(0.03, 99, 0)).toBeCloseTo(0.06, 9)
    expect(slow.meter.quality()).toBe('estimated')
  })
})
