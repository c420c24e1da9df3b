import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import { type GroupWeights, groupArchitecture } from '../../src/network/architecture.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeGroupModel } from '../../src/network/onnx/group-model.ts'
import { encodeModel } from '../../src/network/onnx/model.ts'
import { makeParameters } from '../../src/network/training/parameters.ts'
import { incrementFile, trainingFile, writeState } from '../../src/network/training/state.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
let training: string
beforeAll(() => {
  place = makeWorkplace()
  training = place.path('training')
  mkdirSync(training)
  writeTraining()
})
afterAll(() => place.remove())

/** A training of four groups of which two are finished; the weights are those it began with. */
function writeTraining(): void {
  const architecture = groupArchitecture(2, [3, 8, 8], 2)
  for (const group of [1, 2]) {
    const values = makeParameters(architecture, makeRng(group)).map((parameter) => parameter.values)
    const weights: GroupWeights = {
      convs: architecture.convs.map((_, i) => ({ kernel: values[2 * i] as Float32Array, bias: values[2 * i + 1] as Float32Array })),
      dense: { kernel: values.at(-2) as Float32Array, bias: values.at(-1) as Float32Array },
    }
    writeFileSync(join(training, incrementFile(group)), encodeModel(makeGroupModel(`increment-${group}`, architecture, weights)))
  }
  writeState(training, {
    backend: 'wasm',
    settings: {
      ...{ dataset: 'folder', groups: 4, width: 2, epochs: 3, laterEpochs: 3, batchSize: 16, learningRate: 0.06, labelSmoothing: 0 },
      ...{ shiftPx: 1, flip: true, cutoutPx: 2, heldOut: 32, seed: 7 },
    },
    results: [0.625, 0.75].map((heldOutAccuracy) => ({ heldOutAccuracy, temperature: 1.5, trainingS: 1 })),
    data: { shape: [3, 8, 8], classes: ['dark', 'light'], normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } },
  })
}

const exportTo = (out: string, ...args: string[]) => place.run('network', 'export', training, '--backend', 'wasm', '--out', out, ...args)

describe('flyball network export', () => {
  it('--json prints one document with every documented field', async () => {
    const out = place.path('json')
    const { status, stdout, stderr } = await exportTo(out, '--images', '5', '--json')
    expect(status, stderr).toBe(0)
    const printed = JSON.parse(stdout)
    expect(printed).toMatchObject({ network: out, precision: 'float32', opset: 17, irVersion: 8, backend: 'wasm', images: 5 })
    expect(printed.subnets).toEqual([
      { name: '25', accuracy: { top1: 0.625, images: 32, quality: 'estimated' }, temperature: 1.5, sameAnswer: 1 },
      { name: '50', accuracy: { top1: 0.75, images: 32, quality: 'estimated' }, temperature: 1.5, sameAnswer: 1 },
    ])
    for (const { file, sizeB, maxDifference } of printed.units) {
      expect(readFileSync(join(out, file)).length).toBe(sizeB)
      expect(maxDifference).toBeLessThanOrEqual(1e-4)
    }
    const text = readFileSync(fileURLToPath(new URL('../../docs/commands.md', import.meta.url)), 'utf8')
    for (const field of Object.keys(printed)) expect(text, field).toMatch(new RegExp(`^\\|.*\`${field}(\\[\\])?\``, 'm'))
  })

  it('says to people what the files are and that an accuracy is an estimate', async () => {
    const { status, stdout, stderr } = await exportTo(place.path('text'))
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('2 increments, float32, ONNX opset 17, IR version 8')
    expect(stdout).toMatch(/^largest difference of a logit from TensorFlow\.js on 64 made-up images: [\d.e-]+$/m)
    expect(stdout).toMatch(/^25 % +62\.50 % \(estimated: of the held-out images\) +100\.00 %/m)
    expect(stderr).toContain('backend wasm')
  })

  it('--quantize takes its ranges and its accuracies from a folder of images', async () => {
    const [data, out] = [place.path('photos'), place.path('int8')]
    for (const [name, level] of [
      ['dark', 60],
      ['light', 180],
    ] as const) {
      mkdirSync(join(data, name), { recursive: true })
      for (let i = 0; i < 20; i++)
        await sharp(Buffer.alloc(3 * 64, level + 2 * i), { raw: { width: 8, height: 8, channels: 3 } }).toFile(join(data, name, `${i}.png`))
    }
    const { status, stdout, stderr } = await exportTo(out, '--quantize', '--dataset', 'folder', '--data', data, '--json')
    expect(status, stderr).toBe(0)
    // A fifth of each class is the test part.
    expect(JSON.parse(stdout)).toMatchObject({ precision: 'int8', images: 8 })
    const { name, precision, subnets } = openNetwork(out).manifest
    expect([name, precision]).toEqual(['folder-g4-int8', 'int8'])
    for (const { accuracy } of subnets) expect(accuracy).toMatchObject({ images: 8, quality: 'measured' })
  })

  it('needs --data with --quantize, and --force where a network is', async () => {
    expect(await exportTo(place.path('none'), '--quantize')).toMatchObject({ status: 2, stderr: expect.stringMatching(/--data.*\[ERR_USAGE\]/) })
    expect(existsSync(place.path('none'))).toBe(false)
    const out = place.path('twice')
    expect(await exportTo(out)).toMatchObject({ status: 0 })
    expect(await exportTo(out)).toMatchObject({ status: 2, stderr: expect.stringMatching(/--force.*\[ERR_OUT_EXISTS\]/) })
    expect(await exportTo(out, '--force')).toMatchObject({ status: 0 })
    expect(await exportTo(training, '--force')).toMatchObject({ status: 2, stderr: expect.stringContaining('[ERR_USAGE]') })
  })

  it('refuses what is no network', async () => {
    const empty = place.path('empty')
    mkdirSync(empty)
    const exported = await place.run('network', 'export', empty, '--backend', 'wasm', '--out', place.path('of-empty'))
    expect(exported).toMatchObject({ status: 3, stderr: expect.stringContaining('[ERR_NETWORK_MANIFEST]') })
    writeFileSync(join(empty, trainingFile), '{')
    const broken = await place.run('network', 'export', empty, '--backend', 'wasm', '--out', place.path('of-empty'))
    expect(broken).toMatchObject({ status: 3, stderr: expect.stringContaining('[ERR_CHECKPOINT_CORRUPT]') })
  })
})
