import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCostTable } from '../../../agents/maths/cost-table.ts'
import { argminAllowed } from '../../../agents/maths/masked.ts'
import { makeSeenMask } from '../../../agents/maths/seen-mask.ts'

describe('a table of costs', () => {
  it('knows the least allowed entry of every row, the lowest index of equals, whatever was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 37 }).chain((actions) => {
          const allowed = fc.array(fc.boolean(), { minLength: actions, maxLength: actions }).filter((bits) => bits.includes(true))
          return fc.record({
            start: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: actions, maxLength: actions }),
            // Few different costs, so that there are ties; now and then another mask.
            writes: fc.array(fc.tuple(fc.nat(2), fc.nat(actions - 1), fc.integer({ min: -3, max: 6 }), fc.option(allowed, { freq: 4 })), {
              maxLength: 60,
            }),
            allowed,
          })
        }),
        ({ start, writes, allowed }) => {
          const seen = makeSeenMask(start.length)
          const table = makeCostTable(3, start.length, seen)
          const plain = [0, 1, 2].map(() => Float64Array.from(start))
          let mask = Uint8Array.from(allowed, Number)
          seen.read(mask)
          table.fill(0, 3, Float64Array.from(start))
          for (const [row, action, cost, other] of writes) {
            table.set(row, action, cost)
            ;(plain[row] as Float64Array)[action] = cost
            if (other !== null) mask = Uint8Array.from(other, Number)
            seen.read(mask)
            expect(table.get(row, action)).toBe(cost)
            expect(table.least(row)).toBe(argminAllowed(plain[row] as Float64Array, mask))
          }
          for (const row of [0, 1, 2]) expect(table.least(row)).toBe(argminAllowed(plain[row] as Float64Array, mask))
        },
      ),
    )
  })
})
