import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type SensorKind, type SensorTree, sensorKinds } from './sensor-trees.ts'

let tree: SensorTree
afterEach(() => tree.remove())

/** A second of a board that works, sampled ten times. */
function live(from: number, seconds = 1, { usual, other }: Pick<SensorKind, 'usual' | 'other'>): number {
  for (let k = 1; k <= 10 * seconds; k++) {
    const nowS = from + k / 10
    tree.be(k % 2 === 0 ? usual : other, nowS)
    tree.sample(nowS, 0.5)
  }
  return from + seconds
}

describe.each(sensorKinds)('$name', (kind) => {
  const start = (): number => {
    tree = kind.make()
    tree.sample(0)
    return live(0, 1, kind)
  }

  it('is believed while it works, in SI', () => {
    const nowS = start()
    tree.be(kind.usual, nowS)
    tree.be(kind.usual, nowS + 0.5)
    tree.sample(nowS + 0.5)
    expect(tree.quality()).toBe('measured')
    expect(tree.reading.value).toBeCloseTo(kind.usual, 6)
    expect(tree.reading).toMatchObject({ label: tree.label, quality: 'measured', ageS: 0 })
    expect(tree.told).toEqual([])
    // Each reading stands for the tenth of a second before it, on average between the two values; a counter says just that.
    if (tree.totalJ() !== undefined) expect(tree.totalJ()).toBeCloseTo((kind.usual + kind.other) / 2 + 0.5 * kind.usual, kind.counts ? -0.5 : 6)
  })

  it.each(['', 'N/A', '-', '\0\0\0'])('that says %j is held as an estimate for a moment, then absent, told once, and believed again', (text) => {
    const nowS = start()
    tree.write(text)
    for (let k = 1; k <= 50; k++) tree.sample(nowS + k / 10)
    expect(tree.quality()).toBe('absent')
    expect(tree.reading.value).toBeNaN()
    expect(tree.told).toEqual([expect.stringContaining(`sensor ${tree.label}: does not answer`)])
    live(nowS + 5, 1, kind)
    expect(tree.quality()).toBe('measured')
    expect(tree.told).toEqual([expect.anything(), `sensor ${tree.label}: believed again (broken before)`])
    // The same trouble again is not told again.
    tree.write(text)
    tree.sample(nowS + 7)
    live(nowS + 7, 1, kind)
    expect(tree.told).toHaveLength(2)
  })

  it('that goes away is absent, and is found again by its name under another number', () => {
    const nowS = start()
    tree.vanish()
    for (let k = 1; k <= 120; k++) {
      tree.sample(nowS + k / 10)
      tree.tend(nowS + k / 10)
    }
    expect(tree.quality()).toBe('absent')
    // A file that is still open may go on saying its last, and seem stuck, before it is looked for.
    expect(tree.told.at(-1)).toContain('is not there any more')
    tree.comeBack()
    for (let k = 1; k <= 60; k++) {
      tree.be(k % 2 === 0 ? kind.usual : kind.other, nowS + 12 + k)
      tree.tend(nowS + 12 + k)
      tree.sample(nowS + 12 + k)
    }
    expect(tree.quality()).toBe('measured')
    expect(tree.told.at(-1)).toBe(`sensor ${tree.label}: believed again (absent before)`)
    // And nothing of the time between is credited at once.
    expect(tree.totalJ() ?? 0).toBeLessThanOrEqual(kind.other * (nowS + 72))
  })

  it.each(kind.wrongUnits)('whose driver says %d times what it should is not believed', (times) => {
    const nowS = start()
    for (let k = 1; k <= 50; k++) {
      tree.be((k % 2 === 0 ? kind.usual : kind.other) * times, nowS + k / 10)
      tree.sample(nowS + k / 10)
    }
    expect(tree.quality()).not.toBe('measured')
    expect(tree.reading.quality).toBe('absent')
    expect(tree.told).toEqual([expect.stringMatching(/expected|does its driver say/)])
  })

  it('that is stuck while the load changes is doubted, then absent, and believed again when it moves', () => {
    let nowS = start()
    tree.be(kind.usual, nowS)
    const seen = new Set<string>()
    // Ten minutes, load for ten seconds, then none.
    for (let k = 1; k <= 1200; k++) {
      tree.sample(nowS + k / 2, k % 40 < 20 ? 1 : 0)
      if (k > 122) seen.add(tree.quality())
    }
    nowS += 600
    expect(seen.has('measured')).toBe(false)
    if (!kind.counts) expect(tree.quality()).toBe('absent')
    expect(tree.told).toEqual([expect.stringMatching(/has read .* whatever the load|has stopped counting/)])
    live(nowS, 1, kind)
    expect(tree.quality()).toBe('measured')
  })

  it('whatever it says, never ends a run, never says NaN that it believes, and never takes energy back', () => {
    const junk = fc.oneof(
      fc.integer({ min: -300_000, max: 300_000 }).map(String),
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
      fc.constantFrom('', 'nan', '-', '4294967295', '18446744073709551615', '-274000', '0', '127000', '255000', '9'.repeat(63)),
      fc.string({ maxLength: 70 }),
    )
    const step = fc.record({
      text: fc.option(junk, { nil: undefined }),
      passedS: fc.oneof(fc.double({ min: 1e-4, max: 3, noNaN: true }), fc.constantFrom(0, 100)),
      tended: fc.boolean(),
    })
    tree = kind.make()
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        tree.remove()
        tree = kind.make()
        let nowS = 0
        let totalJ = 0
        for (const { text, passedS, tended } of steps) {
          nowS += passedS
          if (text === undefined) tree.be(kind.usual, nowS)
          else tree.write(text)
          if (tended) tree.tend(nowS)
          tree.sample(nowS, 0.5)
          expect(Number.isNaN(tree.reading.value)).toBe(tree.reading.quality === 'absent')
          const addedJ = (tree.totalJ() ?? 0) - totalJ
          expect(addedJ).toBeGreaterThanOrEqual(0)
          totalJ += addedJ
          // No board takes more than 2 kW.
          expect(totalJ).toBeLessThanOrEqual(2000 * nowS * (1 + 1e-9))
        }
      }),
      { seed: 7, numRuns: 30 },
    )
  })
})
