import { describe, expect, it } from 'vitest'
import { makeLateLook } from '../../src/linux/retry.ts'

describe('looking for what was not there at the start', () => {
  it('is done after a second, then less and less often, and once a minute at last', () => {
    const lookedS: number[] = []
    let nowS = 0
    const look = makeLateLook(() => void lookedS.push(nowS))
    for (; nowS <= 250; nowS += 0.5) expect(look.tend(nowS)).toBeUndefined()
    expect(lookedS).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243])
  })

  it('ends when it is found', () => {
    let here = false
    let looks = 0
    const look = makeLateLook(() => {
      looks++
      return here ? 'sensor' : undefined
    })
    look.tend(10)
    expect(look.tend(11)).toBeUndefined()
    here = true
    expect(look.tend(12.9)).toBeUndefined()
    expect(look.tend(13)).toBe('sensor')
    for (let nowS = 14; nowS < 1000; nowS++) expect(look.tend(nowS)).toBeUndefined()
    expect(looks).toBe(2)
  })
})
