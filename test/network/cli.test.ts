import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { networkCommand } from '../../src/cli/network/network.ts'
import { makeTempDir, twoIncrements, writeNetwork } from './support.ts'

const run = (...args: string[]) => networkCommand().parseAsync(args, { from: 'user' })

afterEach(() => vi.restoreAllMocks())

test.each([
  [['train', '--data', 'd', '--out', 'o', '--groups', '0'], 'ERR_RANGE'],
  [['train', '--data', 'd', '--out', 'o', '--epochs', 'many'], 'ERR_RANGE'],
  [['train', '--data', 'd', '--out', 'o', '--learning-rate', '-1'], 'ERR_RANGE'],
  [['train', '--data', 'd', '--out', 'o', '--backend', 'cpu'], 'commander.invalidArgument'],
  [['train', '--out', 'o'], 'commander.missingMandatoryOptionValue'],
  [['train', '--data', '/nonexistent', '--out', '/nonexistent/out'], 'ERR_DATASET'],
  [['eval', '/nonexistent', '--data', 'd'], 'ERR_NETWORK_MANIFEST'],
])('%j ends with %s', async (args, code) => {
  await expect(run(...args)).rejects.toMatchObject({ code })
})

test('a training does not write over a network unless it is told to', async () => {
  const out = makeTempDir()
  writeNetwork(out, twoIncrements())
  await expect(run('train', '--data', 'd', '--out', out)).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
})

test('eval --json prints one document with a row per size', async ({ skip }) => {
  const data = process.env['FLYBALL_CIFAR10']
  if (data === undefined) return skip('FLYBALL_CIFAR10 does not name a folder with the binary version of CIFAR-10')
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await run('eval', 'shipped:cifar10-groups4', '--data', data, '--images', '50', '--rounds', '130', '--json')
  const printed = JSON.parse(write.mock.calls.map(([text]) => text).join(''))
  expect(printed.sizes.map(({ subnet }: { subnet: string }) => subnet)).toEqual(['25', '50', '75', '100'])
  for (const size of printed.sizes) {
    expect(size.images).toBe(50)
    expect(size.latencyS.p50).toBeGreaterThan(0)
    expect(size.latencyS.p95).toBeGreaterThanOrEqual(size.latencyS.p50)
  }
})

test('an unreadable data set is told before any training', async () => {
  const [data, out] = [makeTempDir(), makeTempDir()]
  writeFileSync(join(data, 'data_batch_1.bin'), 'too short')
  await expect(run('train', '--data', data, '--out', join(out, 'new'))).rejects.toMatchObject({ code: 'ERR_DATASET' })
})
