import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeThermalNetwork } from '../../../../envs/sim/physics/thermal.ts'

const board = { dieJPerK: 0.5, dieKPerW: 4, caseJPerK: 20, caseKPerW: 6 }

/** Tiny steps of the differential equations themselves. */
function euler(p: typeof board, start: { dieTempC: number; caseTempC: number }, powerW: number, ambientTempC: number, timeS: number) {
  let { dieTempC, caseTempC } = start
  const steps = 200_000
  const dt = timeS / steps
  for (let i = 0; i < steps; i++) {
    const across = (dieTempC - caseTempC) / p.dieKPerW
    const out = (caseTempC - ambientTempC) / p.caseKPerW
    dieTempC += (dt * (powerW - across)) / p.dieJPerK
    caseTempC += (dt * (across - out)) / p.caseJPerK
  }
  return { dieTempC, caseTempC }
}

describe('the two-reservoir network', () => {
  it('follows tiny Euler steps, heating and cooling', () => {
    const network = makeThermalNetwork(board)
    for (const [powerW, timeS] of [
      [5, 3],
      [5, 150],
      [0, 40],
    ] as const) {
      const state = { dieTempC: 60, caseTempC: 45 }
      const expected = euler(board, state, powerW, 25, timeS)
      network.advance(state, powerW, 25, timeS)
      expect(state.dieTempC).toBeCloseTo(expected.dieTempC, 2)
      expect(state.caseTempC).toBeCloseTo(expected.caseTempC, 2)
    }
  })

  it('settles where the resistances say: 25 + 3 * 6 = 43 of the case, + 3 * 4 = 55 of the die', () => {
    const network = makeThermalNetwork(board)
    const settled = { dieTempC: 0, caseTempC: 0 }
    network.settle(settled, 3, 25)
    expect(settled).toEqual({ dieTempC: 55, caseTempC: 43 })
    const late = { dieTempC: 10, caseTempC: 90 }
    network.advance(late, 3, 25, 1e5)
    expect(late.dieTempC).toBeCloseTo(55, 9)
    expect(late.caseTempC).toBeCloseTo(43, 9)
  })

  it('has the time constants whose product is Rd Cd Rc Cc and whose sum is Rd Cd + Rc Cc + Rc Cd', () => {
    const [slowS, fastS] = makeThermalNetwork(board).timeConstantsS
    expect(slowS * fastS).toBeCloseTo(2 * 120, 9)
    expect(slowS + fastS).toBeCloseTo(2 + 120 + 3, 9)
    expect(slowS).toBeGreaterThan(fastS)
  })

  it('one long step is many short ones', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.double({ min: 0.01, max: 300, noNaN: true }),
        fc.integer({ min: 2, max: 40 }),
        (powerW, timeS, parts) => {
          const network = makeThermalNetwork(board)
          const whole = { dieTempC: 80, caseTempC: 30 }
          const pieces = { dieTempC: 80, caseTempC: 30 }
          network.advance(whole, powerW, 20, timeS)
          for (let i = 0; i < parts; i++) network.advance(pieces, powerW, 20, timeS / parts)
          expect(pieces.dieTempC).toBeCloseTo(whole.dieTempC, 6)
          expect(pieces.caseTempC).toBeCloseTo(whole.caseTempC, 6)
        },
      ),
    )
  })
})
