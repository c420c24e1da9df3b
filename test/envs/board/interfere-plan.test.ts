import { describe, expect, it } from 'vitest'
import { parseInterfere, planCoRunners } from '../../../envs/board/interfere.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { errorOf } from '../../support/error-of.ts'

describe('--interfere', () => {
  it.each([
    ['cpu:1@0.8', { count: 1, dutyRatio: 0.8, move: false }],
    ['cpu:4@1', { count: 4, dutyRatio: 1, move: false }],
    ['cpu:1@.5,move', { count: 1, dutyRatio: 0.5, move: true }],
    ['cpu:2@0.8,cpus=0+2-3,on=3s,off=500ms,move', { count: 2, dutyRatio: 0.8, cpus: [0, 2, 3], onS: 3, offS: 0.5, move: true }],
  ])('%s', (text, spec) => {
    expect(parseInterfere(text)).toEqual(spec)
  })

  it.each([
    ['', 'ERR_USAGE'],
    ['gpu:1@0.8', 'ERR_USAGE'],
    ['cpu:1', 'ERR_USAGE'],
    ['cpu:@0.8', 'ERR_USAGE'],
    ['cpu:1@80%', 'ERR_USAGE'],
    ['cpu:-1@0.8', 'ERR_USAGE'],
    ['cpu:1.5@0.8', 'ERR_USAGE'],
    ['cpu:0@0.8', 'ERR_RANGE'],
    ['cpu:65@0.8', 'ERR_RANGE'],
    ['cpu:1@0', 'ERR_RANGE'],
    ['cpu:1@1.01', 'ERR_RANGE'],
    ['cpu:1@0.8,on=3s', 'ERR_USAGE'],
    ['cpu:1@0.8,off=3s', 'ERR_USAGE'],
    ['cpu:1@0.8,on=3,off=3s', 'ERR_UNIT'],
    ['cpu:1@0.8,on=0s,off=3s', 'ERR_RANGE'],
    ['cpu:1@0.8,on=-1s,off=3s', 'ERR_RANGE'],
    ['cpu:1@0.8,cpus=0,1', 'ERR_USAGE'],
    ['cpu:1@0.8,cpus=', 'ERR_USAGE'],
    ['cpu:1@0.8,cpus=one', 'ERR_USAGE'],
    ['cpu:1@0.8,cpus=3-1', 'ERR_USAGE'],
    ['cpu:1@0.8,move=yes', 'ERR_USAGE'],
    ['cpu:1@0.8,stay', 'ERR_USAGE'],
    ['cpu:1@0.8,', 'ERR_USAGE'],
  ])("'%s' gives %s", (text, code) => {
    const error = errorOf(() => parseInterfere(text))
    expect(error.code).toBe(code)
    expect(error.message).toContain('--interfere')
  })
})

describe('the plan of co-runners', () => {
  const spec = parseInterfere('cpu:3@0.6,on=3s,off=2s,move')

  it('comes from the seed: phase within a cycle, first core', () => {
    const plan = (seed: number) => planCoRunners(spec, [0, 1, 5], makeRng(seed))
    expect(plan(7)).toEqual(plan(7))
    const phases = new Set<number>()
    const starts = new Set<number>()
    for (let seed = 0; seed < 50; seed++) {
      const tasks = plan(seed)
      expect(tasks).toHaveLength(3)
      const [first] = tasks
      expect(first).toMatchObject({ cpus: [0, 1, 5], dutyRatio: 0.6, onS: 3, offS: 2, move: true })
      expect(first?.phaseS).toBeGreaterThanOrEqual(0)
      expect(first?.phaseS).toBeLessThan(5)
      // In step with each other, each on the next core.
      expect(tasks.map((task) => task.phaseS)).toEqual([first?.phaseS, first?.phaseS, first?.phaseS])
      expect(tasks.map((task) => task.start - (first?.start ?? 0))).toEqual([0, 1, 2])
      phases.add(first?.phaseS ?? -1)
      starts.add(first?.start ?? -1)
    }
    expect(phases.size).toBe(50)
    expect(starts).toEqual(new Set([0, 1, 2]))
  })

  it('is always on where no bursts are asked', () => {
    expect(planCoRunners(parseInterfere('cpu:1@1'), [0], makeRng(1))).toEqual([
      { cpus: [0], dutyRatio: 1, onS: null, offS: 0, phaseS: 0, start: 0, move: false },
    ])
  })

  it('refuses a core that this process may not use', () => {
    const { code, message } = errorOf(() => planCoRunners(parseInterfere('cpu:1@1,cpus=0+9'), [0, 1], makeRng(1)))
    expect(code).toBe('ERR_RANGE')
    expect(message).toBe('--interfere cpus: core 9 is not available, expected some of 0, 1')
  })
})
