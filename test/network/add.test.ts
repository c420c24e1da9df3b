import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { networkCommand } from '../../src/cli/network/network.ts'
import { dropDominated } from '../../src/network/add/dominance.ts'
import { resolveInput } from '../../src/network/add/resolve-input.ts'
import { openNetwork, parseManifest } from '../../src/network/manifest.ts'
import { encodeModel } from '../../src/network/onnx/model.ts'
import { countParameters } from '../../src/network/onnx/parameters.ts'
import { openSession } from '../../src/network/session.ts'
import { linearModel, makeTempDir, twoIncrements } from './support.ts'
import { byteModel, colourModel, detectorModel, placesModel, shapeModel, withWeightsOutside, writeModels } from './variant-models.ts'

const add = (...args: string[]) => networkCommand().parseAsync(['add', ...args], { from: 'user' })

/** The one document that a call prints. */
async function addJson(...args: string[]) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await add(...args, '--json')
  const printed = write.mock.calls.map(([text]) => text).join('')
  write.mockRestore()
  return JSON.parse(printed)
}

// Progress is not what is tested.
beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true))
afterEach(() => vi.restoreAllMocks())

/** Folders blue, green, red with `each` images of about that colour, of different sizes. */
async function colourFolder(each: number, names = ['red', 'green', 'blue']): Promise<string> {
  const dir = makeTempDir()
  for (const [c, name] of names.entries()) {
    mkdirSync(join(dir, name))
    for (let i = 0; i < each; i++) {
      const [width, height] = [10 + (i % 5), 9 + (i % 3)]
      const data = Buffer.alloc(width * height * 3, 40 + (i % 7))
      for (let k = c; k < data.length; k += 3) data[k] = 120 + 2 * (i % 50)
      await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(dir, name, `${i}.png`))
    }
  }
  return dir
}

describe('the input of a file', () => {
  const input = (shape: (number | string)[], type = 'float32') =>
    [{ name: 'x', isTensor: true as const, type, shape }] as InferenceSession.ValueMetadata[]

  test.each<[(number | string)[], string | undefined, [number, number] | undefined, string, number[]]>([
    [[1, 3, 224, 224], undefined, undefined, 'NCHW', [1, 3, 224, 224]],
    [[1, 224, 192, 3], undefined, undefined, 'NHWC', [1, 224, 192, 3]],
    [['batch', 3, 'height', 'width'], undefined, [320, 416], 'NCHW', [1, 3, 320, 416]],
    [['', 224, 224, 1], undefined, undefined, 'NHWC', [1, 224, 224, 1]],
    [['n', 'c', 'h', 'w'], 'NHWC', [8, 16], 'NHWC', [1, 8, 16, 3]],
    // What the file settles is not changed.
    [[1, 3, 64, 64], undefined, [32, 32], 'NCHW', [1, 3, 64, 64]],
    [[1, 3, 8, 3], 'NCHW', undefined, 'NCHW', [1, 3, 8, 3]],
  ])('%j with --layout %s and --size %j', (shape, layout, size, settled, resolved) => {
    expect(resolveInput('f.onnx', input(shape), layout as 'NCHW', size)).toEqual({ name: 'x', dtype: 'float32', layout: settled, shape: resolved })
  })

  test.each<[InferenceSession.ValueMetadata[], string, string]>([
    [[...input([1, 3, 8, 8]), ...input([1, 2])], 'ERR_NETWORK_SHAPE', 'expected one input'],
    [input([1, 3, 8, 8], 'float16'), 'ERR_NETWORK_SHAPE', 'expected float32 or uint8'],
    [input([1, 192]), 'ERR_NETWORK_SHAPE', 'expected four sizes'],
    [input([8, 3, 8, 8]), 'ERR_NETWORK_SHAPE', 'expected a batch of 1'],
    [input([1, 3, 8, 3]), 'ERR_USAGE', 'expected --layout'],
    [input([1, 4, 8, 8]), 'ERR_USAGE', 'expected --layout'],
    [input([1, 3, 'h', 8]), 'ERR_USAGE', 'expected --size'],
  ])('that cannot be taken is refused (%#)', (values, code, words) => {
    const call = () => resolveInput('f.onnx', values, undefined, undefined)
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(/^f\.onnx takes float(32|16) x \[/) }))
    expect(call).toThrow(words)
  })

  test('of four channels is refused', () => expect(() => resolveInput('f.onnx', input([1, 4, 8, 8]), 'NCHW', undefined)).toThrow('1 or 3 channels'))
})

test('parameters are the numbers of the weights', () => {
  expect(countParameters(linearModel([1, 0, 0, 1, 1, 0, 0, 1], [0, 0]), 'x')).toBe(10)
  expect(countParameters(colourModel({ size: 8, work: 2 }), 'x')).toBe(9 + 81)
  expect(() => countParameters(Uint8Array.of(1, 2, 3), 'x.onnx')).toThrow(
    expect.objectContaining({ code: 'ERR_NETWORK_FILE', message: expect.stringContaining('x.onnx') }),
  )
})

describe('dominance', () => {
  const rated = (name: string, latencyS: number, accuracy: number) => ({ name, latencyS, accuracy })

  test('leaves out what is slower and not more accurate, and names the fastest that beats it', () => {
    const variants = [rated('c', 3, 0.7), rated('a', 1, 0.6), rated('b', 2, 0.6), rated('d', 4, 0.65), rated('e', 5, 0.8)]
    const { kept, dropped } = dropDominated(variants)
    expect(kept.map(({ name }) => name)).toEqual(['a', 'c', 'e'])
    expect(dropped.map(({ variant, by }) => [variant.name, by.name])).toEqual([
      ['b', 'a'],
      ['d', 'c'],
    ])
  })

  test('of equals keeps the first', () => {
    expect(dropDominated([rated('a', 1, 0.6), rated('b', 1, 0.6)]).kept.map(({ name }) => name)).toEqual(['a'])
    expect(dropDominated([rated('a', 1, 0.6), rated('b', 1, 0.7)]).kept.map(({ name }) => name)).toEqual(['b'])
  })
})

describe('flyball network add', () => {
  test('measures accuracy on a labelled folder, drops the dominated, calibrates on other images than it checks', async () => {
    const [files, out] = [makeTempDir(), join(makeTempDir(), 'net')]
    // Class order is that of the folders: blue, green, red. `swapped` takes red for blue and is right for green alone.
    const paths = writeModels(files, {
      right: colourModel({ size: 16, gain: 8, order: [2, 1, 0], work: 60 }),
      swapped: colourModel({ size: 8, gain: 8, order: [0, 1, 2] }),
      slow: colourModel({ size: 16, gain: 8, order: [0, 1, 2], work: 90, inputName: 'picture', outputName: 'y' }),
    })
    const printed = await addJson(...paths, '--out', out, '--data', await colourFolder(40), '--rounds', '130', '--name', 'colours')
    expect(printed.variants.map(({ name }: { name: string }) => name)).toEqual(['swapped', 'right'])
    expect(printed.variants.map(({ accuracy }: { accuracy: number }) => accuracy)).toEqual([1 / 3, 1])
    expect(printed.dropped).toMatchObject([{ name: 'slow', by: 'swapped', accuracyQuality: 'measured' }])
    for (const variant of printed.variants) {
      expect(variant).toMatchObject({ accuracyQuality: 'measured', images: 120, calibration: { images: 60, fittedOn: 60 } })
      expect(variant.latencyS.p50).toBeGreaterThan(0)
      expect(variant.latencyS.p95).toBeGreaterThanOrEqual(variant.latencyS.p50)
    }
    // Always right: as sure as the fit allows. Right once in three: sure of one in three.
    expect(printed.variants[1].temperature).toBe(0.1)
    expect(printed.variants[0].temperature).toBeGreaterThan(1)

    const network = openNetwork(out)
    expect(network.manifest).toMatchObject({
      name: 'colours',
      kind: 'variants',
      output: { classes: 3, labels: ['blue', 'green', 'red'], scores: 'logits' },
      units: [
        { file: 'swapped.onnx', parameters: 9 },
        { file: 'right.onnx', parameters: 90, input: { shape: [1, 3, 16, 16] } },
      ],
      subnets: [
        { name: 'swapped', accuracy: { top1: 1 / 3, images: 120, quality: 'measured' } },
        { name: 'right', accuracy: { top1: 1, images: 120, quality: 'measured' } },
      ],
    })
    expect(existsSync(join(out, 'slow.onnx'))).toBe(false)
    await expect(add(...paths, '--out', out, '--accuracy', '0.5')).rejects.toMatchObject({ code: 'ERR_OUT_EXISTS' })
  })

  test('takes accuracies by name or in order, and calls them estimated', async () => {
    const [files, out] = [makeTempDir(), makeTempDir()]
    const paths = writeModels(files, { small: colourModel({ size: 8 }), large: colourModel({ size: 16, work: 60 }) })
    const named = await addJson(...paths, '--out', out, '--accuracy', 'large=0.9', '--accuracy', 'small=0.7', '--rounds', '20')
    expect(named.variants).toMatchObject([
      { name: 'small', accuracy: 0.7, accuracyQuality: 'estimated', images: 0, calibration: null, latencyS: { p95: null, n: 20 } },
      { name: 'large', accuracy: 0.9 },
    ])
    const ordered = await addJson(...paths, '--out', out, '--accuracy', '0.9', '--accuracy', '0.7', '--rounds', '20', '--force')
    expect(ordered).toMatchObject({ variants: [{ name: 'small', accuracy: 0.9 }], dropped: [{ name: 'large', by: 'small' }] })
    // Nothing of the network before is left.
    expect(readdirSync(out).sort()).toEqual(['manifest.json', 'small.onnx'])
    expect(openNetwork(out).manifest.output.labels).toEqual(['0', '1', '2'])
  })

  test('finds probabilities, and a session gives their logarithms', async () => {
    const [files, out] = [makeTempDir(), makeTempDir()]
    const paths = writeModels(files, { soft: colourModel({ size: 8, softmax: true }), plain: colourModel({ size: 16, work: 60 }) })
    await addJson(
      ...paths,
      '--out',
      out,
      '--accuracy',
      '0.7',
      '--accuracy',
      '0.9',
      '--rounds',
      '5',
      '--channels',
      'bgr',
      '--scale',
      '1/127.5',
      '--mean',
      '1',
    )
    const network = openNetwork(out)
    expect(network.manifest).toMatchObject({
      input: { channels: 'bgr', scale: 1 / 127.5, normalisation: { mean: [1, 1, 1], std: [1, 1, 1] } },
      output: { scores: 'probabilities' },
      units: [{ file: 'soft.onnx' }, { file: 'plain.onnx', scores: 'logits' }],
    })
    const session = await openSession(network)
    session.input.fill(0)
    for (let k = 0; k < 64; k++) session.input[k] = 2
    const logits = [...(await session.run(0))]
    await session.close()
    // softmax of (2, 0, 0).
    const mass = Math.exp(2) + 2
    for (const [k, p] of [Math.exp(2) / mass, 1 / mass, 1 / mass].entries()) expect(logits[k]).toBeCloseTo(Math.log(p), 5)
  })

  test('keeps outputs that are no class scores by name', async () => {
    const [files, out] = [makeTempDir(), makeTempDir()]
    const paths = writeModels(files, { n: detectorModel(8), m: detectorModel(256) })
    const printed = await addJson(...paths, '--out', out, '--accuracy', 'n=0.37', '--accuracy', 'm=0.5', '--rounds', '20')
    expect(printed.variants[0].outputs).toEqual([
      { name: 'double', shape: [1, 3, 8, 8] },
      { name: 'mean', shape: [1, 3, 1, 1] },
    ])
    const network = openNetwork(out)
    expect(network.manifest.output).toEqual({ name: 'double', classes: 0, labels: [] })
    const session = await openSession(network)
    session.input.fill(3)
    expect([...(await session.run(0))]).toEqual([...new Array(192).fill(6), 3, 3, 3])
    await session.close()
    const one = await addJson(
      ...paths,
      '--out',
      out,
      '--accuracy',
      '0.37',
      '--accuracy',
      '0.5',
      '--rounds',
      '5',
      '--output',
      'mean',
      '--scores',
      'none',
      '--force',
    )
    expect(one.variants[0].outputs).toEqual([{ name: 'mean', shape: [1, 3, 1, 1] }])
  })

  test('takes bytes in NHWC beside numbers in NCHW, and a size that the file leaves open', async () => {
    const [files, out] = [makeTempDir(), makeTempDir()]
    const paths = writeModels(files, { bytes: byteModel(), floats: colourModel({ size: 16, gain: 8, work: 90 }) })
    const open = add(...paths, '--out', out, '--accuracy', '0.5', '--accuracy', '0.6')
    await expect(open).rejects.toMatchObject({ code: 'ERR_USAGE', message: expect.stringMatching(/bytes\.onnx takes uint8 photo .*expected --size/) })
    const labels = join(files, 'labels.txt')
    writeFileSync(labels, 'red\ngreen\nblue\n')
    const data = await colourFolder(2)
    const printed = await addJson(...paths, '--out', out, '--size', 'bytes=6x4', '--data', data, '--labels', labels, '--rounds', '20')
    // As accurate, so the faster one is enough.
    expect(printed).toMatchObject({ variants: [{ name: 'bytes', accuracy: 1 }], dropped: [{ name: 'floats', accuracy: 1, by: 'bytes' }] })
    const network = openNetwork(out)
    expect(network.manifest.input).toMatchObject({ name: 'photo', shape: [1, 6, 4, 3], dtype: 'uint8', layout: 'NHWC' })
    const session = await openSession(network)
    // Red rounds to 11, green stops at 255, blue at 0.
    session.input.forEach((_, k) => {
      session.input[k] = [10.6, 300, -5][k % 3] as number
    })
    expect([...(await session.run(0))]).toEqual([11, 255, 0])
    await session.close()
    await expect(add(...paths.slice(0, 1), '--out', makeTempDir(), '--size', '8', '--accuracy', '1', '--mean', '0.5')).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('change nothing here'),
    })
  })

  test('a labelled folder needs its folders in --labels, if it is given', async () => {
    const files = makeTempDir()
    const paths = writeModels(files, { a: colourModel({ size: 8, gain: 8 }) })
    const data = await colourFolder(2)
    const labels = join(files, 'labels.txt')
    writeFileSync(labels, 'red\ngreen\nblue\n')
    const printed = await addJson(...paths, '--out', makeTempDir(), '--data', data, '--labels', labels, '--rounds', '5')
    // Six images are too few to fit a temperature.
    expect(printed.variants).toMatchObject([{ accuracy: 1, images: 6, temperature: 1, calibration: null }])
    writeFileSync(labels, 'red\ngreen\nyellow\n')
    await expect(add(...paths, '--out', makeTempDir(), '--data', data, '--labels', labels)).rejects.toMatchObject({
      code: 'ERR_DATASET',
      message: expect.stringContaining('folder blue'),
    })
    writeFileSync(labels, 'red\nred\n')
    await expect(add(...paths, '--out', makeTempDir(), '--labels', labels, '--accuracy', '1')).rejects.toThrow(/line 2 of .*'red' again/)
  })

  test.each<[string, string[], string, RegExp]>([
    ['nothing says how accurate they are', [], 'ERR_USAGE', /expected --data DIR .* --accuracy a=RATIO --accuracy b=RATIO/],
    ['an accuracy is missing', ['--accuracy', 'a=0.5'], 'ERR_USAGE', /of b is missing/],
    ['accuracies are too few', ['--accuracy', '0.5'], 'ERR_USAGE', /given 1 times, .*a, b/],
    ['an accuracy is of no file', ['--accuracy', 'c=0.5'], 'ERR_USAGE', /'c=0.5' names none/],
    ['an accuracy is no ratio', ['--accuracy', 'a=71', '--accuracy', 'b=0.5'], 'ERR_RANGE', /71/],
    ['both are given', ['--accuracy', '0.5', '--data', 'd'], 'ERR_USAGE', /exclude each other/],
    ['data without class scores', ['--scores', 'none', '--data', 'd'], 'ERR_USAGE', /--scores none/],
    ['a mean has two numbers', ['--accuracy', '0.5', '--accuracy', '0.6', '--mean', '1,2'], 'ERR_USAGE', /2 numbers, expected 1 or 3/],
    ['a deviation is 0', ['--std', '0'], 'ERR_USAGE', /--std: '0'/],
    ['a scale is no number', ['--scale', '1/0'], 'ERR_USAGE', /--scale: '1\/0'/],
    ['a size is none', ['--size', '3x'], 'ERR_USAGE', /--size: '3x'/],
    ['an output is not there', ['--accuracy', '0.5', '--accuracy', '0.6', '--output', 'z'], 'ERR_USAGE', /a\.onnx has no output z, expected scores/],
    ['the folder is missing', ['--data', '/nonexistent'], 'ERR_DATASET', /\/nonexistent/],
  ])('when %s, says so', async (_, args, code, words) => {
    const [files, out] = [makeTempDir(), makeTempDir()]
    const paths = writeModels(files, { a: colourModel({ size: 8 }), b: colourModel({ size: 16 }) })
    await expect(add(...paths, '--out', out, ...args)).rejects.toMatchObject({ code, message: expect.stringMatching(words) })
    expect(existsSync(join(out, 'manifest.json'))).toBe(false)
  })

  test.each<[string, Record<string, Uint8Array>, string, RegExp]>([
    ['a broken file', { a: Uint8Array.of(1, 2, 3) }, 'ERR_NETWORK_FILE', /a\.onnx/],
    [
      'an input that is no image',
      {
        a: encodeModel({
          name: 'x',
          inputs: [{ name: 'x', shape: [1, 2] }],
          outputs: [{ name: 'y', shape: [1, 2] }],
          initializers: [],
          nodes: [{ op: 'Relu', inputs: ['x'], output: 'y' }],
        }),
      },
      'ERR_NETWORK_SHAPE',
      /expected four sizes/,
    ],
    ['an output that is no float32', { a: shapeModel() }, 'ERR_NETWORK_SHAPE', /output shape is int64, expected float32; --output/],
    ['an output without a size', { a: placesModel() }, 'ERR_NETWORK_SHAPE', /output places is \[4, 192\] for one image and \[4, \d+\] for another/],
    ['weights in another file', { a: withWeightsOutside(colourModel({ size: 8 })) }, 'ERR_NETWORK_FILE', /a\.onnx keeps kernel in another file/],
    [
      'other classes',
      { a: colourModel({ size: 8 }), b: linearModel([1, 0, 0, 1, 1, 0, 0, 1], [0, 0]) },
      'ERR_NETWORK_SHAPE',
      /b\.onnx tells 2 classes apart and .*a\.onnx 3/,
    ],
  ])('%s is refused', async (_, models, code, words) => {
    const paths = writeModels(makeTempDir(), models)
    const accuracies = paths.flatMap(() => ['--accuracy', '0.5'])
    await expect(add(...paths, '--out', makeTempDir(), '--layout', 'NCHW', ...accuracies)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    })
  })

  test('a file that is missing, and two of one name, are refused', async () => {
    await expect(add('/nonexistent/a.onnx', '--out', makeTempDir(), '--accuracy', '1')).rejects.toMatchObject({ code: 'ERR_NETWORK_FILE' })
    await expect(add('x/a.onnx', 'y/a.onnx', '--out', makeTempDir(), '--accuracy', '1')).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('two files are called a'),
    })
  })

  test('a file may already lie in the folder', async () => {
    const out = makeTempDir()
    const bytes = colourModel({ size: 8 })
    const [path] = writeModels(out, { a: bytes })
    await addJson(path as string, '--out', out, '--accuracy', '0.5', '--rounds', '5')
    expect(readFileSync(path as string)).toEqual(Buffer.from(bytes))
    expect(openNetwork(out).manifest.subnets).toHaveLength(1)
    // Files that are taken from the folder are the user's own, whether they stay in the network or not.
    const [, other] = writeModels(out, { a: bytes, b: bytes }) as [string, string]
    await addJson(other, '--out', out, '--accuracy', '0.5', '--rounds', '5', '--force')
    expect(readdirSync(out).sort()).toEqual(['a.onnx', 'b.onnx', 'manifest.json'])
  })

  test('a file that cannot be written leaves nothing beside it, and no manifest', async () => {
    const out = makeTempDir()
    const [path] = writeModels(makeTempDir(), { a: colourModel({ size: 8 }) })
    mkdirSync(join(out, 'a.onnx'))
    await expect(add(path as string, '--out', out, '--accuracy', '0.5', '--rounds', '5')).rejects.toMatchObject({ code: 'ERR_OUT_NOT_WRITABLE' })
    expect(readdirSync(out)).toEqual(['a.onnx'])
  })

  test('a folder that holds a training is refused, --force or not', async () => {
    const out = makeTempDir()
    writeFileSync(join(out, 'training.json'), '{}')
    await expect(add('a.onnx', '--out', out, '--accuracy', '1', '--force')).rejects.toThrow(/holds a training .*expected another folder/)
  })
})

describe('a manifest of variants', () => {
  const variants = () => {
    const manifest = twoIncrements()
    return {
      ...manifest,
      kind: 'variants' as const,
      units: manifest.units.map(({ macs: _, ...unit }) => unit),
      subnets: manifest.subnets.map(({ macs: _, ...subnet }, s) => ({ ...subnet, units: [s], latencyS: 0.001 * (s + 1) })),
    }
  }
  type Variants = ReturnType<typeof variants>
  const parse = (manifest: unknown) => parseManifest(JSON.stringify(manifest), 'm')
  const withUnit = (fields: object): unknown => ({
    ...variants(),
    units: variants().units.map((unit, u) => (u === 1 ? { ...unit, ...fields } : unit)),
  })

  test('needs no multiply-accumulates', () => expect(parse(variants())).toEqual(variants()))

  test.each<[unknown, RegExp]>([
    [{ ...variants(), subnets: variants().subnets.map((s, i) => ({ ...s, latencyS: i === 0 ? undefined : 1 })) }, /subnets\.0\.latencyS is missing/],
    [{ ...variants(), subnets: variants().subnets.map((s, i) => ({ ...s, latencyS: 2 - i })) }, /subnets\.1\.latencyS is below that of 50/],
    [{ ...variants(), output: { name: 'y', classes: 0, labels: [] } }, /units\.0\.outputs is missing/],
    [withUnit({ outputs: [{ name: 'y', shape: [1, 3] }] }), /units\.1\.outputs holds 3 numbers, expected one output of 2/],
    [withUnit({ input: { shape: [1, 3, 2, 2] } }), /units\.1\.input takes 3 channels, expected 1/],
    [withUnit({ input: { shape: [1, 4] } }), /units\.1\.input\.shape has 2 sizes, expected 4/],
    [{ ...twoIncrements(), units: (withUnit({ input: { name: 'x' } }) as Variants).units }, /units\.0\.macs is missing/],
    [{ ...twoIncrements(), units: twoIncrements().units.map((unit) => ({ ...unit, input: { name: 'x' } })) }, /units\.0\.input is its own/],
    [{ ...twoIncrements(), output: { ...twoIncrements().output, scores: 'probabilities' } }, /output\.scores is probabilities/],
    [
      { ...variants(), subnets: variants().subnets.map((s) => ({ ...s, accuracy: { ...s.accuracy, images: 0 } })) },
      /subnets\.0\.accuracy\.images is 0/,
    ],
  ])('is refused with the field named (%#)', (manifest, words) => expect(() => parse(manifest)).toThrow(words))
})
