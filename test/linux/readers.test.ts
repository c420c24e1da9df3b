import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openKept, readKeptNumber } from '../../src/linux/kept-file.ts'
import { makeCpuPressure, parsePressure } from '../../src/linux/psi.ts'
import { makeCpuStat, parseStat } from '../../src/linux/stat.ts'
import { parseTask } from '../../src/linux/task.ts'
import { unpackArchive } from '../fixtures/boards/unpack.ts'

const board = unpackArchive(`
=== proc/stat
cpu  1000 0 0 0 0 0 0 0 0 0
cpu0 100 10 50 1000 7 1 2 3 900 0
cpu2 200 0 0 500 0 0 0 0 0 0
intr 535411 0 0
=== proc/pressure/cpu
some avg10=1.53 avg60=0.87 avg300=0.22 total=23505307
full avg10=0.00 avg60=0.00 avg300=0.00 total=7
=== proc/self/task/42/schedstat
1500000000 250000000 17
=== value
600000
=== private [mode 0400]
1
=== asleep [broken]
`)
afterAll(() => board.remove())
const path = (name: string) => join(board.root, name)

describe('kept files', () => {
  it('follow the file without opening it again', () => {
    const file = openKept(path('value'))
    if (file === undefined) throw new Error('no file')
    expect(readKeptNumber(file)).toBe(600000)
    writeFileSync(path('value'), '1400000\n')
    expect(readKeptNumber(file)).toBe(1400000)
    file.close()
    file.close()
    expect(readKeptNumber(file)).toBeNaN()
  })

  it('tell absent, denied and broken apart, and never throw', () => {
    expect(openKept(path('nothing'))).toBeUndefined()
    const denied = board.unprivileged(() => openKept(path('private')))
    expect(denied?.access).toBe('denied')
    expect(denied?.read()).toBe(0)
    const broken = openKept(path('asleep'))
    expect(broken?.read()).toBe(0)
    expect(broken?.access).toBe('broken')
    broken?.close()
  })
})

describe('/proc/stat', () => {
  it('gives seconds per CPU; a CPU without a line is NaN; guest time is not counted twice', () => {
    const stat = makeCpuStat(board.root, 4)
    expect(stat?.sample()).toBe(true)
    // cpu0: 100 + 10 + 50 + 1 + 2 + 3 ticks of 10 ms busy, and 1000 + 7 more.
    expect([...(stat?.busyS ?? [])]).toEqual([1.66, Number.NaN, 2, Number.NaN])
    expect([...(stat?.totalS ?? [])].map((value) => Math.round(value * 100))).toEqual([1173, Number.NaN, 700, Number.NaN])
    stat?.close()
    expect(stat?.sample()).toBe(false)
    expect(stat?.busyS[0]).toBeNaN()
  })

  it('copes with more CPUs than asked for and with a text cut off', () => {
    const text = Buffer.from('cpu  1 0 0 0 0 0 0 0\ncpu0 1 0 0 0 0 0 0 0\ncpu9 5 0 0 0')
    const busyS = new Float64Array(1)
    const totalS = new Float64Array(1)
    parseStat(text, text.length, busyS, totalS)
    expect(busyS[0]).toBe(0.01)
    parseStat(text, 0, busyS, totalS)
    expect(busyS[0]).toBeNaN()
  })
})

describe('pressure', () => {
  it('is the total of the some line, s', () => {
    const pressure = makeCpuPressure(board.root)
    expect(pressure?.sample()).toBeCloseTo(23.505307, 9)
    pressure?.close()
  })

  it('is absent without the file, and where it is built in but switched off', () => {
    expect(makeCpuPressure(path('nothing'))).toBeUndefined()
    const off = unpackArchive('=== proc/pressure/cpu [broken]\n')
    expect(makeCpuPressure(off.root)).toBeUndefined()
    off.remove()
  })

  it('is NaN in a text without it', () => {
    for (const text of ['', 'full avg10=0.00 total=7\n', 'some avg10=0.00\nfull total=7\n'])
      expect(parsePressure(Buffer.from(text), text.length)).toBeNaN()
  })
})

describe('threads', () => {
  it('may have parentheses and spaces in their names', () => {
    const after = Array.from({ length: 40 }, (_, i) => (i === 36 ? '5' : '0')).join(' ')
    expect(parseTask(`42 (a) b (c)) ${after}`)).toEqual({ name: 'a) b (c)', lastCpu: 5 })
    expect(parseTask('42 (torn')).toBeUndefined()
    expect(parseTask('42 (torn) S 1')).toBeUndefined()
  })
})
