import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { networkCommand } from '../../src/cli/network/network.ts'
import { makeTempDir, twoIncrements, writeNetwork } from './support.ts'

const run = (...args: string[]) => networkCommand().parseAsync(args, { from: 'user' })

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

test('an unreadable data set is told before any training', async () => {
  const [data, out] = [makeTempDir(), makeTempDir()]
  writeFileSync(join(data, 'data_batch_1.bin'), 'too short')
  await expect(run('train', '--data', data, '--out', join(out, 'new'))).rejects.toMatchObject({ code: 'ERR_DATASET' })
})
