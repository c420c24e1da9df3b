import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countAllowed } from '../../../agents/maths/masked.ts'
import { makeSeenMask } from '../../../agents/maths/seen-mask.ts'

const masks = fc
  .integer({ min: 1, max: 37 })
  .chain((actions) => fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: actions, maxLength: actions }), { minLength: 1, maxLength: 8 }))

describe('the mask seen last', () => {
  it('is what was read, counted, and stamped anew with every change and only then', () => {
    fc.assert(
      fc.property(masks, (read) => {
        const seen = makeSeenMask(read[0]?.length as number)
        expect(seen.stamp).toBe(0)
        let before = ''
        let stamp = 0
        for (const bits of read) {
          seen.read(Uint8Array.from(bits))
          if (before !== bits.join('')) stamp++
          before = bits.join('')
          expect(seen.stamp).toBe(stamp)
          expect(Array.from(seen.allowed.subarray(0, bits.length))).toEqual(bits)
          expect(seen.allowed.subarray(bits.length).every((bit) => bit === 0)).toBe(true)
          expect(seen.count).toBe(countAllowed(Uint8Array.from(bits)))
        }
      }),
    )
  })

  it('reads an all masked first one too', () => {
    const seen = makeSeenMask(3)
    seen.read(new Uint8Array(3))
    expect([seen.stamp, seen.count]).toEqual([1, 0])
  })
})
