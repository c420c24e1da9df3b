import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FlyballError } from '../../src/core/errors.ts'
import { type CpufreqClamp, makeCpufreqClamp } from '../../src/linux/cpufreq-clamp.ts'
import type { Journal } from '../../src/linux/journal.ts'
import { bigKHz, makePolicyTree, type PolicyTree } from './policy-tree.ts'

let tree: PolicyTree
beforeEach(() => {
  tree = makePolicyTree()
})
afterEach(() => tree.remove())

const empty = { dryRun: false, entries: [], notes: [] }
const limits = () => [tree.read(tree.big, 'scaling_min_freq'), tree.read(tree.big, 'scaling_max_freq')].map(Number)

/** A journal that writes down, at every note, what the files hold and what is about to be written: the order of writes, seen from outside. */
function watch(): { journal: Journal; writes: string[]; originals: string[] } {
  const writes: string[] = []
  const originals: string[] = []
  const journal: Journal = {
    path: '',
    recovered: empty,
    value(path, original) {
      originals.push(`${path.split('/').at(-1)} ${original ?? tree.read(tree.big, path.split('/').at(-1) as string)}`)
      return {
        path,
        original: original ?? tree.read(tree.big, path.split('/').at(-1) as string),
        note(value) {
          const [min, max] = limits() as [number, number]
          const next = Number(Buffer.from(value).toString())
          const after = path.endsWith('min_freq') ? [next, max] : [min, next]
          expect(after[0]).toBeLessThanOrEqual(after[1] as number)
          writes.push(`${path.endsWith('min_freq') ? 'min' : 'max'} ${next}`)
          return true
        },
        disown: () => void writes.push(`${path.endsWith('min_freq') ? 'min' : 'max'} forgotten`),
      }
    },
    cgroup() {},
    restoreAll: () => empty,
    end: () => empty,
  }
  return { journal, writes, originals }
}

const clampOf = (journal: Journal): CpufreqClamp =>
  makeCpufreqClamp({ policyPath: tree.big, frequenciesHz: bigKHz.map((kHz) => kHz * 1e3), journal, root: tree.root })

describe('cpufreq clamp', () => {
  it('moves the maximum first unless it would pass the minimum, and writes nothing when nothing changes', () => {
    const { journal, writes, originals } = watch()
    const clamp = clampOf(journal)
    expect(originals).toEqual([])
    expect(clamp.set(1.4e9)).toBe(1.4e9)
    expect(originals).toEqual(['scaling_min_freq 600000', 'scaling_max_freq 2000000'])
    expect(clamp.set(6e8)).toBe(6e8)
    expect(clamp.set(6e8)).toBe(6e8)
    expect(clamp.set(1.7e9)).toBe(1.7e9)
    expect(writes).toEqual(['max 1400000', 'min 1400000', 'min 600000', 'max 600000', 'max 1700000', 'min 1700000'])
    expect(limits()).toEqual([1700000, 1700000])
    clamp.close()
  })

  it('keeps minimum <= maximum at every moment of any sequence, whoever else moved the limits', () => {
    const { journal } = watch()
    const clamp = clampOf(journal)
    const level = fc.nat(bigKHz.length - 1)
    fc.assert(
      fc.property(fc.array(fc.record({ to: level, foreign: fc.option(fc.tuple(level, level)) }), { maxLength: 20 }), (steps) => {
        for (const { to, foreign } of steps) {
          if (foreign !== null) {
            const [low, high] = [...foreign].sort((a, b) => a - b) as [number, number]
            writeFileSync(join(tree.big, 'scaling_min_freq'), `${bigKHz[low]}\n`)
            writeFileSync(join(tree.big, 'scaling_max_freq'), `${bigKHz[high]}\n`)
            clamp.close()
          }
          const wantedHz = (bigKHz[to] as number) * 1e3
          expect(clamp.set(wantedHz)).toBe(wantedHz)
        }
      }),
      { numRuns: 50 },
    )
    clamp.close()
  })

  it('lets a policy go and takes it again', () => {
    const { journal, writes } = watch()
    const clamp = clampOf(journal)
    clamp.release()
    expect(writes).toEqual([])
    clamp.set(6e8)
    clamp.release()
    clamp.release()
    expect(limits()).toEqual([600000, 2000000])
    clamp.set(2e9)
    clamp.release()
    expect(limits()).toEqual([600000, 2000000])
    clamp.set(6e8)
    expect(writes.slice(2)).toEqual([
      ...['max 2000000', 'min 600000'],
      ...['max 2000000', 'min 2000000'],
      ...['max 2000000', 'min 600000'],
      ...['max 600000', 'min 600000'],
    ])
    clamp.close()
  })

  it('reports a maximum that is held down, and the wanted one once it holds', () => {
    const cap = (kHz: number) => writeFileSync(join(tree.big, 'scaling_max_freq'), `${kHz}\n`)
    const { journal } = watch()
    // The minimum is written last here; just before, firmware lowers the maximum.
    const clamp = clampOf({
      ...journal,
      value(path, original) {
        const entry = journal.value(path, original)
        if (!path.endsWith('min_freq')) return entry
        return {
          ...entry,
          note(value) {
            const go = entry.note(value)
            cap(1000000)
            return go
          },
        }
      },
    })
    expect(clamp.set(1.7e9)).toBe(1e9)
    expect(clamp.set(1.7e9)).toBe(1e9)
    cap(1700000)
    expect(clamp.set(1.7e9)).toBe(1.7e9)
    clamp.close()
  })

  it('takes the nearest OPP', () => {
    const clamp = clampOf(watch().journal)
    expect(clamp.set(1.49e9)).toBe(1.4e9)
    expect(clamp.set(9e9)).toBe(2e9)
    expect(clamp.set(0)).toBe(6e8)
    clamp.close()
  })

  it('journals the hardware maximum where heat holds the policy down, not the throttled value', () => {
    writeFileSync(join(tree.big, 'scaling_max_freq'), '1000000\n')
    writeFileSync(join(tree.big, 'bios_limit'), '1000000\n')
    const { journal, originals } = watch()
    const clamp = clampOf(journal)
    clamp.set(6e8)
    expect(originals).toEqual(['scaling_min_freq 600000', 'scaling_max_freq 2000000'])
    clamp.close()
  })

  it('is denied without permission: says so, gives NaN, and changes nothing', () => {
    const { journal, originals } = watch()
    const clamp = clampOf(journal)
    tree.unprivileged(() => {
      expect(clamp.set(6e8)).toBeNaN()
      expect(clamp.access).toBe('denied')
      expect(clamp.set(1e9)).toBeNaN()
    })
    expect(originals).toEqual([])
    expect(limits()).toEqual([600000, 2000000])
  })

  it('recovers when a policy that did not answer comes back', () => {
    const path = join(tree.big, 'scaling_max_freq')
    rmSync(path)
    mkdirSync(path)
    const clamp = clampOf(watch().journal)
    expect(clamp.set(6e8)).toBeNaN()
    expect(clamp.access).toBe('broken')
    rmSync(path, { recursive: true })
    writeFileSync(path, '2000000\n')
    expect(clamp.set(6e8)).toBe(6e8)
    expect(clamp.access).toBe('ok')
    clamp.close()
  })

  it('writes nothing that cannot be journalled', () => {
    const { journal } = watch()
    const full = {
      ...journal,
      value: () => {
        throw new FlyballError('ERR_JOURNAL', 'disk full')
      },
    }
    expect(() => clampOf(full).set(6e8)).toThrow('disk full')
    const closed = { ...journal, value: (path: string) => ({ path, original: '', note: () => false, disown() {} }) }
    expect(clampOf(closed).set(6e8)).toBeNaN()
    expect(limits()).toEqual([600000, 2000000])
  })
})
