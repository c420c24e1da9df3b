import { describe, expect, it } from 'vitest'
import { judgeSoak, type Sample, type SoakFigures } from '../../../bench/soak/judge.ts'

/** One sample a minute for an hour and 40 minutes. */
const samples = (residentB: (minute: number) => number, descriptors: (minute: number) => number = () => 30): Sample[] =>
  Array.from({ length: 100 }, (_, minute) => ({ timeS: 60 * minute, residentB: residentB(minute), descriptors: descriptors(minute) }))

const judge = (all: Sample[], warmUpS = 0): SoakFigures => judgeSoak(all, warmUpS) as SoakFigures

describe('figures of a soak', () => {
  it('hold the last tenth against the first, and fit a line', () => {
    // 1000 B and 2 B more every minute: the first ten are 1009 on average, the last ten 1189; 120 B an hour.
    const figures = judge(samples((minute) => 1000 + 2 * minute))
    expect(figures).toMatchObject({ samples: 100, firstTenthB: 1009, lastTenthB: 1189, mostResidentB: 1198, flat: false })
    expect(figures.growthRatio).toBeCloseTo(1189 / 1009 - 1, 12)
    expect(figures.slopeBPerH).toBeCloseTo(120, 9)
  })

  it('leave the warm-up out', () => {
    const figures = judge(
      samples((minute) => (minute < 20 ? 100 : 1000)),
      20 * 60,
    )
    expect(figures).toMatchObject({ samples: 80, firstTenthB: 1000, lastTenthB: 1000, growthRatio: 0, slopeBPerH: 0, flat: true })
  })

  it('allow 5 % and no more, up and down', () => {
    const stepTo = (lastB: number) => judge(samples((minute) => (minute < 50 ? 1000 : lastB))).flat
    expect([stepTo(1049), stepTo(1051), stepTo(951), stepTo(949)]).toEqual([true, false, true, false])
  })

  it('count a lost descriptor, and none that was closed again', () => {
    const lost = judge(
      samples(
        () => 1000,
        (minute) => (minute < 60 ? 30 : 31),
      ),
    )
    expect(lost).toMatchObject({ firstDescriptors: 30, lastDescriptors: 31, mostDescriptors: 31, keepsDescriptors: false })
    const closed = judge(
      samples(
        () => 1000,
        (minute) => (minute === 60 ? 35 : 30),
      ),
    )
    expect(closed).toMatchObject({ mostDescriptors: 35, keepsDescriptors: true })
  })

  it('are none where too little is left', () => {
    expect(
      judgeSoak(
        samples(() => 1),
        91 * 60,
      ),
    ).toBeUndefined()
  })
})
