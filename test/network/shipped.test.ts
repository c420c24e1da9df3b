import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { groupArchitecture, groupMacs, groupParameters } from '../../src/network/architecture.ts'
import { readCifar10 } from '../../src/network/dataset/cifar10.ts'
import { measureAccuracy } from '../../src/network/evaluate.ts'
import { type Network, openNetwork } from '../../src/network/manifest.ts'
import { readGroupWeights } from '../../src/network/onnx/group-model.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'
import { openSession } from '../../src/network/session.ts'
import { openBackend } from '../../src/network/training/backend.ts'
import { frozenLogits } from '../../src/network/training/model.ts'

const dir = join(import.meta.dirname, '../../checkpoints/networks/cifar10-g4')

describe('the shipped network', () => {
  let network: Network
  beforeAll(() => {
    network = openNetwork(dir)
  })

  test('has four sizes whose measured accuracies rise and reach 78, 82, 84 and 85 %', () => {
    const { subnets } = network.manifest
    expect(subnets.map(({ name }) => name)).toEqual(['25', '50', '75', '100'])
    subnets.forEach(({ accuracy }, s) => {
      expect(accuracy).toMatchObject({ images: 10_000, quality: 'measured' })
      expect(accuracy.top1).toBeGreaterThan(Math.max([0.78, 0.82, 0.84, 0.85][s] as number, subnets[s - 1]?.accuracy.top1 ?? 0))
    })
  })

  test('costs what its architecture says', () => {
    const architecture = groupArchitecture(16, [3, 32, 32], 10)
    for (const unit of network.manifest.units)
      expect(unit).toMatchObject({ macs: groupMacs(architecture), parameters: groupParameters(architecture) })
    expect(network.manifest.subnets.map(({ macs }) => (macs as number) / groupMacs(architecture))).toEqual([1, 2, 3, 4])
  })

  test('computes the same increments whichever others are loaded or run', async () => {
    const alone = await Promise.all([0, 1, 2, 3].map((unit) => openSession(network, { units: [unit] })))
    const together = await openSession(network)
    for (let seed = 0; seed < 5; seed++) {
      const image = makeSampleInput(network.manifest.input.shape, seed)
      together.input.set(image)
      for (const unit of [3, 1, 0, 2]) {
        const own = alone[unit] as (typeof alone)[number]
        own.input.set(image)
        expect([...(await together.run(unit))]).toEqual([...(await own.run(unit))])
      }
    }
    for (const session of [...alone, together]) await session.close()
  })

  test('gives the logits of TensorFlow.js within 1e-4', async () => {
    const backend = await openBackend('wasm')
    const { tf } = backend
    const architecture = groupArchitecture(16, [3, 32, 32], 10)
    const session = await openSession(network)
    const image = makeSampleInput(network.manifest.input.shape, 3)
    session.input.set(image)
    for (const unit of session.units) {
      const weights = readGroupWeights(readFileSync(network.fileOf(unit)), architecture, network.fileOf(unit))
      const wanted = tf.tidy(() => {
        const pixels = tf.transpose(tf.tensor4d(image, [1, 3, 32, 32]), [0, 2, 3, 1])
        return frozenLogits(backend, architecture, weights, pixels).dataSync()
      })
      const found = await session.run(unit)
      expect(Math.max(...found.map((x, k) => Math.abs(x - (wanted[k] as number))))).toBeLessThan(1e-4)
    }
    await session.close()
  })

  test('answers the first 1000 test images about as well as its manifest says', async ({ skip }) => {
    const data = process.env['FLYBALL_CIFAR10']
    if (data === undefined) return skip('FLYBALL_CIFAR10 does not name a folder with the binary version of CIFAR-10')
    const session = await openSession(network)
    const sizes = await measureAccuracy(network, session, readCifar10(data, 'test', 1000))
    await session.close()
    // Four standard deviations of a share of 1000 images are 0.06.
    sizes.forEach(({ top1, ece }, s) => {
      expect(Math.abs(top1 - (network.manifest.subnets[s]?.accuracy.top1 as number))).toBeLessThan(0.06)
      expect(ece).toBeLessThan(0.1)
    })
  })
})
