import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import type { ImageSet } from '../../src/network/dataset/image-set.ts'
import { hashOf, type NetworkManifest } from '../../src/network/manifest.ts'
import { encodeModel } from '../../src/network/onnx/model.ts'

/** A folder that is gone after the test. */
export function makeTempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'flyball-network-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A linear unit: logits [1, 2] of an image [1, 1, 2, 2], kernel [4, 2] row by row. */
export function linearModel(kernel: readonly number[], bias: readonly number[]): Uint8Array {
  return encodeModel({
    name: 'linear',
    inputs: [{ name: 'image', shape: [1, 1, 2, 2] }],
    outputs: [{ name: 'logits', shape: [1, 2] }],
    initializers: [
      { name: 'kernel', shape: [4, 2], values: Float32Array.from(kernel) },
      { name: 'bias', shape: [2], values: Float32Array.from(bias) },
    ],
    nodes: [
      { op: 'Flatten', inputs: ['image'], output: 'flat', attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['flat', 'kernel', 'bias'], output: 'logits' },
    ],
  })
}

export const firstUnit = linearModel([1, 0, 0, 1, 1, 0, 0, 1], [0.5, -0.5])
export const secondUnit = linearModel([0, 2, 0, 0, 0, 0, 3, 0], [0, 0])

/** The manifest of two linear increments. */
export function twoIncrements(): NetworkManifest {
  const unit = (file: string, bytes: Uint8Array) => ({ file, sha256: hashOf(bytes), sizeB: bytes.length, macs: 8, parameters: 10 })
  return {
    schema: 'flyball-network/1',
    name: 'two-linear',
    kind: 'increments',
    input: { name: 'image', shape: [1, 1, 2, 2], dtype: 'float32' },
    output: { name: 'logits', classes: 2, labels: ['left', 'right'] },
    units: [unit('a.onnx', firstUnit), unit('b.onnx', secondUnit)],
    subnets: [
      { name: '50', units: [0], macs: 8, parameters: 10, accuracy: { top1: 0.6, images: 100, quality: 'measured' }, temperature: 1 },
      { name: '100', units: [0, 1], macs: 16, parameters: 20, accuracy: { top1: 0.7, images: 100, quality: 'measured' }, temperature: 1.5 },
    ],
  }
}

/** Writes a network; `manifest` as it is, right or wrong. */
export function writeNetwork(
  dir: string,
  manifest: unknown,
  files: Record<string, Uint8Array> = { 'a.onnx': firstUnit, 'b.onnx': secondUnit },
): void {
  for (const [name, bytes] of Object.entries({ ...files, 'manifest.json': JSON.stringify(manifest) })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), bytes)
  }
}

/** Images [3, 8, 8] of noise around a level that their class sets: dark or light. */
export function darkAndLight(count: number, seed: number): ImageSet {
  const rng = makeRng(seed)
  const labels = Uint8Array.from({ length: count }, () => rng.int(2))
  const pixels = new Uint8Array(count * 192)
  for (let i = 0; i < pixels.length; i++) pixels[i] = (labels[Math.floor(i / 192)] === 1 ? 150 : 50) + rng.int(60)
  return { name: 'dark-and-light', count, shape: [3, 8, 8], pixels, labels, classes: ['dark', 'light'] }
}
