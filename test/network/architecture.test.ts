import { expect, test } from 'vitest'
import { groupArchitecture, groupMacs, groupParameters } from '../../src/network/architecture.ts'

test('multiply-accumulates and parameters of a group, by hand', () => {
  // 3x3 kernels: 3 -> 2 on 8x8; 2 -> 4 and 4 -> 4 on 4x4; 4 -> 8 and 8 -> 8 on 2x2; 8 -> 16 and 16 -> 16 on one pixel; then 16 -> 5.
  const architecture = groupArchitecture(2, [3, 8, 8], 5)
  expect(architecture.convs.map(({ inChannels, outChannels, height, residual }) => [inChannels, outChannels, height, residual])).toEqual([
    [3, 2, 8, false],
    [2, 4, 4, false],
    [4, 4, 4, true],
    [4, 8, 2, false],
    [8, 8, 2, true],
    [8, 16, 1, false],
    [16, 16, 1, true],
  ])
  expect(groupMacs(architecture)).toBe(9 * (6 * 64 + (8 + 16) * 16 + (32 + 64) * 4 + 128 + 256) + 16 * 5)
  expect(groupParameters(architecture)).toBe(9 * (6 + 8 + 16 + 32 + 64 + 128 + 256) + 2 + 2 * (4 + 8 + 16) + 80 + 5)
})
