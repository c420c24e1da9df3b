import { describe, expect, it } from 'vitest'
import type { EnergyMeter } from '../../../envs/board/energy-meter.ts'
import { makeLateMeter } from '../../../envs/board/late-meter.ts'
import type { EnergyWatch } from '../../../src/linux/energy-watch.ts'

interface Told {
  readonly meter: EnergyMeter
  closed: number
}

/** A meter that says its own number for every energy. */
function meterSaying(energyJ: number, scope: EnergyMeter['scope'], railName?: string): Told {
  const told: Told = {
    closed: 0,
    meter: {
      scope,
      railName,
      totalJ: () => energyJ,
      begin() {},
      look() {},
      end: () => energyJ,
      quality: () => (railName === undefined ? 'estimated' : 'measured'),
      tend() {},
      close: () => void told.closed++,
    },
  }
  return told
}

function make() {
  const model = meterSaying(1, 'cpuTime')
  const sensor = meterSaying(5, 'board', 'VDD_IN')
  const found: string[] = []
  let here = false
  const appear = (): void => {
    here = true
  }
  const meter = makeLateMeter({
    first: model.meter,
    look: { tend: () => (here ? ({ name: 'VDD_IN' } as EnergyWatch) : undefined) },
    meterOf: () => sensor.meter,
    onFound: ({ name }) => void found.push(name),
  })
  return { model, sensor, meter, found, appear }
}

describe('a meter whose sensor comes late', () => {
  it('measures by the model to the end of the decision at hand, and from the next dispatch by the sensor', () => {
    const { model, meter, found, appear } = make()
    meter.begin(0)
    meter.tend(0.5)
    appear()
    meter.tend(1)
    expect(found).toEqual(['VDD_IN'])
    expect([meter.end(1.1, 2, 0), meter.quality(), meter.scope, meter.railName]).toEqual([1, 'estimated', 'cpuTime', undefined])
    expect(meter.totalJ()).toBe(1)
    meter.begin(1.1)
    expect(model.closed).toBe(1)
    // Totals of the two have nothing to do with each other: a power cap must not take their difference.
    expect(meter.totalJ()).toBeNaN()
    expect([meter.end(1.2, 2, 0), meter.quality(), meter.scope, meter.railName]).toEqual([5, 'measured', 'board', 'VDD_IN'])
    meter.begin(1.2)
    expect(meter.totalJ()).toBe(5)
  })

  it('waits while points are compared', () => {
    const { meter, found, appear } = make()
    meter.hold(true)
    appear()
    meter.tend(1)
    expect(found).toEqual([])
    meter.hold(false)
    meter.tend(2)
    expect(found).toEqual(['VDD_IN'])
  })

  it('closes what it has opened', () => {
    const { model, sensor, meter, appear } = make()
    appear()
    meter.tend(1)
    meter.close()
    expect([model.closed, sensor.closed]).toEqual([1, 1])
  })
})
