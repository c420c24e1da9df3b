import { expect, it } from 'vitest'
import { makeOnlineOfStat } from '../../../envs/board/online-of-stat.ts'

it('takes a core without a line for offline, and says when it knows nothing', () => {
  const busyS = Float64Array.of(1, Number.NaN, 0)
  const online = makeOnlineOfStat({ busyS, totalS: busyS, sample: () => true, close() {} })
  expect(online.sample()).toBe(true)
  expect(Array.from(online.flags)).toEqual([1, 0, 1])
  busyS.fill(Number.NaN)
  expect(online.sample()).toBe(false)
})
