import { expect, test } from 'vitest'
import { type GroupWeights, groupArchitecture } from '../../../src/network/architecture.ts'
import type { ImageSet } from '../../../src/network/dataset/image-set.ts'
import { normalisationTable } from '../../../src/network/dataset/image-set.ts'
import { calibrateGroup } from '../../../src/network/quantize/calibrate.ts'

const architecture = groupArchitecture(1, [1, 8, 8], 2)

/** Kernels of nothing: every ReLU gives its bias, but the residual layers add what comes in. */
const constant: GroupWeights = {
  convs: architecture.convs.map(({ inChannels, outChannels }, i) => ({
    kernel: new Float32Array(9 * inChannels * outChannels),
    bias: new Float32Array(outChannels).fill(i === 2 ? -0.5 : 1.275),
  })),
  dense: { kernel: new Float32Array(16), bias: new Float32Array(2) },
}

const set: ImageSet = {
  name: 'two levels',
  count: 2,
  shape: [1, 8, 8],
  pixels: Uint8Array.from({ length: 128 }, (_, i) => (i < 64 ? 0 : 255)),
  labels: Uint8Array.of(0, 1),
  classes: ['low', 'high'],
}

test('ranges are those that onnxruntime-node sees', async () => {
  const seen: number[] = []
  // Bytes 0 and 255 enter as -1 and 1.
  const table = normalisationTable({ mean: [0.5], std: [0.5] })
  const affines = await calibrateGroup(architecture, constant, set, table, (done) => seen.push(done))
  expect(seen).toEqual([1, 2, 3, 4])
  expect(affines.size).toBe(11)
  const rangeOf = (name: string) => {
    const { scale, zeroPoint } = affines.get(name) as { scale: number; zeroPoint: number }
    return [-scale * zeroPoint, scale * (255 - zeroPoint)]
  }
  // Within the centre of a bin of what is seen, and with 0 in it.
  const expected: Record<string, number[]> = {
    image: [-1, 1],
    'conv1.relu': [0, 1.275],
    conv3: [-0.5, 0],
    'conv3.relu': [0, 0.775],
    conv5: [0, 1.275],
    'conv5.relu': [0, 2.55],
  }
  for (const [name, [low, high]] of Object.entries(expected)) {
    expect(rangeOf(name)[0], name).toBeCloseTo(low as number, 1)
    expect(rangeOf(name)[1], name).toBeCloseTo(high as number, 1)
  }
})
