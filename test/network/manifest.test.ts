import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openNetwork, parseManifest } from '../../src/network/manifest.ts'
import { makeTempDir, secondUnit, twoIncrements, writeNetwork } from './support.ts'

const parse = (manifest: unknown) => parseManifest(JSON.stringify(manifest), 'net/manifest.json')

/** The manifest with the value at a path replaced. */
function withField(path: string, value: unknown): unknown {
  const manifest = JSON.parse(JSON.stringify(twoIncrements())) as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() as string
  let at = manifest
  for (const name of names) at = at[name] as Record<string, unknown>
  at[last] = value
  return manifest
}

describe('opening a network', () => {
  test('gives the units of each sub-network and the paths of their files', () => {
    const dir = makeTempDir()
    writeNetwork(dir, twoIncrements())
    const network = openNetwork(dir)
    expect(network.manifest.subnets.map(({ name }) => name)).toEqual(['50', '100'])
    expect([network.unitsOf(0), network.unitsOf(1)]).toEqual([[0], [0, 1]])
    expect(network.fileOf(1)).toBe(join(dir, 'b.onnx'))
  })

  test('another weight is another signature, the same weights in another folder are not', () => {
    const [one, two] = [makeTempDir(), makeTempDir()]
    writeNetwork(one, twoIncrements())
    writeNetwork(two, twoIncrements())
    const other = twoIncrements()
    const swapped = { ...other, units: other.units.toReversed() }
    const three = makeTempDir()
    writeNetwork(three, swapped)
    expect(openNetwork(two).signature).toBe(openNetwork(one).signature)
    expect(openNetwork(three).signature).not.toBe(openNetwork(one).signature)
  })

  test('variants run one unit each', () => {
    const dir = makeTempDir()
    const manifest = twoIncrements()
    writeNetwork(dir, { ...manifest, kind: 'variants', subnets: manifest.subnets.map((subnet, s) => ({ ...subnet, units: [s] })) })
    expect([openNetwork(dir).unitsOf(0), openNetwork(dir).unitsOf(1)]).toEqual([[0], [1]])
  })

  test('a folder without a manifest is an error that names it', () => {
    const dir = makeTempDir()
    expect(() => openNetwork(dir)).toThrow(
      expect.objectContaining({ code: 'ERR_NETWORK_MANIFEST', message: expect.stringContaining(join(dir, 'manifest.json')) }),
    )
  })

  test.each([
    ['is missing', (path: string) => rmSync(path)],
    ['expected', (path: string) => writeFileSync(path, secondUnit.subarray(1))],
    [
      'was changed',
      (path: string) =>
        writeFileSync(
          path,
          secondUnit.map((byte, i) => (i === secondUnit.length - 1 ? byte ^ 1 : byte)),
        ),
    ],
  ])('a file that %s is an error that names file and field', (words, damage) => {
    const dir = makeTempDir()
    writeNetwork(dir, twoIncrements())
    damage(join(dir, 'b.onnx'))
    expect(() => openNetwork(dir)).toThrow(
      expect.objectContaining({ code: 'ERR_NETWORK_FILE', message: expect.stringMatching(`units\\[1\\].*b\\.onnx.*${words}`) }),
    )
  })
})

describe('a manifest', () => {
  test('that is right is taken as it is', () => expect(parse(twoIncrements())).toEqual(twoIncrements()))

  test.each([
    ['schema', 'flyball-network/2'],
    ['kind', 'slimmable'],
    ['input.dtype', 'float16'],
    ['input.shape', [1, 0, 2, 2]],
    ['input.shape', [1, 1.5, 2, 2]],
    ['input.normalisation', { mean: [0.5, 0.5], std: [1] }],
    ['input.normalisation', { mean: [0.5], std: [0] }],
    ['output.labels', ['one']],
    ['units', []],
    ['units.0.file', '../elsewhere.onnx'],
    ['units.0.file', '/etc/hostname'],
    ['units.1.sha256', 'abc'],
    ['units.1.macs', -1],
    ['subnets.0.accuracy.top1', 1.01],
    ['subnets.1.accuracy.top1', -0.1],
    ['subnets.0.accuracy.quality', 'guessed'],
    ['subnets.1.units', [0, 2]],
    ['subnets.1.units', [1, 0]],
    ['subnets.1.units', []],
    ['subnets.1.name', '50'],
    ['subnets.1.macs', 7],
    ['subnets.0.temperature', 0],
  ])('with a wrong %s is an error that names the field (%j)', (path, value) => {
    expect(() => parse(withField(path, value))).toThrow(
      expect.objectContaining({ code: 'ERR_NETWORK_MANIFEST', message: expect.stringContaining(`net/manifest.json: ${path}`) }),
    )
  })

  test('of variants with two units in a sub-network is refused', () => {
    expect(() => parse({ ...twoIncrements(), kind: 'variants' })).toThrow(/subnets\.1\.units has 2 units, expected one/)
  })

  test('that is no JSON is an error', () => {
    expect(() => parseManifest('{', 'here')).toThrow(
      expect.objectContaining({ code: 'ERR_NETWORK_MANIFEST', message: expect.stringContaining('here: is not JSON') }),
    )
  })
})
