import { readdirSync, readFileSync, statSync } from 'node:fs'
import { parseScenario } from '../../../envs/world/scenario/read.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { parseBoard, parseFields } from '../../../src/board/known/read.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { simulatable } from '../../../src/board/known/simulatable.ts'
import { parseManifest } from '../../../src/network/manifest.ts'
import { openSimNetwork, simGround } from '../../../src/run/grounds/sim-ground.ts'
import { originOf } from '../../../src/run/table-origin.ts'
import { parseTable } from '../../../src/table/read.ts'
import { type FuzzedParser, promise, verdictOf } from '../parser.ts'
import { poweredTable, sampleTable } from '../sample-run.ts'

/** The smallest shipped files of a folder of the tree: the larger ones say the same more often. */
function shipped(folder: string, count: number): Buffer[] {
  const at = new URL(`../../../${folder}/`, import.meta.url)
  const files = readdirSync(at).filter((name) => name.endsWith('.json'))
  const sizeB = (name: string): number => statSync(new URL(name, at)).size
  return files
    .sort((a, b) => sizeB(a) - sizeB(b))
    .slice(0, count)
    .map((name) => readFileSync(new URL(name, at)))
}

const boardFile: FuzzedParser = {
  name: 'board-file',
  covers: ['src/board/known/read.ts parseBoard', 'src/board/known/read.ts parseFields'],
  form: 'json',
  corpus: () => shipped('src/board/catalogue', 3),
  parse(input) {
    const text = input.toString('utf8')
    const verdict = verdictOf(() => parseBoard(text, 'board.json'))
    const quick = verdictOf(() => parseFields(text, 'board.json'))
    promise(verdict !== 'accepted' || quick === 'accepted', 'what passes all rules passes those of each field')
    return verdict
  },
}

const steady = { percentile: 99, deadlineS: 1 }

const network = openSimNetwork('date2020')
const odroid = readShipped('odroid-xu4')

/** A board with a part of its figures: the rest says the same more often. */
function shortBoard(): string {
  const { measured, thermalZones, ...rest } = JSON.parse(
    readFileSync(new URL('../../../src/board/catalogue/odroid-xu4.json', import.meta.url), 'utf8'),
  )
  const workloads = measured.workloads.slice(0, 4).map((one: { points: unknown[] }) => ({ ...one, points: one.points.slice(0, 3) }))
  return JSON.stringify({
    ...rest,
    thermalZones: thermalZones.slice(0, 2),
    measured: { ...measured, workloads },
    sources: rest.sources.slice(0, 1),
    pitfalls: [],
  })
}

/** A board file that passes is simulated, if it says enough for that. */
const simulatedBoard: FuzzedParser = {
  name: 'board-file-simulated',
  covers: [],
  modules: ['src/board/known/read.ts', 'src/board/known/simulatable.ts', 'src/run/grounds/sim-ground.ts'],
  form: 'json',
  corpus: () => [Buffer.from(shortBoard())],
  parse: (input) =>
    verdictOf(() => {
      const board = parseFields(input.toString('utf8'), 'board.json')
      if (!simulatable(board).ok) return
      const env = simGround({ board, network, plant: 'nominal' }).open([steady])
      env.reset({ seed: 1 })
      env.step(0)
      env.close()
    }),
}

const scenario: FuzzedParser = {
  name: 'scenario',
  covers: ['envs/world/scenario/read.ts parseScenario'],
  form: 'json',
  corpus: () => shipped('envs/world/scenarios', 9),
  parse: (input) => verdictOf(() => parseScenario(input.toString('utf8'), 'scenario.json')),
}

const playedScenario: FuzzedParser = {
  name: 'scenario-played',
  covers: [],
  modules: ['envs/world/scenario/read.ts', 'envs/world/scenario/site.ts', 'src/run/grounds/sim-ground.ts'],
  form: 'json',
  corpus: () => shipped('envs/world/scenarios', 9),
  parse: (input) =>
    verdictOf(() => {
      const played = parseScenario(input.toString('utf8'), 'scenario.json')
      const world = scenarioMaker(played)
      const ground = simGround({ board: odroid, network, world, plant: 'nominal' })
      const env = ground.open(ground.phases.map(() => steady))
      env.reset({ seed: 1 })
      for (let i = 0; i < 3; i++) env.step(0)
      env.close()
    }),
}

const manifest: FuzzedParser = {
  name: 'network-manifest',
  covers: ['src/network/manifest.ts parseManifest'],
  form: 'json',
  corpus: () => [sampleManifest('increments'), sampleManifest('variants'), detectorManifest()].map((text) => Buffer.from(text)),
  parse: (input) =>
    verdictOf(() => {
      const { units, input: image, output } = parseManifest(input.toString('utf8'), 'manifest.json')
      for (const { file } of units) promise(!/^[/\\]|(^|[/\\])\.\.([/\\]|$)|\0/.test(file), 'no file lies outside the folder')
      promise(units.length > 0 && image.shape.length > 0 && output.labels.length === output.classes, 'the parts fit')
    }),
}

function sampleManifest(kind: 'increments' | 'variants'): string {
  const unit = (i: number) => ({ file: `part-${i}.onnx`, sha256: 'ab'.repeat(32), sizeB: 100, macs: 1000, parameters: 10 })
  const top1 = (ratio: number) => ({ top1: ratio, images: 100, quality: 'measured' })
  return JSON.stringify({
    ...{ schema: 'flyball-network/1', name: 'sample', kind },
    input: { name: 'image', shape: [1, 3, 32, 32], dtype: 'float32', normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } },
    output: { name: 'logits', classes: 2, labels: ['cat', 'dog'] },
    units: [unit(1), unit(2)],
    subnets: [
      {
        name: '50',
        units: [0],
        macs: 1000,
        parameters: 10,
        accuracy: top1(0.5),
        temperature: 1.5,
        calibration: { ece: 0.1, images: 9, fittedOn: 9 },
      },
      { name: '100', units: kind === 'variants' ? [1] : [0, 1], macs: 2000, parameters: 20, accuracy: top1(0.6), temperature: 1 },
    ],
    training: { dataset: 'd', command: 'c', seed: 1, backend: 'b', epochs: 1, date: '2026-01-01' },
  })
}

/** Variants with inputs and outputs of their own and no class scores. */
function detectorManifest(): string {
  const { input, output, units, subnets, ...rest } = JSON.parse(sampleManifest('variants'))
  const boxes = { outputs: [{ name: 'boxes', shape: [1, 10, 4] }], scores: 'logits' }
  return JSON.stringify({
    ...rest,
    precision: 'int8',
    input: { ...input, layout: 'NCHW', resize: 'contain', channels: 'bgr', scale: 1 },
    output: { ...output, classes: 0, labels: [] },
    units: [
      { ...units[0], ...boxes, macs: undefined, input: { name: 'x', shape: [1, 16, 16, 3], dtype: 'uint8', layout: 'NHWC' } },
      { ...units[1], ...boxes },
    ],
    subnets: subnets.map((one: object, i: number) => ({ ...one, macs: undefined, latencyS: 0.01 * (i + 1) })),
  })
}

/** Both halves of a table in one input, or one of them would never be wrong. */
const divider = '\n=====\n'

const table: FuzzedParser = {
  name: 'measured-table',
  covers: [
    ...['src/table/read.ts parseTable', 'src/table/schema.ts parseHalf', 'src/table/rows.ts readRows', 'src/table/cells.ts parseCsv'],
    'src/run/table-origin.ts originOf',
  ],
  form: 'text',
  corpus: () => [sampleTable, poweredTable].map(({ json, csv }) => Buffer.from(json + divider + csv)),
  parse: (input) => {
    const [json = '', csv = ''] = input.toString('utf8').split(divider)
    return verdictOf(() => tableOf(json, csv))
  },
}

const tableHalf: FuzzedParser = {
  name: 'measured-table-json',
  covers: [],
  modules: ['src/table/read.ts', 'src/run/table-origin.ts'],
  form: 'json',
  corpus: () => [Buffer.from(sampleTable.json)],
  parse: (input) => verdictOf(() => tableOf(input.toString('utf8'), sampleTable.csv)),
}

function tableOf(json: string, csv: string): void {
  const parsed = parseTable({ json, csv, jsonPath: 't.json', csvPath: 't.csv', name: 't' })
  promise(parsed.points.length === parsed.latencyS.length && parsed.latencyS.every((latencyS) => latencyS > 0), 'every point has a latency above 0')
  promise(verdictOf(() => originOf(parsed)) === 'ERR_TABLE' || parsed.about['env'] !== undefined, 'only a profile has an origin')
}

export const documentParsers = (): FuzzedParser[] => [boardFile, simulatedBoard, scenario, playedScenario, manifest, table, tableHalf]
