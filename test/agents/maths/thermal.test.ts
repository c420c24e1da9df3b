import { describe, expect, it } from 'vitest'
import { makeThermalModel, type ThermalModel } from '../../../agents/maths/thermal-model.ts'
import { makeRng } from '../../../src/core/rng.ts'

// A board by construction: T = 25 + 4 P + 6 S, S follows P within 80 s.
const [roomC, fastKPerW, slowKPerW, timeConstantS] = [25, 4, 6, 80]

/** Blocks of 2 and 5 W, a decision every 2 s; what the thermometer says is rounded, and bent by `fault`. */
function live(model: ThermalModel, decisions: number, fault: (tempC: number, k: number) => number = (tempC) => tempC): void {
  let slowW = 0
  let beforeC = roomC
  for (let k = 0; k < decisions; k++) {
    const powerW = Math.floor(k / 50) % 2 === 0 ? 5 : 2
    slowW = powerW + (slowW - powerW) * Math.exp(-2 / timeConstantS)
    const tempC = fault(Math.round(roomC + fastKPerW * powerW + slowKPerW * slowW), k)
    model.update(beforeC, tempC, powerW, 2)
    beforeC = tempC
  }
}

describe('the thermal model', () => {
  it('knows nothing before the first reading', () => {
    const model = makeThermalModel()
    model.update(Number.NaN, Number.NaN, 3, 1)
    expect(model.known).toBe(false)
    model.update(30, 31, 3, 1)
    expect(model.known).toBe(true)
  })

  it('learns room, resistances and time constant of a board', () => {
    const model = makeThermalModel()
    live(model, 800)
    expect(model.timeConstantS).toBe(timeConstantS)
    // 25 + 10 K/W.
    expect(model.settledC(5)).toBeCloseTo(75, -0.3)
    expect(model.settledC(2)).toBeCloseTo(45, -0.3)
    // From 5 to 2 W at once: 3 W times 4 K/W.
    expect(model.atOnceC(5) - model.atOnceC(2)).toBeCloseTo(12, -0.1)
  })

  it('says when a temperature is reached', () => {
    const model = makeThermalModel()
    live(model, 800)
    // It has drawn 2 W for 100 s: S = 2 + (S0 - 2) exp(-1.25), S0 from the blocks before.
    const [startC, endC] = [model.atOnceC(5), model.settledC(5)]
    expect(model.reachesS((startC + endC) / 2, 5)).toBeCloseTo(timeConstantS * Math.LN2, 6)
    expect(model.reachesS(endC + 0.1, 5)).toBe(Number.POSITIVE_INFINITY)
    expect(model.reachesS(startC - 0.1, 5)).toBe(0)
  })

  it.each([
    ['jump', 0.3, (tempC: number, up: boolean) => tempC + (up ? 20 : -20)],
    ['are missing', 0.5, () => Number.NaN],
  ])('is not led astray by readings that %s', (_, share, bent) => {
    const rng = makeRng(3)
    const model = makeThermalModel()
    live(model, 800, (tempC) => (rng.next() < share ? bent(tempC, rng.next() < 0.5) : tempC))
    expect(model.settledC(5)).toBeCloseTo(75, -0.7)
    expect(Math.abs(model.tempC - 45 - slowKPerW * 3 * 0.3)).toBeLessThan(4)
  })

  it('believes another room when all readings say so', () => {
    const model = makeThermalModel()
    live(model, 400)
    const before = model.settledC(5)
    live(model, 400, (tempC) => tempC + 15)
    expect(model.settledC(5)).toBeGreaterThan(before + 10)
  })

  it('goes on as saved', () => {
    const model = makeThermalModel()
    live(model, 130)
    const other = makeThermalModel(JSON.parse(JSON.stringify(model.save())))
    model.update(50, 51, 3, 2)
    other.update(50, 51, 3, 2)
    expect(other.save()).toEqual(model.save())
    expect(other.settledC(4)).toBe(model.settledC(4))
  })
})
