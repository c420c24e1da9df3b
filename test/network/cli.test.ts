import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test, vi } from 'vitest'
import { networkCommand } from '../../src/cli/network/network.ts'
import { openNetwork } from '../../src/network/manifest.ts'
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

test('a folder of images becomes a network that tells its classes apart', async () => {
  const [data, out] = [makeTempDir(), join(makeTempDir(), 'net')]
  for (const part of ['train', 'test'])
    for (const [name, level] of [
      ['dark', 40],
      ['light', 200],
    ] as const) {
      mkdirSync(join(data, part, name), { recursive: true })
      for (let i = 0; i < 24; i++)
        await sharp(Buffer.alloc(3 * 10 * 12, level + i), { raw: { width: 12, height: 10, channels: 3 } }).toFile(join(data, part, name, `${i}.png`))
    }
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const shape = [
    '--dataset',
    'folder',
    '--data',
    data,
    '--size',
    '8',
    '--groups',
    '2',
    '--width',
    '2',
    '--epochs',
    '8',
    '--shift',
    '1',
    '--cutout',
    '0',
  ]
  await run('train', ...shape, '--backend', 'wasm', '--out', out, '--json')
  const trained = JSON.parse(write.mock.calls.map(([text]) => text).join(''))
  expect(trained).toMatchObject({ network: out, backend: 'wasm' })
  expect(trained.subnets.at(-1).accuracy).toEqual({ top1: 1, images: 48, quality: 'measured' })
  const { manifest } = openNetwork(out)
  expect([manifest.name, manifest.output.labels, manifest.input.shape]).toEqual(['folder-g2', ['dark', 'light'], [1, 3, 8, 8]])
  expect(manifest.training?.command).toContain(
    '--dataset folder --size 8 --data DIR --groups 2 --width 2 --epochs 8 --later-epochs 18 --batch-size 8',
  )
})
