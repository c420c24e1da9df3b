import { expect, test } from 'vitest'
import { groupArchitecture, groupMacs, groupParameters } from '../../src/network/architecture.ts'

test('multiply-accumulates and parameters of a group, by hand', () => {
  // 3x3 kernels: 3 -> 2 on 8x8, 2 -> 4 on 4x4, 4 -> 8 and 8 -> 8 on 2x2, then 8 -> 5.
  const architecture = groupArchitecture(2, [3, 8, 8], 5)
  expect(architecture.convs.map(({ inChannels, outChannels, height }) => [inChannels, outChannels, height])).toEqual([
    [3, 2, 8],
    [2, 4, 4],
    [4, 8, 2],
    [8, 8, 2],
  ])
  expect(groupMacs(architecture)).toBe(9 * (3 * 2 * 64 + 2 * 4 * 16 + 4 * 8 * 4 + 8 * 8 * 4) + 8 * 5)
  expect(groupParameters(architecture)).toBe(9 * (6 + 8 + 32 + 64) + 2 + 4 + 8 + 8 + 40 + 5)
})
