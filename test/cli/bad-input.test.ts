import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import type { Checkpoint } from '../../src/checkpoint/schema.ts'
import { saveCheckpoint } from '../../src/checkpoint/writer.ts'
import { type ErrorCode, errorTable } from '../../src/core/errors.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { type Ended, filesIn, makeWorkplace, type Workplace } from '../support/cli.ts'
import { writeSmallNetworkTo } from '../support/small-network.ts'

const [first] = getAffinity(0)
let place: Workplace
let run: string
beforeAll(async () => {
  place = makeWorkplace()
  run = place.path('run')
  await place.train(run, '--virtual', 'none', '--steps', '10')
})
afterAll(() => place.remove())

/** One clear line that ends with the code (lines that name both sides may stand between), and the exit status of that code. */
function expectError({ status, stdout, stderr }: Ended, code: ErrorCode, says: string | RegExp): void {
  expect(stderr).toMatch(new RegExp(`(^|\\n)flyball: [^\\n].*\\[${code}\\]\\n$`, 's'))
  expect(stderr).toMatch(says)
  expect(stderr).not.toContain('    at ')
  expect(stdout).toBe('')
  expect(status).toBe(errorTable[code].exitCode)
}

/** Exactly one line: nothing else was said before. */
function expectLine(ended: Ended, code: ErrorCode, says: string | RegExp): void {
  expectError(ended, code, says)
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1)
}

describe.concurrent('a wrong call of train leaves nothing behind and', () => {
  const cases: [args: string[], code: ErrorCode, says: string][] = [
    [['--agent', 'nosuch'], 'ERR_UNKNOWN_AGENT', 'expected one of q-learning, linucb'],
    [['--agent', 'oracle'], 'ERR_USAGE', 'flyball compare only; expected one of q-learning'],
    [['--agent', 'alert', '--set', 'nonsense=1'], 'ERR_UNKNOWN_OPTION', 'expected one of processNoise'],
    [['--env', 'mars'], 'ERR_UNKNOWN_ENV', 'expected one of board'],
    [['--root', '/nowhere'], 'ERR_UNKNOWN_BOARD', '/nowhere'],
    [['--deadline', '0ms'], 'ERR_RANGE', "--deadline: '0ms' is not above 0"],
    [['--deadline', '-5ms'], 'ERR_RANGE', "--deadline: '-5ms' is not above 0"],
    [['--deadline', '0x'], 'ERR_RANGE', 'not above 0'],
    [['--deadline', '33'], 'ERR_UNIT', 'expected a number with one of'],
    [['--deadline', '33MHz'], 'ERR_UNIT', '33MHz'],
    [['--energy-budget', '5W'], 'ERR_UNIT', '--energy-budget'],
    [['--energy-budget', '0J'], 'ERR_RANGE', '--energy-budget'],
    [['--weights', 'speed=1'], 'ERR_USAGE', "unknown weight 'speed'"],
    [['--weights', 'latency=-1'], 'ERR_RANGE', 'latency'],
    [['--weights', 'latency=0'], 'ERR_RANGE', 'all weights are 0'],
    [['--accuracy-floor', '1.2'], 'ERR_RANGE', '--accuracy-floor'],
    [['--min-confidence', 'high'], 'ERR_RANGE', '--min-confidence'],
    [['--percentile', '100'], 'ERR_RANGE', '--percentile'],
    [['--steps', '0'], 'ERR_RANGE', '--steps'],
    [['--steps', '1.5'], 'ERR_RANGE', '--steps'],
    [['--steps', 'many'], 'ERR_RANGE', '--steps'],
    [['--seed', '-1'], 'ERR_RANGE', '--seed'],
    [['--rate', '0'], 'ERR_RANGE', '--rate'],
    [['--rate', 'fast'], 'ERR_RANGE', 'poisson:30'],
    [['--clusters', `${first},${first}`], 'ERR_RANGE', `core ${first} is in two clusters`],
    [['--clusters', `${first},4000`], 'ERR_RANGE', 'core 4000 is not available'],
    [['--clusters', `${first}@fast`], 'ERR_USAGE', '--clusters'],
    [['--reserve', '4000'], 'ERR_RANGE', '--reserve'],
    [['--reserve', 'some'], 'ERR_USAGE', '--reserve'],
    [['--virtual', 'warp'], 'ERR_USAGE', '--virtual'],
    [['--virtual', 'bandwidth', '--rate', '30'], 'ERR_USAGE', '--rate back-to-back'],
    [['--interfere', 'gpu:1'], 'ERR_USAGE', '--interfere'],
    [['--interfere', 'cpu:1@2'], 'ERR_RANGE', '--interfere'],
    [['--interfere', 'cpu:1@0.5,on=3,off=3s'], 'ERR_UNIT', '--interfere on'],
    [['--interfere', 'cpu:1@0.5,cpus=4000'], 'ERR_RANGE', 'core 4000 is not available'],
    [['--objective', 'fun'], 'ERR_USAGE', '--objective'],
    [['--set', 'epsilon'], 'ERR_USAGE', '--set'],
    [['--set', 'nosuch=1'], 'ERR_UNKNOWN_OPTION', 'nosuch'],
    [['--set', 'epsilon=7'], 'ERR_RANGE', 'epsilon'],
    [['--warp', '9'], 'ERR_USAGE', '--warp'],
    [['extra'], 'ERR_USAGE', 'arguments'],
    [['--resume', '--force'], 'ERR_USAGE', 'exclude each other'],
    [['--resume'], 'ERR_RUN_MISSING', 'holds no run'],
    [['--network', '/nowhere'], 'ERR_NETWORK_MANIFEST', '/nowhere/manifest.json'],
    [['--network', 'shipped:nosuch'], 'ERR_NETWORK_MANIFEST', 'nosuch'],
  ]
  it.each(cases.map((one, i) => [...one, i] as const))('%j gives %s', async (args, code, says, i) => {
    const out = place.path(`bad-${i}`)
    const network = args.includes('--network') ? [] : ['--network', place.network]
    const rate = args.includes('--rate') ? [] : ['--rate', 'back-to-back']
    const virtual = args.includes('--virtual') ? [] : ['--virtual', 'none']
    expectLine(await place.run('train', '--steps', '5', ...network, ...rate, ...virtual, '--out', out, ...args), code, says)
    expect(filesIn(out)).toEqual([])
  })
})

describe('an output folder', () => {
  const train = (out: string, ...args: string[]) => place.run('train', '--network', place.network, '--out', out, ...args)

  it('must be named, writable, and empty of runs', async () => {
    expectLine(await place.run('train', '--network', place.network), 'ERR_USAGE', '--out')
    for (const out of ['/proc/nothing/here', '/dev/null/runs', `${run}/run.json`, `${run}/run.json/below`])
      expectLine(await train(out), 'ERR_OUT_NOT_WRITABLE', out)
    expectLine(await train(run), 'ERR_OUT_EXISTS', '--resume goes on with it, --force starts over')
  })

  it('holds the run of one agent', async () => {
    expectLine(await train(run, '--resume', '--agent', 'linucb'), 'ERR_USAGE', 'is a run of q-learning, not of linucb')
  })
})

describe('an error with --json', () => {
  it('is the one document on standard output too', async () => {
    const { status, stdout, stderr } = await place.run('train', '--agent', 'nosuch', '--out', place.path('json'), '--json')
    expect(status).toBe(2)
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; exitCode: number } }
    expect(error).toEqual({ code: 'ERR_UNKNOWN_AGENT', message: expect.stringContaining('nosuch'), exitCode: 2 })
    expect(stderr).toBe(`flyball: ${error.message} [ERR_UNKNOWN_AGENT]\n`)
  })
})

describe('an unknown command', () => {
  it('is a wrong call', async () => {
    expectLine(await place.run('fly'), 'ERR_USAGE', 'fly')
    expectLine(await place.run('--fast'), 'ERR_USAGE', '--fast')
  })
})

describe('what only the run can tell', () => {
  it('a floor above what the network reaches', async () => {
    const out = place.path('floor')
    const args = ['--network', place.network, '--rate', 'back-to-back', '--virtual', 'none', '--out', out]
    expectError(await place.run('train', ...args, '--min-accuracy', '0.95'), 'ERR_RANGE', 'expected at most 0.69')
    expect(filesIn(out)).toEqual([])
    // And the folder can be used.
    await place.train(out, '--virtual', 'none', '--steps', '5')
  })
})

describe('a network', () => {
  type Manifest = {
    input: { shape: number[] }
    output: { classes: number; labels: string[] }
    units: { file: string; macs: number }[]
    subnets: { accuracy: { top1: number } }[]
  }
  const cases: [name: string, spoil: (dir: string, manifest: Manifest) => string | undefined, code: ErrorCode, says: string][] = [
    ['no-json', () => '{', 'ERR_NETWORK_MANIFEST', 'is not JSON'],
    ['newer', (_, m) => JSON.stringify({ ...m, schema: 'flyball-network/2' }), 'ERR_NETWORK_MANIFEST', 'schema'],
    ['missing-file', (dir) => void rmSync(`${dir}/group3.onnx`), 'ERR_NETWORK_FILE', 'group3.onnx is missing'],
    ['changed-file', (dir) => void writeFileSync(`${dir}/group3.onnx`, 'x'), 'ERR_NETWORK_FILE', 'group3.onnx'],
    ['wrong-shape', (_, m) => JSON.stringify({ ...m, input: { ...m.input, shape: [1, 3, 24, 24] } }), 'ERR_NETWORK_SHAPE', '[1, 3, 24, 24]'],
    [
      'wrong-classes',
      (_, m) => JSON.stringify({ ...m, output: { ...m.output, classes: 5, labels: [...m.output.labels, 'up'] } }),
      'ERR_NETWORK_SHAPE',
      '[1, 5]',
    ],
    [
      'accuracy',
      (_, m) => JSON.stringify({ ...m, subnets: m.subnets.map((s) => ({ ...s, accuracy: { ...s.accuracy, top1: 1.2 } })) }),
      'ERR_NETWORK_MANIFEST',
      'accuracy.top1',
    ],
    ['escape', (_, m) => JSON.stringify({ ...m, units: m.units.map((u) => ({ ...u, file: '../x.onnx' })) }), 'ERR_NETWORK_MANIFEST', 'units.0.file'],
  ]
  it.concurrent.each(cases)('%s is refused', async (name, spoil, code, says) => {
    const dir = place.path(`network-${name}`)
    writeSmallNetworkTo(dir)
    const text = spoil(dir, JSON.parse(readFileSync(`${dir}/manifest.json`, 'utf8')) as Manifest)
    if (text !== undefined) writeFileSync(`${dir}/manifest.json`, text)
    const out = place.path(`out-${name}`)
    expectLine(await place.run('train', '--network', dir, '--rate', 'back-to-back', '--virtual', 'none', '--out', out), code, says)
    expect(filesIn(out)).toEqual([])
  })
})

describe('a checkpoint', () => {
  const copy = (name: string): string => {
    const dir = place.path(`copy-${name}`)
    cpSync(run, dir, { recursive: true })
    return dir
  }
  const change = (dir: string, how: (text: string) => string): void => {
    const path = `${dir}/checkpoint/policy.json`
    writeFileSync(path, how(readFileSync(path, 'utf8')))
  }
  const resave = (dir: string, how: (checkpoint: Checkpoint) => Checkpoint): void =>
    void saveCheckpoint(`${dir}/checkpoint`, how(readCheckpoint(`${dir}/checkpoint`)))

  const cases: [name: string, spoil: (dir: string) => void, code: ErrorCode, says: string | RegExp][] = [
    ['truncated', (dir) => change(dir, (text) => text.slice(0, 1000)), 'ERR_CHECKPOINT_CORRUPT', 'truncated'],
    ['empty', (dir) => change(dir, () => ''), 'ERR_CHECKPOINT_CORRUPT', 'policy.json'],
    ['altered', (dir) => change(dir, (text) => text.replace('"step":10', '"step":11')), 'ERR_CHECKPOINT_CORRUPT', 'checksum'],
    [
      'newer',
      (dir) => change(dir, (text) => text.replace('flyball-checkpoint/1', 'flyball-checkpoint/2')),
      'ERR_CHECKPOINT_SCHEMA',
      'flyball-checkpoint/2',
    ],
    ['missing', (dir) => rmSync(`${dir}/checkpoint`, { recursive: true }), 'ERR_RUN_MISSING', 'checkpoint does not exist'],
    [
      'of-another-board',
      (dir) => resave(dir, (one) => ({ ...one, board: { id: 'odroid-xu4', fingerprint: 'four and four' } })),
      'ERR_BOARD_MISMATCH',
      /checkpoint: +board odroid-xu4[\s\S]*here: +board /,
    ],
    [
      'of-other-monitors',
      (dir) => resave(dir, (one) => ({ ...one, spaces: makeSpaces({ ...one.spaces, features: [], monitors: one.spaces.monitors.slice(1) }) })),
      'ERR_SPACE_MISMATCH',
      /here: +monitor 0 /,
    ],
    [
      'of-another-network',
      (dir) => resave(dir, (one) => ({ ...one, network: { name: 'lenet', sha256s: ['0'.repeat(64)] } })),
      'ERR_NETWORK_MISMATCH',
      /checkpoint: +network lenet[\s\S]*here: +network small-1/,
    ],
  ]
  it.concurrent.each(cases)('%s is refused by deploy, train --resume changes nothing', async (name, spoil, code, says) => {
    const dir = copy(name)
    spoil(dir)
    expectError(await place.run('deploy', dir, '--steps', '5'), code, says)
    expect(filesIn(dir).filter((file) => file.includes('deploy-'))).toEqual([])
    if (name === 'missing') return
    const before = readFileSync(`${dir}/trace.jsonl`, 'utf8')
    expectError(await place.run('train', '--network', place.network, '--steps', '20', '--resume', '--out', dir), code, says)
    expect(readFileSync(`${dir}/trace.jsonl`, 'utf8')).toBe(before)
  })

  it('names the generation before, where that one is intact', async () => {
    const dir = copy('generations')
    resave(dir, (one) => one)
    change(dir, () => '{')
    expectError(
      await place.run('deploy', dir, '--steps', '5'),
      'ERR_CHECKPOINT_CORRUPT',
      /the previous generation is intact: .*previous\/policy\.json/,
    )
  })
})

describe('a run', () => {
  it('must be one', async () => {
    mkdirSync(place.path('empty'))
    for (const dir of [place.path('empty'), place.path('nowhere'), `${run}/run.json`]) {
      expectLine(await place.run('deploy', dir), 'ERR_RUN_MISSING', dir)
    }
    expectLine(await place.run('deploy'), 'ERR_USAGE', 'run')
  })

  it('must have readable settings', async () => {
    const dir = place.path('settings')
    cpSync(run, dir, { recursive: true })
    const text = readFileSync(`${dir}/run.json`, 'utf8')
    writeFileSync(`${dir}/run.json`, text.slice(0, 100))
    expectLine(await place.run('deploy', dir), 'ERR_RUN_MISSING', 'run.json is no JSON')
    writeFileSync(`${dir}/run.json`, text.replace('"seed": 3', '"seed": "three"'))
    expectLine(await place.run('deploy', dir), 'ERR_RUN_MISSING', 'seed')
  })

  it('is not deployed with wrong wishes', async () => {
    expectLine(await place.run('deploy', run, '--deadline', '-1ms'), 'ERR_RANGE', '--deadline')
    expectLine(await place.run('deploy', run, '--steps', '0'), 'ERR_RANGE', '--steps')
    expectLine(await place.run('deploy', run, '--rate', '0', '--steps', '1'), 'ERR_RANGE', '--rate')
    expectLine(await place.run('deploy', run, '--interfere', 'cpu:0@1', '--steps', '1'), 'ERR_RANGE', '--interfere')
    expectLine(await place.run('deploy', run, '--accuracy-floor', '0.9', '--steps', '1'), 'ERR_RANGE', '--accuracy-floor')
    expectLine(await place.run('deploy', run, '--network', '/nowhere', '--steps', '1'), 'ERR_NETWORK_MANIFEST', '/nowhere')
    expect(filesIn(run).filter((file) => file.includes('deploy-'))).toEqual([])
  })
})

describe('a trace', () => {
  const lines = () => readFileSync(`${run}/trace.jsonl`, 'utf8').trimEnd().split('\n')
  const cases: [name: string, text: () => string, code: ErrorCode, says: string | RegExp][] = [
    ['empty', () => '', 'ERR_TRACE_CORRUPT', 'is empty'],
    ['of something else', () => 'hello\n', 'ERR_TRACE_CORRUPT', 'line 1'],
    ['newer', () => lines().join('\n').replace('flyball-trace/2', 'flyball-trace/3'), 'ERR_TRACE_SCHEMA', 'flyball-trace/3'],
    ['without a header', () => `${lines().slice(1).join('\n')}\n`, 'ERR_TRACE_CORRUPT', 'line 1'],
    ['with a broken record', () => `${lines().with(4, '{"step":3').join('\n')}\n`, 'ERR_TRACE_CORRUPT', 'line 5'],
    ['with a record missing', () => `${lines().toSpliced(4, 1).join('\n')}\n`, 'ERR_TRACE_CORRUPT', /line 5: its step is 4, expected 3/],
    ['of an unknown agent', () => lines().join('\n').replaceAll('"name":"q-learning"', '"name":"nosuch"'), 'ERR_UNKNOWN_AGENT', 'nosuch'],
  ]
  it.concurrent.each(cases)('%s is refused', async (name, text, code, says) => {
    const path = place.path(`${name}.jsonl`)
    writeFileSync(path, text())
    expectLine(await place.run('replay', path), code, says)
  })

  it('must be there', async () => {
    expectLine(await place.run('replay', place.path('nowhere.jsonl')), 'ERR_RUN_MISSING', 'nowhere.jsonl')
    expectLine(await place.run('replay', place.path('no-run')), 'ERR_RUN_MISSING', 'no-run')
    expectLine(await place.run('replay', run, '--policy', place.path('nowhere')), 'ERR_RUN_MISSING', 'nowhere')
    expectLine(await place.run('replay'), 'ERR_USAGE', 'trace')
  })

  it('of another run is not gone on with', async () => {
    const dir = place.path('mixed')
    cpSync(run, dir, { recursive: true })
    await place.train(place.path('paced'), '--virtual', 'pacing', '--steps', '5')
    cpSync(place.path('paced/trace.jsonl'), `${dir}/trace.jsonl`)
    expectError(await place.run('train', '--network', place.network, '--steps', '20', '--resume', '--out', dir), 'ERR_TRACE_MISMATCH', 'another run')
  })
})
