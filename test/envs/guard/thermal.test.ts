import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hysteresisC, levelAt, makeThermal, silenceS } from '../../../envs/guard/thermal.ts'

const one = (tempC: number): Float64Array => Float64Array.of(tempC)
const temps = fc.array(fc.double({ min: 20, max: 110, noNaN: true }), { minLength: 1, maxLength: 60 })
const top = 9
const limits = [{ sensor: 'soc', tripC: 85 }]

describe('levels that heat leaves', () => {
  it('goes from all at the margin to one at the trip', () => {
    // Trip 85, margin 5: the guard begins at 80. Ten levels, 0 to 9.
    expect(levelAt(-0.1, 5, 9)).toBe(9)
    expect(levelAt(0, 5, 9)).toBe(8)
    expect(levelAt(2.5, 5, 9)).toBe(4)
    expect(levelAt(4.9, 5, 9)).toBe(0)
    expect(levelAt(5, 5, 9)).toBe(0)
    // Without a margin it is all or nothing.
    expect(levelAt(-0.1, 0, 9)).toBe(9)
    expect(levelAt(0, 0, 9)).toBe(0)
  })

  it('is never more at a hotter reading', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.nat(20),
        fc.nat(40),
        (overC, moreC, marginC, top) => {
          const cool = levelAt(overC, marginC, top)
          expect(levelAt(overC + moreC, marginC, top)).toBeLessThanOrEqual(cool)
          expect(cool).toBeGreaterThanOrEqual(0)
          expect(cool).toBeLessThanOrEqual(top)
        },
      ),
    )
  })
})

describe('thermal guard', () => {
  it('names the sensor that is nearest to its own trip', () => {
    const thermal = makeThermal([...limits, { sensor: 'gpu', tripC: 70 }], 5, top)
    expect(thermal.sense(0, Float64Array.of(78, 60))).toBe(top)
    expect(thermal.worst).toBe(0)
    expect(thermal.sense(1, Float64Array.of(78, 67))).toBeLessThan(top)
    expect(thermal.worst).toBe(1)
    expect(thermal.tempC).toBe(67)
    expect(thermal.atTrip()).toBe(false)
    thermal.sense(2, Float64Array.of(78, 70))
    expect(thermal.atTrip()).toBe(true)
  })

  it('gives back only what the temperature has left by the hysteresis', () => {
    const thermal = makeThermal(limits, 5, top)
    expect(thermal.sense(0, one(82.5))).toBe(4)
    expect(thermal.sense(1, one(80.6))).toBe(4)
    // 80.4 + 2 = 82.4: 2.4 of 5 degrees above 80.
    expect(thermal.sense(2, one(80.4))).toBe(4)
    // One degree a second: 1.4 of 5, and 0.4.
    expect(thermal.sense(3, one(79))).toBe(6)
    expect(thermal.sense(4, one(20))).toBe(8)
    expect(thermal.sense(5, one(20))).toBe(9)
  })

  it('never allows more after a hotter past', () => {
    fc.assert(
      fc.property(temps, fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 60, maxLength: 60 }), (coolC, moreC) => {
        const cool = makeThermal(limits, 5, top)
        const hot = makeThermal(limits, 5, top)
        coolC.forEach((tempC, k) => {
          expect(hot.sense(k, one(tempC + (moreC[k] as number)))).toBeLessThanOrEqual(cool.sense(k, one(tempC)))
        })
      }),
    )
  })

  it('never chatters: readings that stay within the hysteresis move it in one direction only', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 70, max: 90, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }),
        (lowC, shares) => {
          const thermal = makeThermal(limits, 5, top)
          let last = top
          for (const [k, share] of shares.entries()) {
            const level = thermal.sense(k, one(lowC + share * hysteresisC * 0.999))
            expect(level).toBeLessThanOrEqual(last)
            last = level
          }
        },
      ),
    )
  })

  it('keeps what was left while a sensor is silent, and then assumes the worst', () => {
    const thermal = makeThermal(limits, 5, top)
    expect(thermal.sense(0, one(82.5))).toBe(4)
    expect(thermal.sense(silenceS, one(Number.NaN))).toBe(4)
    expect(thermal.blind()).toBe(false)
    expect(thermal.sense(silenceS + 0.1, one(Number.NaN))).toBe(0)
    expect(thermal.blind()).toBe(true)
    expect(thermal.worst).toBe(-1)
    // It answers again: from the worst back, 0.9 of 5 degrees in 0.9 s.
    expect(thermal.sense(silenceS + 1, one(60))).toBe(1)
    expect(thermal.sense(silenceS + 6, one(60))).toBe(top)
    expect(thermal.blind()).toBe(false)
  })

  it('tells a silent sensor from the others: as far ahead of them as it ever was', () => {
    const thermal = makeThermal([...limits, { sensor: 'gpu', tripC: 85 }], 5, top)
    expect(thermal.sense(0, Float64Array.of(70, 55))).toBe(top)
    expect(thermal.sense(1, Float64Array.of(60, 58))).toBe(top)
    expect(thermal.sense(6, Float64Array.of(Number.NaN, 60))).toBe(top)
    expect(thermal.guessed).toBe(false)
    // 60 + 15 degrees: none of the guard's business.
    expect(thermal.sense(12, Float64Array.of(Number.NaN, 60))).toBe(top)
    expect(thermal.blind()).toBe(false)
    // 67.5 + 15 = 82.5: half of the margin is used up.
    expect(thermal.sense(13, Float64Array.of(Number.NaN, 67.5))).toBe(4)
    expect(thermal.worst).toBe(0)
    expect(thermal.tempC).toBe(82.5)
    expect(thermal.guessed).toBe(true)
    // It answers again, and is hotter than was thought.
    expect(thermal.sense(14, Float64Array.of(84.9, 67.5))).toBe(0)
    expect(thermal.guessed).toBe(false)
  })

  it('is not opened by the silence of the hottest sensor', () => {
    const thermal = makeThermal([...limits, { sensor: 'gpu', tripC: 85 }], 5, top)
    expect(thermal.sense(0, Float64Array.of(84.9, 60))).toBe(0)
    for (const nowS of [5, 11, 30, 100]) expect(thermal.sense(nowS, Float64Array.of(Number.NaN, 60))).toBe(0)
    expect(thermal.sense(110, Float64Array.of(Number.NaN, 50))).toBeGreaterThan(0)
  })

  it('takes a silent sensor for no hotter than its trip', () => {
    const thermal = makeThermal([...limits, { sensor: 'gpu', tripC: 85 }], 5, top)
    expect(thermal.sense(0, Float64Array.of(82, 50))).toBe(5)
    // 65 + 32 degrees would be 97.
    expect(thermal.sense(20, Float64Array.of(Number.NaN, 65))).toBe(0)
    expect(thermal.tempC).toBe(85)
    expect(thermal.atTrip()).toBe(true)
    // From the trip back to the limit in five seconds, not in seventeen.
    expect(thermal.sense(21, Float64Array.of(60, 60))).toBe(1)
    expect(thermal.sense(25.1, Float64Array.of(60, 60))).toBe(top)
    // Others that are hotter than that count as they are.
    expect(thermal.sense(50, Float64Array.of(Number.NaN, 90))).toBe(0)
    expect(thermal.worst).toBe(1)
    expect(thermal.guessed).toBe(false)
  })

  it('leaves a silent sensor out that was never the hottest', () => {
    const thermal = makeThermal([...limits, { sensor: 'gpu', tripC: 85 }], 5, top)
    expect(thermal.sense(0, Float64Array.of(60, 70))).toBe(top)
    expect(thermal.sense(20, Float64Array.of(Number.NaN, 79.9))).toBe(top)
    expect(thermal.worst).toBe(1)
  })

  it('does not go by a sensor without a trip point', () => {
    const thermal = makeThermal([...limits, { sensor: 'vrm', tripC: Number.POSITIVE_INFINITY }], 5, top)
    expect(thermal.sense(0, Float64Array.of(60, 99))).toBe(top)
    expect(thermal.worst).toBe(0)
    // The only one that says how near the trip is has gone.
    expect(thermal.sense(silenceS + 1, Float64Array.of(Number.NaN, 50))).toBe(0)
    expect(thermal.blind()).toBe(true)
  })

  it('does not take a sensor that has yet to answer for a silent one', () => {
    const thermal = makeThermal(limits, 5, top)
    expect(thermal.sense(1000, one(Number.NaN))).toBe(top)
    expect(thermal.sense(1000 + silenceS, one(Number.NaN))).toBe(top)
    expect(thermal.sense(1001 + silenceS, one(Number.NaN))).toBe(0)
  })

  it('is no guard without limits', () => {
    const thermal = makeThermal([], 5, top)
    expect(thermal.sense(0, new Float64Array(0))).toBe(top)
    expect(thermal.sense(100, new Float64Array(0))).toBe(top)
    expect(thermal.blind()).toBe(false)
    expect(thermal.atTrip()).toBe(false)
  })
})
