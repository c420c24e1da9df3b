import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CpufreqClamp, makeCpufreqClamp } from '../../src/linux/cpufreq-clamp.ts'
import { type Journal, openJournal } from '../../src/linux/journal.ts'
import { bigKHz, makePolicyTree, type PolicyTree } from './policy-tree.ts'

let tree: PolicyTree
let stateDir: string
let journal: Journal
let clamp: CpufreqClamp
beforeEach(() => {
  tree = makePolicyTree()
  write('scaling_available_frequencies', bigKHz.toReversed().join(' '))
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-others-'))
  journal = openJournal({ root: tree.root, stateDir })
  clamp = makeCpufreqClamp({ policyPath: tree.big, frequenciesHz: bigKHz.map((kHz) => kHz * 1e3), journal, root: tree.root })
})
afterEach(() => {
  journal.restoreAll()
  clamp.close()
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
})

const write = (file: string, value: number | string) => writeFileSync(join(tree.big, file), `${value}\n`)
const min = (kHz: number) => write('scaling_min_freq', kHz)
const max = (kHz: number) => write('scaling_max_freq', kHz)
const limits = () => ['scaling_min_freq', 'scaling_max_freq'].map((file) => Number(tree.read(tree.big, file)))
const cool = (state: number) => {
  const device = join(tree.root, 'sys/class/thermal/cooling_device0')
  mkdirSync(device, { recursive: true })
  for (const [file, value] of Object.entries({ type: 'Processor', cur_state: state, max_state: 10 })) writeFileSync(join(device, file), `${value}\n`)
}
const restored = () => Object.fromEntries(journal.restoreAll().entries.map(({ path, result }) => [path.split('/').at(-1), result]))

describe('a look at limits', () => {
  it('of a clock that was never moved begins with watch, and does without where the journal takes nothing', () => {
    clamp.watch()
    expect(clamp.look()).toBe('kept')
    max(1000000)
    expect(clamp.look()).toBe('changed')
    const late = makeCpufreqClamp({ policyPath: tree.little, frequenciesHz: [1e9], journal, root: tree.root })
    journal.restoreAll()
    late.watch()
    expect(late.look()).toBe('unset')
    expect(() => late.set(1e9)).toThrow('is closed')
    late.close()
  })

  it('is unset before the first write, kept after it, and broken while the policy does not answer', () => {
    expect(clamp.look()).toBe('unset')
    clamp.set(1.4e9)
    expect(clamp.look()).toBe('kept')
    clamp.release()
    expect(clamp.look()).toBe('kept')
    clamp.set(1e9)
    // As good as EBUSY: there is no number to read.
    write('scaling_max_freq', '')
    expect(clamp.look()).toBe('broken')
  })

  it.each([
    ['the maximum lowered', () => max(1000000), { min: 1.4e9, max: 1e9 }],
    ['the maximum raised', () => max(2000000), { min: 1.4e9, max: 2e9 }],
    ['the minimum lowered', () => min(600000), { min: 6e8, max: 1.4e9 }],
  ])('finds %s', (_, change, found) => {
    clamp.set(1.4e9)
    change()
    expect(clamp.look()).toBe('changed')
    expect(clamp.foundHz).toEqual(found)
    expect(clamp.askedHz).toEqual({ min: 1.4e9, max: 1.4e9 })
  })

  it('finds what was changed while the clock was let go', () => {
    clamp.set(1.4e9)
    clamp.release()
    max(1000000)
    expect(clamp.look()).toBe('changed')
  })

  it('takes what heat and firmware hold down for no change, and knows when they let go', () => {
    clamp.set(2e9)
    max(1000000)
    cool(3)
    expect(clamp.look()).toBe('capped')
    expect(clamp.throttle).toMatchObject({ coolingSteps: 3, firmwareHz: undefined })
    cool(0)
    max(2000000)
    expect(clamp.look()).toBe('kept')
    expect(clamp.throttle).toBeUndefined()
    // Firmware says how far: what lies elsewhere was somebody else.
    write('bios_limit', 1400000)
    max(1400000)
    expect(clamp.look()).toBe('capped')
    max(1000000)
    expect(clamp.look()).toBe('changed')
  })

  it('takes a raised limit for a change also while it is hot', () => {
    clamp.set(1e9)
    cool(3)
    max(2000000)
    expect(clamp.look()).toBe('changed')
  })

  it('takes a count of throttling that grew for heat', () => {
    const throttle = join(tree.root, 'sys/devices/system/cpu/cpu2/thermal_throttle')
    mkdirSync(throttle, { recursive: true })
    const count = (n: number) => writeFileSync(join(throttle, 'core_throttle_count'), `${n}\n`)
    count(7)
    clamp.set(2e9)
    max(1000000)
    expect(clamp.look()).toBe('changed')
    count(8)
    expect(clamp.look()).toBe('capped')
  })

  it('lets a driver without a table round', () => {
    rmSync(join(tree.big, 'scaling_available_frequencies'))
    clamp.set(1.4e9)
    min(1390000)
    max(1390000)
    expect(clamp.look()).toBe('kept')
    max(1000000)
    expect(clamp.look()).toBe('changed')
  })
})

describe('limits that somebody else wrote', () => {
  it('are not written over before it is settled whose they are', () => {
    clamp.set(1.4e9)
    clamp.set(1.7e9)
    max(1000000)
    expect(clamp.set(2e9)).toBeNaN()
    expect(clamp.access).toBe('ok')
    expect(limits()).toEqual([1700000, 1000000])
    clamp.release()
    expect(limits()).toEqual([1700000, 1000000])
    expect(clamp.look()).toBe('changed')
  })

  it('may be our own of a moment ago, which a stale reading shows', () => {
    clamp.set(1.4e9)
    // What was there before the first write counts as ours, too.
    min(600000)
    max(2000000)
    expect(clamp.set(1.7e9)).toBe(1.7e9)
    min(1400000)
    max(1400000)
    expect(clamp.set(2e9)).toBe(2e9)
  })

  it('are left alone, the other limit goes back, and restoring names them', () => {
    clamp.set(1.4e9)
    max(1700000)
    clamp.look()
    clamp.yield()
    expect(limits()).toEqual([600000, 1700000])
    expect(clamp.set(1e9)).toBeNaN()
    clamp.release()
    expect(limits()).toEqual([600000, 1700000])
    expect(restored()).toEqual({ scaling_max_freq: 'changed-by-somebody-else', scaling_min_freq: 'already' })
    expect(limits()).toEqual([600000, 1700000])
  })

  it('hide our minimum when they lie below it: it goes back all the same', () => {
    clamp.set(1.4e9)
    // The kernel reports a minimum above the maximum as the maximum, and remembers it.
    max(1000000)
    min(1000000)
    clamp.look()
    clamp.yield()
    expect(limits()).toEqual([600000, 1000000])
  })

  it('hide our minimum from a restore after a kill, which puts it back all the same', () => {
    clamp.set(1.4e9)
    max(1000000)
    min(1000000)
    expect(restored()).toEqual({ scaling_max_freq: 'changed-by-somebody-else', scaling_min_freq: 'restored' })
    expect(limits()).toEqual([600000, 1000000])
  })

  it('are theirs in the journal even where flyball had once written the same', () => {
    clamp.set(1.7e9)
    clamp.set(1.4e9)
    max(1700000)
    clamp.look()
    clamp.yield()
    expect(restored()).toMatchObject({ scaling_max_freq: 'changed-by-somebody-else' })
    expect(limits()[1]).toBe(1700000)
  })

  it('are given back when they are the original ones again', () => {
    clamp.set(1.4e9)
    max(1000000)
    clamp.look()
    clamp.yield()
    expect(clamp.isOriginal()).toBe(false)
    max(2000000)
    expect(clamp.isOriginal()).toBe(true)
    clamp.retake()
    expect(clamp.look()).toBe('kept')
    expect(clamp.set(1e9)).toBe(1e9)
    expect(restored()).toEqual({ scaling_max_freq: 'restored', scaling_min_freq: 'restored' })
  })

  it('are written over on request', () => {
    clamp.set(1.4e9)
    max(1000000)
    expect(clamp.look()).toBe('changed')
    clamp.insist()
    expect(clamp.set(1.4e9)).toBe(1.4e9)
    expect(limits()).toEqual([1400000, 1400000])
  })

  it('survive any course of events: what they wrote last stays, and ours never does', () => {
    const level = fc.constantFrom(...bigKHz)
    const event = fc.oneof(
      fc.record({ set: level }),
      fc.record({ release: fc.constant(true) }),
      fc.record({ foreign: level }),
      fc.record({ look: fc.constant(true) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), level, (events, last) => {
        min(600000)
        max(2000000)
        const home = mkdtempSync(join(tmpdir(), 'flyball-others-'))
        const own = openJournal({ root: tree.root, stateDir: home })
        const held = makeCpufreqClamp({ policyPath: tree.big, frequenciesHz: bigKHz.map((kHz) => kHz * 1e3), journal: own, root: tree.root })
        held.set(1e9)
        for (const one of events) {
          if ('set' in one) held.set(one.set * 1e3)
          else if ('release' in one) held.release()
          else if ('foreign' in one) max(one.foreign)
          else if (held.look() === 'changed') held.yield()
        }
        max(last)
        const theirs = held.look() === 'changed' || held.look() === 'unset'
        if (held.look() === 'changed') held.yield()
        own.restoreAll()
        held.close()
        rmSync(home, { recursive: true, force: true })
        expect(limits()).toEqual([600000, theirs ? last : 2000000])
      }),
      { numRuns: 60 },
    )
  })
})
