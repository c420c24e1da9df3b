import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ExportInput, exportNetwork, mostDifference } from '../../../src/network/export/export.ts'
import { finishTraining } from '../../../src/network/finish-training.ts'
import { readGroups } from '../../../src/network/groups.ts'
import { manifestFile, openNetwork } from '../../../src/network/manifest.ts'
import { type OnnxTensor, readInitializers } from '../../../src/network/onnx/model.ts'
import { trainGroups } from '../../../src/network/train.ts'
import { type Backend, openBackend } from '../../../src/network/training/backend.ts'
import { readState, type TrainingSettings, trainingFile } from '../../../src/network/training/state.ts'
import { darkAndLight, makeTempDir } from '../support.ts'

const settings: TrainingSettings = {
  ...{ dataset: 'dark-and-light', groups: 3, width: 2, epochs: 3, laterEpochs: 3, batchSize: 16, learningRate: 0.06, labelSmoothing: 0 },
  ...{ shiftPx: 1, flip: true, cutoutPx: 2, heldOut: 32, seed: 7 },
}
const [train, testImages] = [darkAndLight(160, 1), darkAndLight(100, 2)]
const readData = async () => ({ train, test: testImages })
let backend: Backend
/** What a training of three groups leaves when it is stopped after the second. */
let stopped: { file: string; bytes: Uint8Array }[]
let finished: { file: string; bytes: Uint8Array }[]

beforeAll(async () => {
  backend = await openBackend('wasm')
  const dir = mkdtempSync(join(tmpdir(), 'flyball-export-'))
  const files = (names: string[]) => names.map((file) => ({ file, bytes: readFileSync(join(dir, file)) }))
  const increments = ['increment-1.onnx', 'increment-2.onnx']
  const trained = trainGroups({
    ...{ settings, backend, data: train, out: dir, now: () => 0 },
    onGroup(group) {
      if (group === 2) stopped = files([trainingFile, ...increments])
    },
  })
  await finishTraining({ trained, name: 'tiny', dir, test: testImages, command: 'flyball network train', date: '2025-01-01T00:00:00Z' })
  finished = files([trainingFile, manifestFile, ...increments, 'increment-3.onnx'])
  rmSync(dir, { recursive: true })
})

/** The file with other numbers in one tensor; its bytes stand in the file as they are. */
function change(path: string, name: string, turn: (values: Float32Array) => Float32Array): void {
  const bytes = readFileSync(path)
  const { values } = readInitializers(bytes, path).get(name) as OnnxTensor
  const at = bytes.indexOf(Buffer.from(values.buffer))
  writeFileSync(
    path,
    Buffer.concat([bytes.subarray(0, at), Buffer.from(turn(values as Float32Array).buffer), bytes.subarray(at + values.byteLength)]),
  )
}

function folderOf(files: typeof stopped): string {
  const dir = makeTempDir()
  for (const { file, bytes } of files) writeFileSync(join(dir, file), bytes)
  return dir
}

const run = (dir: string, over: Partial<ExportInput> = {}) =>
  exportNetwork({ dir, out: join(makeTempDir(), 'out'), backend, images: 20, date: '2025-01-02T00:00:00Z', ...over })

describe('an export in float32', () => {
  test('of a finished network computes what TensorFlow.js does and keeps what was measured', async () => {
    const { network, difference, images } = await run(folderOf(finished))
    expect(images).toBe(20)
    expect(difference.units).toHaveLength(3)
    for (const each of difference.units) expect(each).toBeLessThanOrEqual(mostDifference)
    expect(difference.sameAnswer).toEqual([1, 1, 1])
    const [before, after] = [openNetwork(folderOf(finished)).manifest, openNetwork(network.dir).manifest]
    expect(after).toEqual({ ...before, precision: 'float32' })
  })

  test('of a training with two of three groups holds these two, by their shares of all three', async () => {
    const { network } = await run(folderOf(stopped))
    const { manifest } = openNetwork(network.dir)
    const state = readState(folderOf(stopped))
    expect([manifest.name, manifest.units.length]).toEqual(['dark-and-light-g3', 2])
    expect(manifest.subnets.map(({ name }) => name)).toEqual(['33', '67'])
    // Without a data set, what the training saw of its 32 held-out images.
    expect(manifest.subnets.map(({ accuracy }) => accuracy)).toEqual(
      state.results.map(({ heldOutAccuracy }) => ({ top1: heldOutAccuracy, images: 32, quality: 'estimated' })),
    )
    expect(manifest.input.normalisation).toEqual(state.data?.normalisation)
    expect(manifest.output.labels).toEqual(['dark', 'light'])
    expect(manifest.training).toMatchObject({ dataset: 'dark-and-light', seed: 7, backend: 'wasm', date: '2025-01-02T00:00:00Z' })
    expect(manifest.training?.command).toContain('--groups 3 --width 2 --epochs 3')
  })

  test('takes no folder that changed since the training: some that were learned would be held out', async () => {
    const dir = folderOf(stopped)
    const path = join(dir, trainingFile)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"dark-and-light"', '"folder"'))
    await run(dir, { readData })
    const other = async () => ({ train: darkAndLight(159, 1), test: testImages })
    await expect(run(dir, { readData: other })).rejects.toMatchObject({ code: 'ERR_DATASET', message: expect.stringContaining('unchanged') })
  })

  test('written over a network of more increments leaves none of them', async () => {
    const out = folderOf(finished.filter(({ file }) => file !== trainingFile))
    await run(folderOf(stopped), { out, force: true })
    expect(readdirSync(out).sort()).toEqual(['increment-1.onnx', 'increment-2.onnx', manifestFile])
    expect(openNetwork(out).manifest.units).toHaveLength(2)
  })

  test('of such a training measures the accuracies where there is a data set', async () => {
    const { network } = await run(folderOf(stopped), { readData })
    const { subnets } = openNetwork(network.dir).manifest
    for (const { accuracy, calibration } of subnets) {
      expect(accuracy).toMatchObject({ images: 100, quality: 'measured' })
      expect(calibration).toMatchObject({ images: 100, fittedOn: 32 })
    }
    // The first groups of the finished network are these, and were measured on the same images.
    const whole = openNetwork(folderOf(finished)).manifest.subnets
    expect(subnets.map(({ accuracy }) => accuracy.top1)).toEqual(whole.slice(0, 2).map(({ accuracy }) => accuracy.top1))
  })

  test('asks for the data set of the seed and the size of the network', async () => {
    const asked: object[] = []
    await run(folderOf(finished), {
      readData: (wanted) => {
        asked.push(wanted)
        return readData()
      },
    })
    expect(asked).toEqual([{ size: 8, seed: 7 }])
  })

  test('that computes something else is an error and leaves no network', async () => {
    const out = join(makeTempDir(), 'out')
    cpSync(folderOf(finished), out, { recursive: true })
    rmSync(join(out, trainingFile))
    const corrupt = (group: number): void => {
      if (group === 2) change(join(out, 'increment-2.onnx'), 'dense.bias', (bias) => bias.map((b) => b + 0.002))
    }
    await expect(run(folderOf(finished), { out, force: true, onIncrement: corrupt })).rejects.toMatchObject({
      code: 'ERR_EXPORT',
      message: expect.stringMatching(
        /increment-2\.onnx: a logit of onnxruntime-node differs from TensorFlow\.js by 0\.00\d+, expected at most 0\.0001/,
      ),
    })
    expect(existsSync(join(out, manifestFile))).toBe(false)
  })
})

describe('an export in int8', () => {
  test('has its own name, accuracies and temperatures, and answers as float32 does', async () => {
    const { network, difference } = await run(folderOf(finished), { readData, quantize: { calibrationImages: 64 }, images: 100 })
    const { manifest } = openNetwork(network.dir)
    expect([manifest.name, manifest.precision]).toEqual(['tiny-int8', 'int8'])
    for (const share of difference.sameAnswer) expect(share).toBeGreaterThan(0.95)
    const before = openNetwork(folderOf(finished)).manifest
    manifest.subnets.forEach(({ accuracy, calibration }, s) => {
      expect(accuracy).toMatchObject({ images: 100, quality: 'measured' })
      expect(calibration).toMatchObject({ images: 100, fittedOn: 32 })
      expect(Math.abs(accuracy.top1 - (before.subnets[s]?.accuracy.top1 as number))).toBeLessThanOrEqual(0.05)
    })
    // Int8 it is, and not the same numbers again.
    expect(Math.max(...difference.units)).toBeGreaterThan(mostDifference)
    expect(() => readGroups(network)).toThrow(/increment-1\.onnx: conv1\.kernel is quantized, expected float32/)
  })

  test('stores every weight within half a step of what it was', async () => {
    const dir = folderOf(finished)
    const { network } = await run(dir, { readData, quantize: { calibrationImages: 16 } })
    const float = readInitializers(readFileSync(join(dir, 'increment-1.onnx')), 'float')
    const int8 = readInitializers(readFileSync(network.fileOf(0)), 'int8')
    const stored = int8.get('conv4.kernel')?.values as Int8Array
    const scales = int8.get('conv4.kernel.scale')?.values as Float32Array
    const wanted = float.get('conv4.kernel')?.values as Float32Array
    expect([stored.length, scales.length]).toEqual([8 * 4 * 9, 8])
    wanted.forEach((w, k) => {
      const scale = scales[Math.floor(k / 36)] as number
      expect(Math.abs(w - scale * (stored[k] as number))).toBeLessThanOrEqual(0.5001 * scale)
    })
  })

  test('needs a data set, and without one leaves what is there', async () => {
    const out = folderOf(finished.filter(({ file }) => file !== trainingFile))
    const quantize = { calibrationImages: 64 }
    await expect(run(folderOf(finished), { out, force: true, quantize })).rejects.toMatchObject({ code: 'ERR_USAGE' })
    expect(openNetwork(out).manifest.name).toBe('tiny')
  })

  test('that answers otherwise is an error and leaves no network', async () => {
    const out = join(makeTempDir(), 'out')
    const swap = (group: number): void => {
      if (group === 1) change(join(out, 'increment-1.onnx'), 'dense.kernel', (kernel) => kernel.map((w) => -w))
    }
    await expect(run(folderOf(finished), { out, readData, quantize: { calibrationImages: 16 }, onIncrement: swap })).rejects.toMatchObject({
      code: 'ERR_EXPORT',
      message: expect.stringContaining('size 33 in int8 gives the answer of float32 to'),
    })
    expect(existsSync(join(out, manifestFile))).toBe(false)
  })
})

describe('an export refuses', () => {
  test('to write over a network, a training, or what it reads', async () => {
    const dir = folderOf(finished)
    const other = folderOf(finished.filter(({ file }) => file !== trainingFile))
    await expect(run(dir, { out: other })).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
    await expect(run(dir, { out: folderOf(stopped), force: true })).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
    await expect(run(dir, { out: join(dir, '.'), force: true })).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await expect(run(dir, { out: other, force: true })).resolves.toMatchObject({ images: 20 })
  })

  test.each([
    ['a folder without a network', [], 'ERR_NETWORK_MANIFEST'],
    ['a training without a finished group', [['results', []]], 'ERR_NETWORK_FILE'],
    ['a training of no width', [['settings', { ...settings, width: 0 }]], 'ERR_CHECKPOINT_CORRUPT'],
    ['a training that does not say what its data is', [['data', undefined]], 'ERR_CHECKPOINT_CORRUPT'],
  ] as const)('%s', async (_, changes, code) => {
    const dir = makeTempDir()
    if (changes.length > 0) {
      for (const { file, bytes } of stopped) writeFileSync(join(dir, file), bytes)
      const state = JSON.parse(readFileSync(join(dir, trainingFile), 'utf8')) as object
      writeFileSync(join(dir, trainingFile), JSON.stringify({ ...state, ...Object.fromEntries(changes) }))
    }
    await expect(run(dir)).rejects.toMatchObject({ code })
  })

  test('images of another shape', async () => {
    const wide = { ...testImages, shape: [3, 4, 16] as const }
    await expect(run(folderOf(finished), { readData: async () => ({ train, test: wide }) })).rejects.toMatchObject({ code: 'ERR_NETWORK_SHAPE' })
  })
})
