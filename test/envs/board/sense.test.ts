import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { GovernedCluster } from '../../../envs/board/clusters.ts'
import type { InterferenceMeter } from '../../../envs/board/interference.ts'
import { makeLevelRanges } from '../../../envs/board/level-ranges.ts'
import { planPoints } from '../../../envs/board/points.ts'
import { makeSense, type SenseInput } from '../../../envs/board/sense.ts'
import { discoverBoard } from '../../../src/board/discover.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { makeOnlineCpus } from '../../../src/linux/online.ts'
import { type TemperatureSensor, watchTemperature } from '../../../src/linux/temperature.ts'
import { makeNetwork } from '../../../src/network/manifest.ts'
import { unpackBoard } from '../../fixtures/boards/unpack.ts'
import { twoIncrements } from '../../network/support.ts'

const clusters: GovernedCluster[] = [
  { id: 'c0', boardCluster: 'cpu', cpus: [0, 1], frequency: 'fixed', levels: [{ value: 1, speed: 1 }] },
  { id: 'c1', boardCluster: 'cpu', cpus: [2], frequency: 'fixed', levels: [{ value: 1, speed: 1 }] },
]
// Points: c0 with one and two cores for two sub-networks, then c1 with one core for two.
const { planned, spaces } = planPoints(makeNetwork('/nowhere', twoIncrements()), clusters, 2, [[1], [1]])

const meterOf = (perCpu: Float64Array, pressure = Number.NaN): InterferenceMeter => ({
  perCpu,
  pressure: () => pressure,
  othersRatio: () => 0,
  loadRatio: () => 0,
  sample() {},
})
const thermometer = (tempC: () => number): Pick<TemperatureSensor, 'tempC'> => ({ tempC })

function make(changes: Partial<SenseInput> = {}) {
  const sense = makeSense({
    clusters,
    planned,
    online: undefined,
    permitted: Uint8Array.of(1, 1, 1),
    interference: meterOf(new Float64Array(3)),
    temperatures: [],
    ...changes,
  })
  const observation = new Float64Array(spaces.monitors.length)
  const mask = new Uint8Array(spaces.points.length)
  let lookedS = 0
  // A second between looks unless said otherwise: kernel files are not read at every decision.
  const read = (
    nowS = lookedS + 1,
    requirements: Requirements = { percentile: 99 },
    stream = { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN },
  ) => {
    lookedS = nowS
    sense.read(nowS, stream, requirements, observation, mask)
    return { seen: Object.fromEntries(spaces.monitors.map(({ name }, i) => [name, observation[i] as number])), mask: Array.from(mask) }
  }
  return { sense, read }
}

describe('what a governor sees', () => {
  it('is the mean interference of available cores, rounded to what a trace holds', () => {
    const { seen } = make({ interference: meterOf(Float64Array.of(0.123456, 0.5, 0.25), 0.0333333) }).read()
    expect(seen['c0.interference']).toBe(0.3117)
    expect(seen['c1.interference']).toBe(0.25)
    expect(seen['pressure']).toBe(0.03333)
  })

  it('leaves out cores whose interference is unknown, and is NaN when all are', () => {
    const { seen } = make({ interference: meterOf(Float64Array.of(Number.NaN, 0.5, Number.NaN)) }).read()
    expect(seen['c0.interference']).toBe(0.5)
    expect(seen['c1.interference']).toBeNaN()
  })

  it('is the stream and the requirements', () => {
    const { seen } = make().read(
      0,
      { percentile: 99, deadlineS: 0.02, energyBudgetJ: 0.1, accuracyFloor: 0.6 },
      { queueLength: 3, waitedS: 0.0123456, lastLatencyS: 0.025 },
    )
    expect(seen).toMatchObject({ queueLength: 3, waitedS: 0.01235, latencyRatio: 1.25, deadlineS: 0.02, energyBudgetJ: 0.1, accuracyFloor: 0.6 })
  })

  it('is NaN where nothing is asked, and before the first answer', () => {
    const { seen } = make().read()
    expect(seen).toMatchObject({
      latencyRatio: Number.NaN,
      deadlineS: Number.NaN,
      energyBudgetJ: Number.NaN,
      accuracyFloor: Number.NaN,
      pressure: Number.NaN,
      tempC: Number.NaN,
      queueLength: 0,
    })
    expect(make().read(0, { percentile: 99, deadlineS: 0.02 }).seen['latencyRatio']).toBeNaN()
  })

  it('is the hottest zone that answers, read at most ten times a second', () => {
    let reads = 0
    let warmC = 50
    const { read } = make({
      temperatures: [
        thermometer(() => Number.NaN),
        thermometer(() => {
          reads++
          return warmC
        }),
        thermometer(() => 49),
      ],
    })
    expect(read(10).seen['tempC']).toBe(50)
    warmC = 40
    expect(read(10.08).seen['tempC']).toBe(50)
    expect(reads).toBe(1)
    expect(read(10.2).seen['tempC']).toBe(49)
    expect(reads).toBe(2)
    expect(make({ temperatures: [thermometer(() => Number.NaN)] }).read().seen['tempC']).toBeNaN()
  })
})

describe('a look at the kernel', () => {
  it('is not repeated within 75 ms, while the stream is always fresh', () => {
    const flags = Uint8Array.of(1, 1, 1)
    const { read } = make({ online: { flags, sample: () => true, close() {} } })
    read(5)
    flags[2] = 0
    expect(read(5.07, { percentile: 99 }, { queueLength: 4, waitedS: 0, lastLatencyS: 1 })).toMatchObject({
      mask: [1, 1, 1, 1, 1, 1],
      seen: { queueLength: 4 },
    })
    expect(read(5.08).mask).toEqual([1, 1, 1, 1, 0, 0])
  })
})

describe('a look ahead', () => {
  it('is the one that a request would need, so that none is left for it', () => {
    const looked: number[] = []
    const heated: number[] = []
    const { sense, read } = make({
      interference: { ...meterOf(new Float64Array(3)), sample: (nowS) => void looked.push(nowS) },
      temperatures: [{ tempC: (nowS) => heated.push(nowS) + 50 }],
    })
    read(5)
    // Both are younger than they may be when the request is due.
    sense.foresee(5.06, 5.061)
    // The files will be 78 ms old then and more than 75 ms; the temperature 78 ms.
    sense.foresee(5.0775, 5.078)
    expect([looked, heated]).toEqual([[5, 5.0775], [5]])
    // It would be 100 ms old when the request is decided about, 2 ms after it came.
    sense.foresee(5.0975, 5.0985)
    expect([looked, heated]).toEqual([
      [5, 5.0775],
      [5, 5.0975],
    ])
    read(5.0985)
    expect(sense.readTemperatures(5.0999)).toBe(false)
    expect([looked.length, heated.length]).toEqual([2, 2])
  })

  it('does not stand for the question which cores there are', () => {
    const flags = Uint8Array.of(1, 1, 1)
    let moved = false
    const { sense, read } = make({ allowed: { flags, sample: () => moved } })
    read(5)
    sense.foresee(5.2, 5.2001)
    flags.fill(0, 1)
    moved = true
    expect(read(5.2001).mask).toEqual([1, 0, 1, 0, 0, 0])
  })
})

describe('which cores there are', () => {
  const allowedOf = (...first: number[]) => {
    const flags = Uint8Array.from(first)
    let changed = true
    return {
      flags,
      sample: () => {
        const moved = changed
        changed = false
        return moved
      },
      move(...next: number[]) {
        flags.set(next)
        changed = true
      },
      close() {},
    }
  }

  it('is asked with every decision: the mask follows the next one, whatever was looked at just now', () => {
    const allowed = allowedOf(1, 1, 1)
    const { sense, read } = make({ allowed })
    expect(read(5).mask).toEqual([1, 1, 1, 1, 1, 1])
    const version = sense.version()
    allowed.move(1, 0, 0)
    expect(read(5.001)).toMatchObject({ mask: [1, 0, 1, 0, 0, 0], seen: { 'c0.availableCores': 1, 'c1.availableCores': 0 } })
    expect(sense.version()).toBeGreaterThan(version)
    allowed.move(1, 1, 1)
    expect(read(5.002).mask).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('is never none: where a cpuset falls back to reserved cores, those', () => {
    const allowed = allowedOf(1, 1, 1)
    const { sense, read } = make({ allowed, permitted: Uint8Array.of(1, 1, 0) })
    read(5)
    expect([...sense.available]).toEqual([1, 1, 0])
    allowed.move(0, 0, 1)
    expect(read(5.001).mask).toContain(1)
    expect([...sense.available]).toEqual([0, 0, 1])
    allowed.move(0, 1, 1)
    expect(read(5.002).mask).toEqual([1, 0, 1, 0, 0, 0])
    expect([...sense.available]).toEqual([0, 1, 0])
  })
})

describe('the mask', () => {
  it('closes frequencies that cannot be had, at once', () => {
    const levels = [1, 2, 3].map((value) => ({ value, speed: value / 3 }))
    const clocked: GovernedCluster[] = [{ id: 'c0', boardCluster: 'cpu', cpus: [0], frequency: 'clamp', levels }]
    const plan = planPoints(makeNetwork('/nowhere', twoIncrements()), clocked, 1, [[1, 1, 1]])
    const ranges = makeLevelRanges(clocked)
    const sense = makeSense({
      clusters: clocked,
      planned: plan.planned,
      online: undefined,
      permitted: Uint8Array.of(1),
      ranges,
      interference: meterOf(new Float64Array(1)),
      temperatures: [],
    })
    const observation = new Float64Array(plan.spaces.monitors.length)
    const mask = new Uint8Array(plan.spaces.points.length)
    const read = (nowS: number) => {
      sense.read(nowS, { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN }, { percentile: 99 }, observation, mask)
      return [...mask]
    }
    expect(plan.planned.map(({ level }) => level)).toEqual([0, 1, 2, 0, 1, 2])
    expect(read(5)).toEqual([1, 1, 1, 1, 1, 1])
    ranges.set(0, 0, 1)
    expect(read(5.001)).toEqual([1, 1, 0, 1, 1, 0])
    ranges.set(0, 1, 1)
    expect(read(5.002)).toEqual([0, 1, 0, 0, 1, 0])
    ranges.set(0, 0, 2)
    expect(read(5.003)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('leaves the highest clocks where no cluster has a core: who has them now is not slowed down', () => {
    const levels = [1, 2, 3].map((value) => ({ value, speed: value / 3 }))
    const clocked: GovernedCluster[] = [{ id: 'c0', boardCluster: 'cpu', cpus: [0, 1], frequency: 'clamp', levels }]
    const plan = planPoints(makeNetwork('/nowhere', twoIncrements()), clocked, 2, [[1, 1, 1]])
    const ranges = makeLevelRanges(clocked)
    const sense = makeSense({
      clusters: clocked,
      planned: plan.planned,
      online: undefined,
      permitted: Uint8Array.of(1, 1, 0),
      allowed: { flags: Uint8Array.of(0, 0, 1), sample: () => true },
      ranges,
      interference: meterOf(new Float64Array(3)),
      temperatures: [],
    })
    const observation = new Float64Array(plan.spaces.monitors.length)
    const mask = new Uint8Array(plan.spaces.points.length)
    const open = (nowS: number) => {
      sense.read(nowS, { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN }, { percentile: 99 }, observation, mask)
      return plan.planned.filter((_, a) => mask[a] === 1).map(({ subnet, cores, level }) => [subnet, cores, level])
    }
    expect([...sense.available]).toEqual([1, 1, 0])
    expect(open(5)).toEqual([
      [0, 1, 2],
      [1, 1, 2],
    ])
    expect([...sense.available]).toEqual([0, 0, 1])
    ranges.set(0, 0, 1)
    expect(open(6)).toEqual([
      [0, 1, 1],
      [1, 1, 1],
    ])
  })

  it('closes points whose cluster lacks cores', () => {
    const flags = Uint8Array.of(1, 1, 1)
    const { sense, read } = make({ online: { flags, sample: () => true, close() {} } })
    const full = [1, 1, 1, 1, 1, 1]
    expect(planned.map(({ cluster, cores }) => `c${cluster} ${cores}`)).toEqual(['c0 1', 'c0 2', 'c0 1', 'c0 2', 'c1 1', 'c1 1'])
    expect(read()).toMatchObject({ mask: full, seen: { 'c0.availableCores': 2, 'c1.availableCores': 1 } })
    const version = sense.version()
    flags[1] = 0
    expect(read()).toMatchObject({ mask: [1, 0, 1, 0, 1, 1], seen: { 'c0.availableCores': 1, 'c0.interference': 0 } })
    expect(sense.version()).toBeGreaterThan(version)
    flags[2] = 0
    expect(read()).toMatchObject({ mask: [1, 0, 1, 0, 0, 0], seen: { 'c1.availableCores': 0, 'c1.interference': Number.NaN } })
    flags.set([1, 1, 1])
    expect(read().mask).toEqual(full)
    const settled = sense.version()
    read()
    expect(sense.version()).toBe(settled)
  })

  it('closes reserved cores for good', () => {
    expect(make({ permitted: Uint8Array.of(1, 0, 1) }).read()).toMatchObject({ mask: [1, 0, 1, 0, 1, 1], seen: { 'c0.availableCores': 1 } })
  })

  it('believes the last list of online cores it could read', () => {
    const flags = Uint8Array.of(1, 1, 1)
    expect(make({ online: { flags, sample: () => false, close() {} } }).read().mask).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('is never empty, whatever goes away', () => {
    const bit = fc.integer({ min: 0, max: 1 })
    fc.assert(
      fc.property(fc.tuple(bit, bit, bit), fc.array(fc.tuple(bit, bit, bit), { minLength: 1, maxLength: 5 }), (permitted, rounds) => {
        const flags = new Uint8Array(3)
        const { sense, read } = make({ permitted: Uint8Array.from(permitted), online: { flags, sample: () => true, close() {} } })
        for (const online of rounds) {
          flags.set(online)
          const { mask } = read()
          expect(mask).toContain(1)
          expect(Array.from(sense.available)).toEqual(online.map((one, cpu) => one & (permitted[cpu] as number)))
          const left = (cpus: number[]) => cpus.filter((cpu) => sense.available[cpu] === 1).length
          const possible = planned.map(({ cluster, cores }) => (left([...(clusters[cluster] as GovernedCluster).cpus]) >= cores ? 1 : 0))
          if (possible.includes(1)) expect(mask).toEqual(possible)
        }
      }),
    )
  })
})

describe('an ODROID-XU4', () => {
  it('is seen with its gap in the online list and its hottest zone', () => {
    const tree = unpackBoard('odroid-xu4')
    onTestFinished(() => tree.remove())
    const board = discoverBoard({ root: tree.root })
    const big: GovernedCluster = { id: 'big', boardCluster: 'big', cpus: [4, 5, 6, 7], frequency: 'fixed', levels: [{ value: 1, speed: 1 }] }
    const plan = planPoints(makeNetwork('/nowhere', twoIncrements()), [big], 4, [[1]])
    const temperatures = board.cpuZones.map((zone) => watchTemperature(tree.root, zone, () => {}))
    const online = makeOnlineCpus(tree.root, 8)
    onTestFinished(() => {
      for (const sensor of [...temperatures, online]) sensor?.close()
    })
    const sense = makeSense({
      clusters: [big],
      planned: plan.planned,
      online,
      permitted: new Uint8Array(8).fill(1),
      interference: meterOf(new Float64Array(8)),
      temperatures,
    })
    const observation = new Float64Array(plan.spaces.monitors.length)
    const mask = new Uint8Array(plan.spaces.points.length)
    const read = (nowS: number) => {
      sense.read(nowS, { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN }, { percentile: 99 }, observation, mask)
      return Object.fromEntries(plan.spaces.monitors.map(({ name }, i) => [name, observation[i]]))
    }
    const hottestC = Math.max(...board.cpuZones.map((zone) => zone.tempC ?? Number.NaN))
    expect(hottestC).toBeGreaterThan(50)
    expect(read(1)).toMatchObject({ 'big.availableCores': 3, tempC: hottestC })
    // Four cores are not there; one and two are.
    expect(plan.planned.map(({ cores }) => cores)).toEqual([1, 2, 4, 1, 2, 4])
    expect(Array.from(mask)).toEqual([1, 1, 0, 1, 1, 0])
    writeFileSync(join(tree.root, 'sys/devices/system/cpu/online'), '0-3,7\n')
    expect(read(2)['big.availableCores']).toBe(1)
    expect(Array.from(mask)).toEqual([1, 0, 0, 1, 0, 0])
    // A sensor that fails is absent, not cold.
    for (const { path } of board.cpuZones) writeFileSync(join(path, 'temp'), '-274000\n')
    expect(read(2.9)['tempC']).toBe(hottestC)
    expect(read(3.2)['tempC']).toBeNaN()
    rmSync(join(tree.root, 'sys/devices/system/cpu/online'))
    expect(read(4)['big.availableCores']).toBe(1)
  })
})
