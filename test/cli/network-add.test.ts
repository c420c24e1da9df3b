import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openNetwork } from '../../src/network/manifest.ts'
import { openSession } from '../../src/network/session.ts'
import { Governor } from '../../src/run/governor.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { colourModel, detectorModel, writeModels } from '../network/variant-models.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const levels = { red: 0, green: 1, blue: 2 }

/** An image of one colour above a dark ground. */
const imageOf = (channel: number, width: number, height: number) => {
  const data = new Uint8Array(width * height * 3).fill(30)
  for (let k = channel; k < data.length; k += 3) data[k] = 200
  return { data, width, height, channels: 3 as const }
}

async function writeFolder(dir: string): Promise<void> {
  for (const [name, channel] of Object.entries(levels)) {
    mkdirSync(join(dir, name), { recursive: true })
    const { data, ...raw } = imageOf(channel, 20, 14)
    for (let i = 0; i < 3; i++) await sharp(data, { raw }).toFile(join(dir, name, `${i}.png`))
  }
}

const train = (network: string, out: string) => place.train(out, '--network', network, '--virtual', 'none', '--steps', '12')
const opened = async (run: string) => {
  const governor = await Governor.open(run)
  onTestFinished(() => governor.close())
  return governor
}

describe('own networks', () => {
  it('of three input sizes are added, governed and replayed, and take images', async () => {
    const [files, data, network, run] = [place.path('files'), place.path('data'), place.path('colours'), place.path('colours-run')]
    mkdirSync(files)
    await writeFolder(data)
    // The cheaper, the less often right: green alone, then red and green, then all.
    const paths = writeModels(files, {
      large: colourModel({ size: 32, gain: 9, work: 60 }),
      small: colourModel({ size: 8, gain: 9, order: [2, 1, 0] }),
      middle: colourModel({ size: 16, gain: 9, work: 30, order: [0, 1, 0] }),
    })
    const labels = place.path('labels.txt')
    writeFileSync(labels, `${Object.keys(levels).join('\n')}\n`)
    const added = await place.run('network', 'add', ...paths, '--data', data, '--labels', labels, '--rounds', '20', '--out', network, '--json')
    expect(added.status, added.stderr).toBe(0)
    expect(added.stderr).toMatch(/^latency 20\/20/m)
    expect(JSON.parse(added.stdout)).toMatchObject({
      variants: [
        { name: 'small', accuracy: 1 / 3, input: { shape: [1, 3, 8, 8] } },
        { name: 'middle', accuracy: 2 / 3, input: { shape: [1, 3, 16, 16] } },
        { name: 'large', accuracy: 1, input: { shape: [1, 3, 32, 32] } },
      ],
      dropped: [],
    })

    await train(network, run)
    const decisions = [...openTrace(`${run}/trace.jsonl`).entries()].filter((entry) => entry.kind === 'decision')
    expect(decisions).toHaveLength(12)
    const { header } = openTrace(`${run}/trace.jsonl`)
    expect(header.spaces.knobs[0]).toMatchObject({ name: 'subnet', values: ['small', 'middle', 'large'] })
    expect((await place.run('replay', run)).status).toBe(0)

    const governor = await opened(run)
    governor.require({ accuracyFloor: 0.99 })
    for (const [name, channel] of Object.entries(levels)) {
      const { output, outcome, point } = await governor.infer(imageOf(channel, 50, 40))
      const accuracy = { small: 1 / 3, middle: 2 / 3, large: 1 }[point['subnet'] as 'small']
      expect(outcome).toMatchObject({ accuracy, accuracyQuality: 'measured', confidenceQuality: 'measured' })
      if (point['subnet'] === 'large') expect(output.name).toBe(name)
      expect(output.logits).toHaveLength(3)
    }
    await expect(governor.infer(new Float32Array(192))).rejects.toMatchObject({
      code: 'ERR_NETWORK_SHAPE',
      message: expect.stringContaining('expected an image'),
    })
    await expect(governor.infer({ ...imageOf(0, 4, 4), width: 5 })).rejects.toMatchObject({ code: 'ERR_NETWORK_SHAPE' })
  })

  it('an image is prepared for a network of increments too', async () => {
    const run = place.path('increments-run')
    await place.train(run, '--virtual', 'none', '--steps', '12')
    const governor = await opened(run)
    const image = imageOf(2, 16, 16)
    const { output, answered } = await governor.infer(image)
    // Of the network's own size and without normalisation: bytes over 255, channel after channel.
    const network = openNetwork(place.network)
    const session = await openSession(network)
    onTestFinished(() => session.close())
    session.input.set(Float32Array.from({ length: 768 }, (_, k) => (image.data[3 * (k % 256) + Math.floor(k / 256)] as number) / 255))
    const subnet = network.manifest.subnets.findIndex(({ name }) => name === answered.subnet)
    const logits: number[][] = []
    for (const unit of network.unitsOf(subnet)) logits.push([...(await session.run(unit))])
    for (let k = 0; k < 4; k++) {
      expect(output.logits[k]).toBeCloseTo(
        logits.reduce((sum, own) => sum + (own[k] as number), 0),
        4,
      )
    }
    expect(output.tensors).toBeUndefined()
    const prepared = await governor.infer(new Float32Array(768))
    expect(prepared.output.label).toBeGreaterThanOrEqual(0)
    await expect(governor.infer(new Float32Array(767))).rejects.toMatchObject({ message: 'the input has 767 numbers, expected 768' })
  })

  it('without class scores are governed by the accuracy that was given', async () => {
    const [files, network, run] = [place.path('detectors'), place.path('detector'), place.path('detector-run')]
    mkdirSync(files)
    const paths = writeModels(files, { n: detectorModel(8), m: detectorModel(256) })
    const given = ['--accuracy', 'n=0.37', '--accuracy', 'm=0.5', '--scale', '1']
    const added = await place.run('network', 'add', ...paths, ...given, '--rounds', '20', '--out', network)
    expect(added.status, added.stderr).toBe(0)
    expect(added.stdout).toMatch(/^variant +accuracy \(estimated\)/m)
    expect(added.stdout).toContain('no class scores')
    const summary = JSON.parse((await place.train(run, '--network', network, '--virtual', 'none', '--steps', '12', '--json')).stdout)
    expect(summary.accuracy).toBeGreaterThanOrEqual(0.37)
    const first = JSON.parse(readFileSync(`${run}/trace.jsonl`, 'utf8').split('\n')[1] as string)
    expect(first).toMatchObject({ confidence: null, quality: expect.stringMatching(/^m.ea$/) })

    const governor = await opened(run)
    const { output, outcome, point } = await governor.infer(imageOf(1, 8, 8))
    const side = point['subnet'] === 'n' ? 8 : 256
    expect(output).toMatchObject({ label: -1, name: '' })
    expect(output.logits).toHaveLength(0)
    expect(output.tensors?.['double']?.shape).toEqual([1, 3, side, side])
    expect([...(output.tensors?.['mean']?.data ?? [])]).toEqual([30, 200, 30])
    expect(outcome).toMatchObject({
      accuracy: side === 8 ? 0.37 : 0.5,
      accuracyQuality: 'estimated',
      confidence: Number.NaN,
      confidenceQuality: 'absent',
    })
  })
})
