import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Guard, makeGuard } from '../../../envs/guard/guard.ts'
import { makeGuardSpaces, makeTestGuard } from '../../support/guarded.ts'

const { spaces, powerW } = makeGuardSpaces()
const coolest = 'subnet=25 cluster=little little.freqHz=400MHz big.freqHz=free'
const count = spaces.points.length
const all = (): Uint8Array => new Uint8Array(count).fill(1)
const openOf = (mask: Uint8Array): number[] => Array.from(mask.keys()).filter((a) => mask[a] === 1)
const narrowed = (guard: Guard, nowS: number, possible: Uint8Array = all()): number[] => {
  const mask = possible.slice()
  guard.narrow(nowS, mask)
  return openOf(mask)
}
const heat = (guard: Guard, nowS: number, tempC: number): void => guard.heat(nowS, Float64Array.of(tempC))

describe('guard', () => {
  it('leaves everything while nothing is wrong', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 60)
    expect(narrowed(guard, 0)).toHaveLength(count)
    expect(guard.permit(0, 14)).toBe(14)
    expect(guard.changes()).toEqual([])
  })

  it('takes the most power away first, and names sensor, reading, threshold and what is left', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 60)
    heat(guard, 1, 80.5)
    // Levels: little at 400 MHz by work, 1 GHz, then big at 600 MHz, 1.4 and 2 GHz: seven. 0.5 of 5 degrees leave floor(6 x 0.9) = 5.
    expect(narrowed(guard, 1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(guard.changes()).toEqual([{ cause: 'heat', sensor: 'soc-thermal', tempC: 80.5, limitC: 80, points: 12, before: 15 }])
    expect(guard.changes()).toEqual([])
    heat(guard, 2, 84.9)
    expect(narrowed(guard, 2)).toEqual([0])
    expect(guard.changes()).toEqual([{ cause: 'heat', sensor: 'soc-thermal', tempC: 84.9, limitC: 80, points: 1, before: 12, only: coolest }])
    expect(guard.safe).toBe(0)
    heat(guard, 9, 70)
    expect(narrowed(guard, 9)).toHaveLength(count)
    expect(guard.changes()[0]).toMatchObject({ points: 15, before: 1 })
  })

  it('says of a temperature that went unknown that it is unknown', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 60)
    heat(guard, 20, Number.NaN)
    expect(narrowed(guard, 20)).toEqual([0])
    expect(guard.changes()).toEqual([{ cause: 'heat', sensor: 'soc-thermal', points: 1, before: 15, only: coolest }])
  })

  it('names a silent sensor whose temperature the others tell, and says so', () => {
    const hot = [
      { sensor: 'big-thermal', tripC: 85 },
      { sensor: 'little-thermal', tripC: 85 },
      { sensor: 'vrm-thermal', tripC: Number.POSITIVE_INFINITY },
    ]
    const guard = makeGuard({ ...makeGuardSpaces(), settings: { marginC: 5 }, limits: hot, rail: undefined })
    guard.heat(0, Float64Array.of(70, 55, 40))
    guard.heat(20, Float64Array.of(Number.NaN, 67.5, 40))
    expect(guard.changes()).toEqual([{ cause: 'heat', sensor: 'big-thermal', tempC: 82.5, limitC: 80, quality: 'estimated', points: 6, before: 15 }])
    guard.heat(40, Float64Array.of(Number.NaN, Number.NaN, 40))
    expect(guard.changes()).toEqual([{ cause: 'heat', sensor: 'big-thermal, little-thermal', points: 1, before: 6, only: coolest }])
  })

  it('keeps the coolest of what is possible where the safe point is not', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 100)
    // The little cluster is gone.
    const possible = all().fill(0, 0, 6)
    expect(narrowed(guard, 0, possible)).toEqual([6, 7, 8])
  })

  it('overrides a choice only when the trip itself was reached since', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 60)
    narrowed(guard, 0)
    heat(guard, 0.1, 84)
    expect(guard.permit(0.1, 14)).toBe(14)
    heat(guard, 9, 60)
    narrowed(guard, 9)
    heat(guard, 9.1, 85)
    expect(guard.permit(9.1, 14)).toBe(0)
    expect(guard.permit(9.1, 0)).toBe(0)
  })

  it('does not let a masked choice through', () => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 82.5)
    expect(narrowed(guard, 0)).not.toContain(14)
    // Nothing is in force yet: the coolest. Then what is in force.
    expect(guard.permit(0, 14)).toBe(0)
    expect(guard.permit(0, 4)).toBe(4)
    expect(guard.permit(0, 14)).toBe(4)
  })

  it.each([-1, count, 1e9, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('executes a point for %d, which is none', (choice) => {
    const guard = makeTestGuard({ marginC: 5 })
    heat(guard, 0, 82.5)
    const open = narrowed(guard, 0)
    expect(open).toContain(guard.permit(0, choice))
    heat(guard, 1, 90)
    narrowed(guard, 1)
    expect(guard.permit(1, choice)).toBe(0)
  })

  it('caps the power that was measured, and says of what rail', () => {
    const guard = makeTestGuard({ marginC: null, powerCapW: 3 })
    narrowed(guard, 0)
    guard.permit(0, 14)
    guard.power(0, 0)
    guard.power(1, 6)
    // 3 W too much at 6 W: big at 600 MHz draws 1.8 W.
    expect(narrowed(guard, 1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(guard.changes()).toEqual([{ cause: 'power', sensor: 'VDD_CPU', powerW: 6, limitW: 3, quality: 'measured', points: 9, before: 15 }])
  })

  it('never goes below the least frequency, hot or not', () => {
    const guard = makeTestGuard({ marginC: 5, minFrequencyHz: { '*': 9e8 } })
    heat(guard, 0, 60)
    expect(narrowed(guard, 0)).toEqual([3, 4, 5, 9, 10, 11, 12, 13, 14])
    heat(guard, 1, 90)
    expect(narrowed(guard, 1)).toEqual([3])
    // Where nothing else is possible, the fastest of what there is.
    const possible = new Uint8Array(count)
    possible[0] = possible[6] = 1
    expect(narrowed(guard, 1, possible)).toEqual([6])
  })

  it('lets the sub-network change where no more changes are allowed', () => {
    const guard = makeTestGuard({ marginC: null, maxChanges: 1 })
    narrowed(guard, 0)
    guard.permit(0, 14)
    narrowed(guard, 0.1)
    guard.permit(0.1, 3)
    expect(narrowed(guard, 0.2)).toEqual([3, 4, 5])
    expect(guard.permit(0.2, 14)).toBe(3)
    expect(narrowed(guard, 1.09)).toEqual([3, 4, 5])
    expect(narrowed(guard, 1.1)).toHaveLength(count)
  })

  it('holds in any sequence: something is always open, nothing masked ever runs, the rate holds but for changes that could not wait', () => {
    const step = fc.record({
      gapS: fc.double({ min: 0.001, max: 0.4, noNaN: true }),
      tempC: fc.oneof(fc.double({ min: 60, max: 95, noNaN: true }), fc.constant(Number.NaN)),
      laterC: fc.double({ min: 60, max: 95, noNaN: true }),
      powerW: fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant(Number.NaN)),
      lost: fc.constantFrom('none', 'little', 'big', 'all but one'),
      choice: fc.nat(count - 1),
      rogue: fc.boolean(),
    })
    const settings = fc.record({
      marginC: fc.constantFrom(null, 0, 5, 20),
      powerCapW: fc.constantFrom(undefined, 0.1, 3),
      minFrequencyHz: fc.constantFrom(undefined, { '*': 9e8 }, { big: 1.5e9 }),
      maxChanges: fc.constantFrom(undefined, 1, 3),
    })
    const placeOf = (a: number): string => JSON.stringify({ ...spaces.points[a], subnet: '' })
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 80 }), (asked, steps) => {
        const guard = makeTestGuard(asked)
        let nowS = 0
        let totalJ = 0
        let inForce = -1
        const changesS: number[] = []
        for (const { gapS, tempC, laterC, powerW: drawnW, lost, choice, rogue } of steps) {
          nowS += gapS
          totalJ += gapS * (Number.isNaN(drawnW) ? 0 : drawnW)
          guard.power(nowS, Number.isNaN(drawnW) ? Number.NaN : totalJ)
          heat(guard, nowS, tempC)
          const possible = all()
          if (lost === 'little') possible.fill(0, 0, 6)
          if (lost === 'big') possible.fill(0, 6)
          if (lost === 'all but one') possible.fill(0).fill(1, 7, 8)
          const mask = possible.slice()
          guard.narrow(nowS, mask)
          const open = openOf(mask)
          expect(open.length).toBeGreaterThan(0)
          for (const a of open) expect(possible[a]).toBe(1)
          const kept = open.filter((a) => guard.barred[a] !== 1)
          // A barred point is open only where no other is possible.
          if (kept.length < open.length) expect(openOf(possible).every((a) => guard.barred[a] === 1)).toBe(true)
          heat(guard, nowS, laterC)
          const action = rogue ? choice : (open[choice % open.length] as number)
          const executed = guard.permit(nowS, action)
          expect(possible[executed]).toBe(1)
          // It runs what was chosen, or what the mask allows, or in an emergency the coolest that is possible.
          const coolest = Math.min(...openOf(possible).map((a) => (guard.barred[a] === 1 ? Number.POSITIVE_INFINITY : (powerW[a] as number))))
          expect(open.includes(executed) || powerW[executed] === coolest || coolest === Number.POSITIVE_INFINITY).toBe(true)
          if (!rogue && executed !== action) expect(asked.marginC).not.toBe(null)
          if (inForce >= 0 && placeOf(executed) !== placeOf(inForce)) {
            const most = asked.maxChanges ?? Number.POSITIVE_INFINITY
            const recent = changesS.filter((timeS) => nowS - timeS < 1).length
            const couldStay = open.some((a) => placeOf(a) === placeOf(inForce)) && executed === action
            if (recent >= most) expect(couldStay).toBe(false)
            changesS.push(nowS)
          }
          inForce = executed
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is never wider after a hotter past', () => {
    const pairs = fc.array(fc.tuple(fc.double({ min: 60, max: 95, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true })), { maxLength: 50 })
    fc.assert(
      fc.property(pairs, (temps) => {
        const cool = makeTestGuard({ marginC: 5 })
        const hot = makeTestGuard({ marginC: 5 })
        for (const [k, [tempC, moreC]] of temps.entries()) {
          heat(cool, k, tempC)
          heat(hot, k, tempC + moreC)
          const wide = narrowed(cool, k)
          for (const a of narrowed(hot, k)) expect(wide).toContain(a)
        }
      }),
    )
  })
})
