import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCpuList, parseCpuList } from '../../src/linux/cpulist.ts'
import { makeOnlineCpus, parseCpuFlags, readCpuList } from '../../src/linux/online.ts'
import { unpackArchive } from '../fixtures/boards/unpack.ts'

const cpus = fc.uniqueArray(fc.nat(63)).map((list) => list.sort((a, b) => a - b))

describe('CPU lists', () => {
  it('reads ranges, gaps and nothing', () => {
    expect(parseCpuList('0-3,5\n')).toEqual([0, 1, 2, 3, 5])
    expect(parseCpuList('7')).toEqual([7])
    expect(parseCpuList('\n')).toEqual([])
    expect(parseCpuList('4,0-1,1')).toEqual([0, 1, 4])
  })

  it('refuses what is none', () => {
    for (const text of ['a', '0-', '3-1', '0,,1', '-1', '1-99999999', '0;1'])
      expect(() => parseCpuList(text, '--cores')).toThrow(/^--cores: .* is no list of CPUs, expected e\.g\. 0-3,5/)
  })

  it('writes ranges', () => {
    expect(formatCpuList([5, 0, 1, 2, 3])).toBe('0-3,5')
    expect(formatCpuList([0, 1, 4, 6, 7])).toBe('0-1,4,6-7')
    expect(formatCpuList([])).toBe('')
  })

  it('parses what it formats, as text and as bytes', () => {
    fc.assert(
      fc.property(cpus, (list) => {
        const text = formatCpuList(list)
        expect(parseCpuList(text)).toEqual(list)
        const flags = new Uint8Array(64).fill(1)
        const bytes = Buffer.from(`${text}\n`)
        parseCpuFlags(bytes, bytes.length, flags)
        expect([...flags.keys()].filter((cpu) => flags[cpu] === 1)).toEqual(list)
      }),
    )
  })
})

describe('online CPUs', () => {
  it('come from the kernel file, with its gap; beyond the asked count they are left out', () => {
    const board = unpackArchive('=== sys/devices/system/cpu/online\n0-2,4-5\n')
    expect(readCpuList(board.root, 'online')).toEqual([0, 1, 2, 4, 5])
    expect(readCpuList(board.root, 'present')).toBeUndefined()
    const online = makeOnlineCpus(board.root, 5)
    expect([...(online?.flags ?? [])]).toEqual([1, 1, 1, 0, 1])
    expect(makeOnlineCpus(`${board.root}/nothing`, 5)).toBeUndefined()
    online?.close()
    expect(online?.sample()).toBe(false)
    board.remove()
  })
})

it('flags of garbage are no endless count: a number behind a dash, too large to be counted up from', () => {
  const flags = new Uint8Array(4)
  for (const text of ['1-2-99999999999999999999', '0--99999999999999999999-1', '99999999999999999999-99999999999999999999', '-', '1-']) {
    const bytes = Buffer.from(text)
    parseCpuFlags(bytes, bytes.length, flags)
  }
  const bytes = Buffer.from('1-2-99999999999999999999')
  parseCpuFlags(bytes, bytes.length, flags)
  expect([...flags]).toEqual([0, 1, 1, 0])
})
