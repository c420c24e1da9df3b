import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFits } from '../../src/checkpoint/fits.ts'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import { type Checkpoint, canonicalJson, formatCheckpoint, parseCheckpoint } from '../../src/checkpoint/schema.ts'
import { saveCheckpoint, saveSteps } from '../../src/checkpoint/writer.ts'
import { makeSpaces } from '../../src/core/spaces.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-checkpoint-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const spaces = makeSpaces({
  knobs: [
    { name: 'subnet', kind: 'subnet', unit: '%', values: [50, 100] },
    { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [1e9, 2e9] },
  ],
  points: [
    { subnet: 50, 'big.freqHz': 1e9 },
    { subnet: 100, 'big.freqHz': 2e9 },
  ],
  featureNames: ['speed', 'powerW'],
  features: [
    [0.5, Number.NaN],
    [1, 3.3],
  ],
  monitors: [{ name: 'big.interference', low: 0, high: 1 }],
})

const checkpoint: Checkpoint = {
  flyball: '0.1.0',
  agent: {
    name: 'linucb',
    options: { alpha: 0.5 },
    data: { version: 1, rng: [1, 2, 3, 0xffff_ffff], theta: [0.1, 1 / 3, 5e-324, 1.7976931348623157e308] },
  },
  spaces,
  board: { id: 'odroid-xu4', fingerprint: 'abc' },
  network: { name: 'groups4', sha256s: ['aa', 'bb'] },
  objective: {
    kind: 'weighted',
    weights: { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 },
    reference: { latencyS: 0.01, energyJ: Number.NaN, accuracy: 0.7, point: 1 },
  },
  requirements: { deadlineS: 0.033, percentile: 99, accuracyFloor: undefined },
  nominal: [
    { latencyS: 0.005, energyJ: Number.NaN, accuracy: 0.6 },
    { latencyS: 0.01, energyJ: 0.02, accuracy: 0.7 },
  ],
  step: 120,
  seed: 7,
  next: { observation: Float64Array.of(Number.NaN), mask: Uint8Array.of(1, 0) },
  trace: { file: 'trace.jsonl', records: 120, sizeB: 48000 },
}

const atStep = (step: number): Checkpoint => ({ ...checkpoint, step })

describe('a checkpoint', () => {
  it('comes back as it was saved, NaN and every double included', () => {
    saveCheckpoint(folder, checkpoint)
    const read = readCheckpoint(folder)
    const { requirements, ...rest } = checkpoint
    expect(read).toEqual({ ...rest, requirements: { deadlineS: 0.033, percentile: 99 } })
    expect(read.spaces.signature).toBe(spaces.signature)
    expect(readCheckpoint(join(folder, 'policy.json'))).toEqual(read)
  })

  it('keeps the previous generation', () => {
    for (const step of [1, 2, 3]) saveCheckpoint(folder, atStep(step))
    expect(readCheckpoint(folder).step).toBe(3)
    expect(readCheckpoint(join(folder, 'previous')).step).toBe(2)
    expect(readdirSync(folder).sort()).toEqual(['policy.json', 'previous'])
  })

  it('has an intact generation whatever instant the writer dies, and the next save works', () => {
    const text = formatCheckpoint(atStep(3))
    const operations = saveSteps(folder, text).length
    for (let done = 0; done <= operations; done++)
      for (const tear of [false, true]) {
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        saveCheckpoint(folder, atStep(1))
        saveCheckpoint(folder, atStep(2))
        for (const operation of saveSteps(folder, text).slice(0, done)) operation()
        // What was not yet renamed may be torn anywhere.
        if (tear) for (const name of temporaries(folder)) truncateSync(name, 100)
        expect(readCheckpoint(folder).step).toBe(done >= operations - 1 ? 3 : 2)
        expect([1, 2]).toContain(readCheckpoint(join(folder, 'previous')).step)
        saveCheckpoint(folder, atStep(4))
        expect(readCheckpoint(folder).step).toBe(4)
      }
  })

  it('does not copy a broken generation over an intact older one', () => {
    saveCheckpoint(folder, atStep(1))
    saveCheckpoint(folder, atStep(2))
    truncateSync(join(folder, 'policy.json'), 50)
    saveCheckpoint(folder, atStep(3))
    expect(readCheckpoint(join(folder, 'previous')).step).toBe(1)
  })
})

describe('a checkpoint that cannot be read', () => {
  const broken = (text: string): unknown => {
    writeFileSync(join(folder, 'policy.json'), text)
    return thrown(() => readCheckpoint(folder))
  }

  it('is corrupt when truncated at any place', () => {
    const text = formatCheckpoint(checkpoint)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        expect(broken(text.slice(0, length))).toMatchObject({
          code: 'ERR_CHECKPOINT_CORRUPT',
          message: expect.stringContaining('truncated or no JSON'),
        })
      }),
      { numRuns: 50 },
    )
  })

  it('is corrupt when one digit changed, even though it still is JSON', () => {
    const text = formatCheckpoint(checkpoint).replace('"step":120', '"step":121')
    expect(broken(text)).toMatchObject({ code: 'ERR_CHECKPOINT_CORRUPT', message: expect.stringContaining('checksum') })
  })

  it('names the previous generation when that one is intact, and only then', () => {
    saveCheckpoint(folder, atStep(1))
    saveCheckpoint(folder, atStep(2))
    expect(broken('{')).toMatchObject({
      message: expect.stringContaining(
        `the previous generation is intact: ${join(folder, 'previous', 'policy.json')}, of step 1; flyball train --resume`,
      ),
    })
    rmSync(join(folder, 'policy.json'))
    expect(thrown(() => readCheckpoint(folder))).toMatchObject({
      code: 'ERR_CHECKPOINT_CORRUPT',
      message: expect.stringContaining('previous generation is intact'),
    })
    writeFileSync(join(folder, 'previous', 'policy.json'), '{')
    expect(broken('{')).toMatchObject({ message: expect.not.stringContaining('previous') })
  })

  it('is of another schema when it is newer, or something else', () => {
    expect(broken(formatCheckpoint(checkpoint).replace('flyball-checkpoint/1', 'flyball-checkpoint/2'))).toMatchObject({
      code: 'ERR_CHECKPOINT_SCHEMA',
      message: expect.stringContaining('its schema is flyball-checkpoint/2, this version reads flyball-checkpoint/1'),
    })
    expect(broken('{"hello":1}')).toMatchObject({ code: 'ERR_CHECKPOINT_SCHEMA' })
  })

  it('says which field is wrong when the checksum is right', () => {
    const wrong = { ...checkpoint, step: -1 }
    expect(parseCheckpoint(formatCheckpoint(wrong))).toMatchObject({ fault: 'corrupt', reason: expect.stringContaining('step') })
  })

  it('is missing when there is none', () => {
    expect(thrown(() => readCheckpoint(folder))).toMatchObject({
      code: 'ERR_RUN_MISSING',
      message: expect.stringContaining(join(folder, 'policy.json')),
    })
  })
})

describe('a checkpoint for something else', () => {
  const here = { spaces, board: checkpoint.board, network: checkpoint.network }

  it('fits what it was made for', () => {
    expect(() => checkFits(checkpoint, here)).not.toThrow()
    expect(() => checkFits({ ...checkpoint, network: null }, { ...here, network: null })).not.toThrow()
  })

  it('prints both boards', () => {
    expect(thrown(() => checkFits(checkpoint, { ...here, board: { id: 'rk3588', fingerprint: 'abc' } }))).toMatchObject({
      code: 'ERR_BOARD_MISMATCH',
      message: 'the checkpoint was made on another board\n  checkpoint: board odroid-xu4\n  here:       board rk3588',
    })
  })

  it('prints the network files that differ', () => {
    expect(thrown(() => checkFits(checkpoint, { ...here, network: { name: 'groups4', sha256s: ['aa', 'cc'] } }))).toMatchObject({
      code: 'ERR_NETWORK_MISMATCH',
      message: 'the checkpoint was made for another network\n  checkpoint: file 1 sha256 bb\n  here:       file 1 sha256 cc',
    })
    expect(thrown(() => checkFits(checkpoint, { ...here, network: null }))).toMatchObject({ code: 'ERR_NETWORK_MISMATCH' })
  })

  it('prints only the points, knobs and monitors that differ', () => {
    const other = makeSpaces({
      ...spaces,
      featureNames: [],
      features: [[], []],
      points: [
        { subnet: 50, 'big.freqHz': 1e9 },
        { subnet: 100, 'big.freqHz': 1e9 },
      ],
      monitors: [...spaces.monitors, { name: 'tempC', low: 20, high: 100 }],
    })
    expect(thrown(() => checkFits(checkpoint, { ...here, spaces: other }))).toMatchObject({
      code: 'ERR_SPACE_MISMATCH',
      message: [
        'the checkpoint was made for other knobs, points or monitors',
        '  checkpoint: point 1 subnet=100 big.freqHz=2000000000',
        '  here:       point 1 subnet=100 big.freqHz=1000000000',
        '  here:       monitor 1 tempC',
        '  expected the same board, --clusters, --virtual, --reserve and --network on both sides',
      ].join('\n'),
    })
  })
})

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [1, { d: null, c: Number.NaN }], a: 'x', e: undefined })).toBe('{"a":"x","b":[1,{"c":null,"d":null}]}')
  })

  it('gives JSON back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))
      }),
    )
  })
})

function temporaries(root: string): string[] {
  return [root, join(root, 'previous')].flatMap((path) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.tmp'))
      .map((name) => join(path, name))
      .filter((name) => readFileSync(name).length > 100),
  )
}

function thrown(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
