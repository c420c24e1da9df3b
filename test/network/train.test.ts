import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addLogits, indexOfLargest, unitBits } from '../../src/network/answer.ts'
import { fillInput, type Normalisation, normalisationTable } from '../../src/network/dataset/image-set.ts'
import { finishTraining } from '../../src/network/finish-training.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { openSession } from '../../src/network/session.ts'
import { type TrainingInput, type TrainingProgress, trainGroups } from '../../src/network/train.ts'
import { openBackend } from '../../src/network/training/backend.ts'
import { epochFile } from '../../src/network/training/epoch-file.ts'
import { incrementFile, type TrainingSettings, trainingFile } from '../../src/network/training/state.ts'
import { darkAndLight, makeTempDir } from './support.ts'

const settings: TrainingSettings = {
  dataset: 'dark-and-light',
  groups: 2,
  width: 2,
  epochs: 4,
  laterEpochs: 4,
  batchSize: 16,
  learningRate: 0.06,
  labelSmoothing: 0,
  shiftPx: 1,
  flip: true,
  cutoutPx: 2,
  heldOut: 32,
  seed: 7,
}
const data = darkAndLight(160, 1)

async function train(out: string, over: Partial<TrainingInput> = {}) {
  let seconds = 0
  return trainGroups({ settings, backend: await openBackend('wasm'), data, out, now: () => seconds++, ...over })
}

const bytesOf = (dir: string): Uint8Array[] => [1, 2].map((group) => readFileSync(join(dir, incrementFile(group))))

describe('a tiny training', () => {
  test('learns, reports, and leaves a network whose accuracy is measured through ONNX Runtime', async () => {
    const out = makeTempDir()
    const seen: TrainingProgress[] = []
    const trained = await train(out, { onProgress: (progress) => seen.push(progress) })
    const test = darkAndLight(100, 2)
    await finishTraining({ trained, name: 'tiny', dir: out, test, command: 'flyball network train', date: '2025-01-01T00:00:00Z' })
    const last = seen.at(-1) as TrainingProgress
    expect([last.group, last.epoch, last.batch, last.remainingS]).toEqual([2, 4, 8, 0])
    expect(last.loss).toBeLessThan((seen[7] as TrainingProgress).loss / 2)

    const network = openNetwork(out)
    const { subnets, units, input } = network.manifest
    expect(subnets.map(({ name }) => name)).toEqual(['50', '100'])
    expect(subnets.map(({ macs }) => macs)).toEqual([1, 2].map((n) => n * (units[0]?.macs as number)))
    expect(subnets.at(-1)?.accuracy).toMatchObject({ images: 100, quality: 'measured' })
    expect(subnets.at(-1)?.accuracy.top1).toBeGreaterThan(0.9)
    expect(subnets.at(-1)?.calibration).toMatchObject({ images: 100, fittedOn: 32 })
    expect(network.manifest.training?.heldOut).toBe(32)

    // The manifest's number is what one gets by asking image after image.
    const session = await openSession(network)
    const table = normalisationTable(input.normalisation as Normalisation)
    const unitLogits = new Float32Array(4)
    const logits = new Float32Array(2)
    let correct = 0
    for (let i = 0; i < test.count; i++) {
      fillInput(test, i, table, session.input)
      for (const unit of [0, 1]) unitLogits.set(await session.run(unit), unit * 2)
      addLogits(unitLogits, unitBits(network, 1), logits)
      if (indexOfLargest(logits) === test.labels[i]) correct++
    }
    await session.close()
    expect(correct / test.count).toBe(subnets.at(-1)?.accuracy.top1)
  })

  test('gives the same files for the same seed and others for another', async () => {
    const [one, two, three] = [makeTempDir(), makeTempDir(), makeTempDir()]
    await train(one)
    await train(two)
    await train(three, { settings: { ...settings, seed: 8 } })
    expect(bytesOf(two)).toEqual(bytesOf(one))
    expect(bytesOf(three)[0]).not.toEqual(bytesOf(one)[0])
  })

  test.each([
    ['in the middle of the first group', 1, 2],
    ['at the last epoch of the first group, before its increment is written', 1, 4],
    ['in the middle of the second group', 2, 1],
  ])('goes on after an interruption %s as if there had been none', async (_, group, epochs) => {
    const [whole, broken] = [makeTempDir(), makeTempDir()]
    await train(whole)
    const pull = (...at: number[]): void => {
      if (at[0] === group && at[1] === epochs) throw new Error('power cut')
    }
    await expect(train(broken, { onEpoch: pull })).rejects.toThrow('power cut')
    const seen: TrainingProgress[] = []
    await train(broken, { resume: true, onProgress: (progress) => seen.push(progress) })
    const next = epochs === settings.epochs ? [group + 1, 1] : [group, epochs + 1]
    expect([seen[0]?.group, seen[0]?.epoch]).toEqual(next)
    expect(bytesOf(broken)).toEqual(bytesOf(whole))
    expect(existsSync(join(broken, epochFile))).toBe(false)
  })

  test('goes on after a finished group', async () => {
    const [whole, broken] = [makeTempDir(), makeTempDir()]
    await train(whole)
    const pull = (): never => {
      throw new Error('power cut')
    }
    await expect(train(broken, { onGroup: pull })).rejects.toThrow('power cut')
    const groups = new Set<number>()
    await train(broken, { resume: true, onProgress: ({ group }) => groups.add(group) })
    expect([...groups]).toEqual([2])
    expect(bytesOf(broken)).toEqual(bytesOf(whole))
  })

  test('does not go on with other settings', async () => {
    const out = makeTempDir()
    await train(out)
    await expect(train(out, { resume: true, settings: { ...settings, seed: 8 } })).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
  })

  test('does not go on with other images, though their statistics are the same', async () => {
    const out = makeTempDir()
    await train(out)
    const labels = Uint8Array.from(data.labels, (label, i) => (i === 0 ? 1 - label : label))
    await expect(train(out, { resume: true, data: { ...data, labels } })).rejects.toThrow(/other images .*--force to start over/)
    await expect(train(out, { resume: true, data: darkAndLight(170, 1) })).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
    // One begun before the images were noted goes on, and notes them.
    const state = JSON.parse(readFileSync(join(out, trainingFile), 'utf8'))
    const { sha256 } = state.data
    delete state.data
    writeFileSync(join(out, trainingFile), JSON.stringify(state))
    await train(out, { resume: true })
    expect(JSON.parse(readFileSync(join(out, trainingFile), 'utf8')).data.sha256).toBe(sha256)
  })

  test('started over leaves nothing of the training and the network before', async () => {
    const [out, fresh] = [makeTempDir(), makeTempDir()]
    await train(out)
    writeFileSync(join(out, 'manifest.json'), '{}')
    writeFileSync(join(out, 'notes.txt'), 'my own')
    const pull = (): never => {
      throw new Error('power cut')
    }
    await expect(train(out, { onEpoch: pull })).rejects.toThrow('power cut')
    expect(readdirSync(out).sort()).toEqual([epochFile, 'notes.txt', trainingFile])
    // The epoch that the interrupted one left is not gone on with.
    const other = { settings: { ...settings, groups: 1, seed: 8 } }
    await train(out, other)
    await train(fresh, other)
    expect(readFileSync(join(out, incrementFile(1)))).toEqual(readFileSync(join(fresh, incrementFile(1))))
  })

  test.each([
    [{ groups: 0 }, 'ERR_RANGE'],
    [{ groups: 32 }, 'ERR_RANGE'],
    [{ epochs: 1.5 }, 'ERR_RANGE'],
    [{ learningRate: 0 }, 'ERR_RANGE'],
    [{ heldOut: 160 }, 'ERR_RANGE'],
    [{ shiftPx: 8 }, 'ERR_RANGE'],
    [{ cutoutPx: -1 }, 'ERR_RANGE'],
    [{ labelSmoothing: 1 }, 'ERR_RANGE'],
  ])('refuses %j', async (over, code) => {
    await expect(train(makeTempDir(), { settings: { ...settings, ...over } })).rejects.toMatchObject({ code })
  })
})
