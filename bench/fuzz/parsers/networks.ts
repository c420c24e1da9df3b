import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readLabels } from '../../../src/cli/network/add-values.ts'
import { encodeModel, readInitializers } from '../../../src/network/onnx/model.ts'
import { countParameters } from '../../../src/network/onnx/parameters.ts'
import { epochFile, readEpoch, writeEpoch } from '../../../src/network/training/epoch-file.ts'
import { readState, trainingFile } from '../../../src/network/training/state.ts'
import { type FuzzedParser, promise, verdictOf } from '../parser.ts'
import { scratchFolder } from '../scratch.ts'

/** Files of one name in a folder of their own. */
function inFolder(name: string, file: string, given: Omit<FuzzedParser, 'parse' | 'close' | 'name'>, read: (dir: string) => void): FuzzedParser {
  const dir = scratchFolder()
  return {
    ...given,
    name,
    parse(input) {
      writeFileSync(join(dir, file), input)
      return verdictOf(() => read(dir))
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const sampleModel = (): Buffer =>
  Buffer.from(
    encodeModel({
      name: 'sample',
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: [{ name: 'y', shape: [1, 2] }],
      nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], output: 'y', attributes: { alpha: { float: 1 }, transB: 0 } }],
      initializers: [
        { name: 'w', shape: [4, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
        { name: 'b', shape: [2], values: Int8Array.of(1, -2) },
      ],
    }),
  )

const onnx: FuzzedParser = {
  name: 'onnx',
  covers: ['src/network/onnx/model.ts readInitializers'],
  form: 'bytes',
  corpus: () => [sampleModel()],
  parse: (input) =>
    verdictOf(() => {
      for (const { shape, values } of readInitializers(input, 'x.onnx').values())
        promise(values.length === shape.reduce((a, b) => a * b, 1), 'a tensor has as many numbers as its shape says')
    }),
}

const parameters: FuzzedParser = {
  name: 'onnx-parameters',
  covers: [],
  modules: ['src/network/onnx/parameters.ts'],
  form: 'bytes',
  corpus: () => [sampleModel()],
  parse: (input) => verdictOf(() => promise(countParameters(input, 'x.onnx') >= 0, 'parameters are counted')),
}

const epoch = (): FuzzedParser =>
  inFolder(
    'training-epoch',
    epochFile,
    {
      covers: ['src/network/training/epoch-file.ts readEpoch'],
      form: 'text',
      corpus() {
        const dir = scratchFolder()
        try {
          writeEpoch(dir, { group: 0, epochs: 3, trainedS: 1, arrays: [Float32Array.of(1, 2, 3), new Float32Array(5)] })
          return [readFileSync(join(dir, epochFile))]
        } finally {
          rmSync(dir, { recursive: true, force: true })
        }
      },
    },
    (dir) => void readEpoch(dir, 0),
  )

const state = (): FuzzedParser =>
  inFolder(
    'training-state',
    trainingFile,
    {
      covers: ['src/network/training/state.ts readState'],
      form: 'json',
      corpus: () => [
        Buffer.from(
          JSON.stringify({
            ...{ schema: 'flyball-training/2', backend: 'wasm', settings: { dataset: 'd', groups: 4, flip: true } },
            results: [{ heldOutAccuracy: 0.5, temperature: 1, trainingS: 2 }],
            data: { shape: [3, 32, 32], classes: ['a', 'b'], normalisation: { mean: [0, 0, 0], std: [1, 1, 1] }, images: 5, sha256: 'x' },
          }),
        ),
      ],
    },
    (dir) => void readState(dir),
  )

const labels = (): FuzzedParser =>
  inFolder(
    'class-names',
    'labels.txt',
    { covers: ['src/cli/network/add-values.ts readLabels'], form: 'text', corpus: () => [Buffer.from('cat\ndog\r\nship of war\n')] },
    (dir) =>
      promise(
        readLabels(join(dir, 'labels.txt')).every((name) => name !== ''),
        'no class is nameless',
      ),
  )

export const networkParsers = (): FuzzedParser[] => [onnx, parameters, epoch(), state(), labels()]
