import { describe, expect, it } from 'vitest'
import { type FieldMixtureData, mixFields } from '../../../agents/maths/field-mixture.ts'
import { pivotedCholesky } from '../../../agents/maths/pivoted-cholesky.ts'
import { makePointField, type PointField } from '../../../agents/maths/point-field.ts'

// Three points that have nothing to do with each other: variance 1 each, no residual, so that every figure follows by hand.
const fieldAt = (level: number, data?: Parameters<typeof makePointField>[3]): PointField =>
  makePointField(
    new Float64Array(3).fill(level),
    pivotedCholesky(3, (i, j) => (i === j ? 1 : 0), 3),
    1e-12,
    data,
  )
const even = [Math.log(0.5), Math.log(0.5)]

describe('a mixture of fields', () => {
  it('begins between them, with what they disagree about as variance', () => {
    const mixed = mixFields([fieldAt(0), fieldAt(2)], even)
    expect(mixed.mean[0]).toBeCloseTo(1, 12)
    // 1 within each, and (2 / 2)^2 between them.
    expect(mixed.variance[0]).toBeCloseTo(2, 9)
  })

  it('weighs them by how likely each thought the first look at a point', () => {
    const mixed = mixFields([fieldAt(0), fieldAt(2)], even)
    mixed.look(0, 0, 1)
    // Variances 2, errors 0 and 2: odds exp(4 / 4).
    const weight = Math.E / (1 + Math.E)
    expect(mixed.mean[1]).toBeCloseTo(2 * (1 - weight), 9)
    expect(mixed.variance[1]).toBeCloseTo(1 + 4 * weight * (1 - weight), 9)
    const before = mixed.mean[1]
    mixed.look(0, 0, 1)
    expect(mixed.mean[1]).toBe(before)
  })

  it('drops what is hopeless, and is then the other to the last bit', () => {
    const alone = fieldAt(0)
    const mixed = mixFields([fieldAt(0), fieldAt(4)], even)
    for (const point of [0, 1]) {
      alone.look(point, -0.5, 0.1)
      mixed.look(point, -0.5, 0.1)
    }
    expect((mixed.save() as FieldMixtureData).logWeights).toEqual([0, null])
    expect(mixed.mean).toEqual(alone.mean)
    expect(mixed.variance).toEqual(alone.variance)
    expect(mixed.seenAt(1)).toBeCloseTo(-0.5, 12)
  })

  it('sets a point apart only in the eyes of those whom it surprises', () => {
    const mixed = mixFields([fieldAt(0), fieldAt(3)], even)
    mixed.setApart(0, 3, 0.01, 1, 1)
    mixed.look(0, 3, 0.01)
    const [surprised, other] = (mixed.save() as FieldMixtureData).fields
    expect(surprised?.seen[0]?.[3]).toBeCloseTo(9 - 1.01, 6)
    expect(other?.seen[0]?.[3]).toBeCloseTo(0, 6)
  })

  it('goes on from what was saved to the last bit', () => {
    const mixed = mixFields([fieldAt(0), fieldAt(1)], even)
    mixed.look(1, 0.7, 0.1)
    const saved = JSON.parse(JSON.stringify(mixed.save())) as FieldMixtureData
    const again = mixFields([fieldAt(0, saved.fields[0] ?? undefined), fieldAt(1, saved.fields[1] ?? undefined)], even, saved)
    for (const one of [mixed, again]) one.look(2, 0.2, 0.1)
    expect(again.mean).toEqual(mixed.mean)
    expect(again.variance).toEqual(mixed.variance)
    expect(again.precision).toEqual(mixed.precision)
  })
})
