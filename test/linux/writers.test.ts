import { describe, expect, it, onTestFinished } from 'vitest'
import { likelyWriters, writerText } from '../../src/linux/writers.ts'
import { unpackArchive } from '../fixtures/boards/unpack.ts'

function rootWith(files: Record<string, string>): string {
  const tree = unpackArchive(
    Object.entries(files)
      .map(([path, text]) => `=== ${path}\n${text}\n`)
      .join(''),
  )
  onTestFinished(() => tree.remove())
  return tree.root
}

describe('who may have set a clock', () => {
  it('is told from the names of running processes, of which the kernel keeps 15 letters, and from what tools leave behind', () => {
    const root = rootWith({
      'proc/1/comm': 'systemd',
      'proc/400/comm': 'thermald',
      'proc/812/comm': 'power-profiles-',
      'proc/9000/comm': 'node',
      'proc/self/comm': 'tuned',
      'var/lib/nvpmodel/status': 'pmode:0002',
    })
    expect(likelyWriters(root)).toEqual(['power-profiles-daemon', 'thermald', 'nvpmodel'])
    expect(writerText(likelyWriters(root))).toBe('power-profiles-daemon or thermald or nvpmodel')
  })

  it('is an administrator or a script where nothing known runs', () => {
    const root = rootWith({ 'proc/1/comm': 'init', 'proc/20/comm': 'thermald-helper' })
    expect(likelyWriters(root)).toEqual([])
    expect(writerText([])).toBe('an administrator or a script')
  })
})
