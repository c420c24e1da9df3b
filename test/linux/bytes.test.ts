import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstNumber, nextLine, nextNumber, startsWith } from '../../src/linux/bytes.ts'

const scan = (text: string): number[] => {
  const buffer = Buffer.from(text)
  const cursor = { at: 0 }
  const found: number[] = []
  for (let value = nextNumber(buffer, buffer.length, cursor); !Number.isNaN(value); value = nextNumber(buffer, buffer.length, cursor))
    found.push(value)
  return found
}

describe('numbers out of bytes', () => {
  it('reads what the kernel writes', () => {
    expect(scan('cpu0 6044 0 -3 \n')).toEqual([0, 6044, 0, -3])
    expect(firstNumber(Buffer.from('-274000\n'), 8)).toBe(-274000)
    expect(firstNumber(Buffer.from('262143328850\n'), 13)).toBe(262143328850)
    expect(firstNumber(Buffer.from('\n'), 1)).toBeNaN()
    expect(firstNumber(Buffer.from('<unsupported>\n'), 14)).toBeNaN()
  })

  it('stops at the end it is given, not at that of the buffer', () => {
    expect(firstNumber(Buffer.from('12345'), 3)).toBe(123)
    expect(firstNumber(Buffer.from('12345'), 0)).toBeNaN()
  })

  it('gives back any list of integers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        expect(scan(values.join(' '))).toEqual(values.map((value) => value + 0))
      }),
    )
  })

  it('finds lines and prefixes', () => {
    const buffer = Buffer.from('ab\ncd')
    expect(nextLine(buffer, 5, 0)).toBe(3)
    expect(nextLine(buffer, 5, 3)).toBe(5)
    expect(startsWith(buffer, 5, 3, Buffer.from('cd'))).toBe(true)
    expect(startsWith(buffer, 4, 3, Buffer.from('cd'))).toBe(false)
  })
})
