import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeRng } from '../../src/core/rng.ts'
import { type GroupWeights, groupArchitecture, groupMacs, groupParameters } from '../../src/network/architecture.ts'
import { hashOf, type NetworkManifest } from '../../src/network/manifest.ts'
import { inputName, makeGroupModel, outputName } from '../../src/network/onnx/group-model.ts'
import { encodeModel } from '../../src/network/onnx/model.ts'

const groups = 4
const classes = 4

/**
 * Writes a network of four increments into a new folder: the shape of the shipped one, small enough to answer in a fraction of a
 * millisecond, its weights from a seed. It knows nothing: its accuracies are made up.
 */
export function writeSmallNetwork(seed = 1): string {
  const dir = mkdtempSync(join(tmpdir(), 'flyball-small-network-'))
  writeSmallNetworkTo(dir, seed)
  return dir
}

export function writeSmallNetworkTo(dir: string, seed = 1): void {
  mkdirSync(dir, { recursive: true })
  const architecture = groupArchitecture(4, [3, 16, 16], classes)
  const rng = makeRng(seed)
  const random = (n: number, scale: number): Float32Array => Float32Array.from({ length: n }, () => scale * rng.normal())
  const units = Array.from({ length: groups }, (_, g) => {
    const weights: GroupWeights = {
      convs: architecture.convs.map(({ inChannels, outChannels }) => ({
        kernel: random(9 * inChannels * outChannels, Math.sqrt(2 / (9 * inChannels))),
        bias: random(outChannels, 0.1),
      })),
      dense: { kernel: random(architecture.features * classes, 0.5), bias: random(classes, 0.1) },
    }
    const bytes = encodeModel(makeGroupModel(`group${g + 1}`, architecture, weights))
    const file = `group${g + 1}.onnx`
    writeFileSync(join(dir, file), bytes)
    return { file, sha256: hashOf(bytes), sizeB: bytes.length, macs: groupMacs(architecture), parameters: groupParameters(architecture) }
  })
  const manifest: NetworkManifest = {
    schema: 'flyball-network/1',
    name: `small-${seed}`,
    kind: 'increments',
    input: { name: inputName, shape: [1, 3, 16, 16], dtype: 'float32' },
    output: { name: outputName, classes, labels: ['north', 'east', 'south', 'west'] },
    units,
    subnets: Array.from({ length: groups }, (_, s) => ({
      name: `${25 * (s + 1)}`,
      units: Array.from({ length: s + 1 }, (_, u) => u),
      macs: (s + 1) * groupMacs(architecture),
      parameters: (s + 1) * groupParameters(architecture),
      accuracy: { top1: [0.55, 0.63, 0.67, 0.69][s] as number, images: 100, quality: 'estimated' },
      temperature: 1,
    })),
  }
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest))
}
