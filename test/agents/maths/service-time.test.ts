import { describe, expect, it } from 'vitest'
import { serviceTime } from '../../../agents/maths/service-time.ts'

describe('service time', () => {
  // Services of 0.4 s; requests come at 0, 0.1, 0.2 and 2 s.
  it('is told from latency and duration where a queue empties without a pause', () => {
    // The first waits for nobody, the second for 0.3 s, and the third begins with the answer to the second.
    expect(serviceTime(0.4, 0.4)).toBe(0.4)
    expect(serviceTime(0.7, 0.4)).toBe(0.4)
  })

  it('is too long where a request waited and the board idled after it', () => {
    // The third came at 0.2, began at 0.8 and was answered at 1.2; the next decision falls at 2 s.
    expect(serviceTime(1, 1.2)).toBe(1)
  })

  it('is the latency where nobody waits, and unknown where nothing was measured', () => {
    expect(serviceTime(0.4, 1)).toBe(0.4)
    expect(serviceTime(Number.NaN, 1)).toBeNaN()
    expect(serviceTime(0.4, Number.NaN)).toBe(0.4)
  })
})
