import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hashOf, openNetwork } from '../../src/network/manifest.ts'
import { openSession, type SessionInput } from '../../src/network/session.ts'
import { linearModel, makeTempDir, twoIncrements, writeNetwork } from './support.ts'

function tinyNetwork() {
  const dir = makeTempDir()
  writeNetwork(dir, twoIncrements())
  return openNetwork(dir)
}

async function open(input?: SessionInput) {
  const session = await openSession(tinyNetwork(), input)
  onTestFinished(() => session.close())
  return session
}

describe('a session', () => {
  test('gives the logits of each unit for the present input', async () => {
    const session = await open()
    session.input.set([1, 2, 3, 4])
    // First unit: columns sum pixels 0 and 2, and 1 and 3. Second: 2 * pixel 0 to the right, 3 * pixel 3 to the left.
    expect([...(await session.run(0))]).toEqual([4.5, 5.5])
    expect([...(await session.run(1))]).toEqual([12, 2])
    session.input.fill(0)
    expect([...(await session.run(0))]).toEqual([0.5, -0.5])
  })

  test('reuses one array per unit', async () => {
    const session = await open()
    const [first, second] = [await session.run(0), await session.run(1)]
    expect(await session.run(0)).toBe(first)
    expect(second).not.toBe(first)
  })

  test('loads the chosen units alone', async () => {
    const session = await open({ units: [1] })
    expect(session.units).toEqual([1])
    session.input.set([1, 0, 0, 1])
    expect([...(await session.run(1))]).toEqual([3, 2])
    await expect(session.run(0)).rejects.toMatchObject({ code: 'ERR_INFERENCE' })
  })

  test('a closed session says so', async () => {
    const session = await open()
    await session.close()
    await session.close()
    await expect(session.run(0)).rejects.toMatchObject({ code: 'ERR_INFERENCE' })
  })

  test.each([
    ['input', { input: { name: 'image', shape: [1, 1, 4, 1], dtype: 'float32' } }, '\\[1, 1, 2, 2\\].*\\[1, 1, 4, 1\\]'],
    ['input', { input: { name: 'picture', shape: [1, 1, 2, 2], dtype: 'float32' } }, 'image.*picture'],
    ['output', { output: { name: 'logits', classes: 3, labels: ['a', 'b', 'c'] } }, '\\[1, 2\\].*\\[1, 3\\]'],
  ])('an %s that differs from the manifest is an error with both', async (end, fields, words) => {
    const dir = makeTempDir()
    writeNetwork(dir, { ...twoIncrements(), ...fields })
    await expect(openSession(openNetwork(dir))).rejects.toMatchObject({
      code: 'ERR_NETWORK_SHAPE',
      message: expect.stringMatching(`a\\.onnx: ${end} is float32 .*${words}`),
    })
  })

  test('a file that is no model is an error that names it', async () => {
    const dir = makeTempDir()
    const manifest = twoIncrements()
    const bytes = Uint8Array.of(1, 2, 3)
    const units = manifest.units.map((unit, u) => (u === 1 ? { ...unit, sizeB: 3, sha256: hashOf(bytes) } : unit))
    writeNetwork(dir, { ...manifest, units }, { 'a.onnx': linearModel([1, 0, 0, 1, 1, 0, 0, 1], [0.5, -0.5]), 'b.onnx': bytes })
    await expect(openSession(openNetwork(dir))).rejects.toMatchObject({ code: 'ERR_NETWORK_FILE', message: expect.stringContaining('b.onnx') })
  })
})

test('ONNX Runtime runs in a worker thread beside the main one', async () => {
  const network = tinyNetwork()
  const session = await openSession(network)
  onTestFinished(() => session.close())
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { InferenceSession, Tensor } = require('onnxruntime-node')
    InferenceSession.create(workerData).then(async (session) => {
      const { logits } = await session.run({ image: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2]) })
      parentPort.postMessage([...logits.data])
    })`
  const worker = new Worker(program, { eval: true, workerData: network.fileOf(0) })
  const answer = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  session.input.set([1, 2, 3, 4])
  expect(answer).toEqual([...(await session.run(0))])
})

test('serving loads neither TensorFlow nor protobufjs: what session.ts imports, and what that imports', () => {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const [, kind, name] of readFileSync(path, 'utf8').matchAll(/^(import type|import|export)\b[^']*?from '([^']+)'/gms)) {
      if (kind === 'import type') continue
      if (name?.startsWith('.')) visit(join(dirname(path), name))
      else packages.add(name as string)
    }
  }
  for (const file of ['session.ts', 'manifest.ts', 'answer.ts', 'sample-input.ts']) visit(join(import.meta.dirname, '../../src/network', file))
  expect([...packages].filter((name) => !name.startsWith('node:')).sort()).toEqual(['onnxruntime-node', 'valibot'])
})
