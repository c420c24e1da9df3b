import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { saveCheckpoint } from '../../src/checkpoint/writer.ts'
import { compareCommand } from '../../src/cli/compare/compare.ts'
import { type ErrorCode, errorTable } from '../../src/core/errors.ts'
import { makeObjective } from '../../src/core/objective.ts'
import type { CompareResult } from '../../src/run/compare/result.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { resolveWish } from '../../src/run/request.ts'
import { filesIn, makeWorkplace, refusalOf, type Workplace } from '../support/cli.ts'
import { comparisonSchema } from '../support/compare-schema.ts'
import { smallCsv, smallHalf } from '../support/tables.ts'
import { waitFor } from '../support/wait-for.ts'

const gone = { schema: 'flyball-scenario/1', name: 'gone', description: 'a cluster is gone', durationS: 10, arrivals: [{ kind: 'back-to-back' }] }
let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
  writeTable('small', smallHalf, smallCsv)
  // Three points of which none says what its energy or accuracy is.
  writeTable(
    'bare',
    {
      ...smallHalf,
      name: 'bare',
      knobs: [
        { name: 'batch', values: [1, 4] },
        { name: 'cores', values: [1, 2] },
      ],
      outcomes: ['latencyS'],
      rows: 3,
    },
    'batch,cores,latencyS\n1,1,0.02\n1,2,0.01\n4,2,0.03\n',
  )
  writeTable('short', smallHalf, smallCsv.replace('latencyS', 'timeS'), 'odd')
  writeFileSync(place.path('sc.json'), JSON.stringify({ ...gone, events: [{ kind: 'cores', cluster: 'gpu', take: 1 }] }))
})
afterAll(() => place.remove())

function writeTable(name: string, half: object, csv: string, folder = 'tables'): void {
  mkdirSync(place.path(folder), { recursive: true })
  writeFileSync(place.path(`${folder}/${name}.json`), JSON.stringify(half))
  writeFileSync(place.path(`${folder}/${name}.csv`), csv)
}

const compare = (...args: string[]) => place.run('compare', ...args)

async function resultOf(...args: string[]): Promise<CompareResult> {
  const { stdout, stderr, status } = await compare(...args, '--json')
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as CompareResult
}

/** All but what a clock measured. */
const timeless = ({ agents, ...rest }: CompareResult) => ({ ...rest, agents: agents.map((agent) => ({ ...agent, decideS: null })) })

describe.concurrent('flyball compare', { timeout: 120_000 }, () => {
  it('compares on a simulated board: the same figures however many threads there are', async () => {
    const args = ['--env', 'sim:odroid-xu4@corunner-bursts', '--deadline', '1.5x', '--agents', 'linucb,q-learning+profile,static,oracle,random']
    const [one, three] = await Promise.all(['1', '3'].map((workers) => resultOf(...args, '--steps', '60', '--seeds', '3', '--workers', workers)))
    v.parse(comparisonSchema, one)
    expect(timeless(three as CompareResult)).toEqual(timeless(one as CompareResult))
    expect(one?.agents.map(({ agent }) => agent)).toEqual(['linucb', 'q-learning+profile', 'static', 'oracle', 'random'])
    expect(one?.agents[3]?.gap).toEqual({ mean: 0, lo: 0, hi: 0 })
    expect(one?.agents.every(({ gap }) => gap.mean >= -1e-9)).toBe(true)
    expect(one?.seeds).toBe(3)
  })

  it('names in its help every field that its document has, and whom it leaves out unless they are named', async () => {
    const { stdout } = await compare('--help')
    const document = await resultOf('--env', 'table:small', '--agents', 'static', '--steps', '25', '--seeds', '1')
    const fields = [
      document,
      document.objective,
      document.objective.reference,
      document.oracle,
      ...document.agents,
      ...(document.agents[0]?.windows ?? []),
    ]
    expect(fields.flatMap((part) => Object.keys(part)).filter((field) => !new RegExp(`\\b${field}\\b`).test(stdout))).toEqual([])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('default: all but dqn, planner, explorer')
  })

  it('prints what took so long even where it cannot be written', async () => {
    const out = place.path('late')
    // What appears while the comparison runs is in the way of a file of its own.
    const run = place.start('compare', '--env', 'sim:odroid-xu4@steady', '--agents', 'random', '--steps', '3000', '--seeds', '12', '--out', out)
    await waitFor('the first runs', () => run.stderr().includes('comparing'))
    mkdirSync(`${out}/report.html/full`, { recursive: true })
    const { status, stdout, stderr } = await run.ended
    expect(stderr).toMatch(/report\.html.*\[ERR_OUT_NOT_WRITABLE\]/)
    expect(status).toBe(errorTable.ERR_OUT_NOT_WRITABLE.exitCode)
    expect(stdout).toMatch(/^ {2}random /m)
    expect(existsSync(`${out}/.writing`)).toBe(false)
    expect(existsSync(`${out}/compare.json`)).toBe(false)
  })

  it('prints tables by class, what is asked and what is known of the figures', async () => {
    const { stdout, stderr, status } = await compare(
      '--env',
      'table:small',
      '--fix',
      'cluster=big',
      '--noise',
      '3%',
      '--deadline',
      '1.5x',
      '--steps',
      '60',
      '--seeds',
      '2',
    )
    expect(status).toBe(0)
    for (const words of [
      'table:small',
      'overlay: noise 3 %',
      'from nothing',
      'profiled:',
      'references:',
      'too few',
      'asked: at most 15 ms for 99 % of requests',
      'the profile took 4 steps',
    ])
      expect(stdout).toContain(words)
    expect(stdout.split('\n').filter((line) => /^ {2}oracle /.test(line))).toHaveLength(2)
    expect(stderr).toContain('comparing 2/2')
  })

  it('writes document, rows and report, and never over an earlier comparison unasked', async () => {
    const out = place.path('out')
    const args = ['--env', 'table:small', '--env', 'table:bare', '--agents', 'static,random', '--steps', '25', '--seeds', '2', '--out', out]
    expect((await compare(...args)).status).toBe(0)
    expect(
      filesIn(out)
        .map((file) => file.slice(out.length + 1))
        .sort(),
    ).toEqual(['compare.json', 'report.html', 'results.csv'])
    const { comparisons } = JSON.parse(readFileSync(`${out}/compare.json`, 'utf8')) as { comparisons: CompareResult[] }
    expect(comparisons.map(({ env }) => env)).toEqual(['table:small', 'table:bare'])
    for (const one of comparisons) v.parse(comparisonSchema, one)
    expect(comparisons[1]?.agents[0]).toMatchObject({ energyJ: null, accuracy: null })
    const rows = readFileSync(`${out}/results.csv`, 'utf8').trimEnd().split('\n')
    expect(rows[0]).toBe('env,agent,class,figure,from,to,mean,lo,hi')
    // Twelve figures and two for the only window, of two agents on two grounds.
    expect(rows).toHaveLength(1 + 14 * 4)
    expect(rows).toContain(`table:small,static,reference,gap,1,20,0,0,0`)
    expect(readFileSync(`${out}/report.html`, 'utf8')).toContain('table:bare')

    const again = await compare(...args)
    expect(again.stderr).toContain('[ERR_OUT_EXISTS]')
    expect((await compare(...args, '--force', '--steps', '10')).status).toBe(0)
    expect(JSON.parse(readFileSync(`${out}/compare.json`, 'utf8'))).toMatchObject({ comparisons: [{ steps: 10 }, { steps: 10 }] })
  })

  it('spreads suites: every scenario on a board, every table with its batch at the lowest', async () => {
    const suite = ['--env', 'suite:tables', '--tables', place.path('tables'), '--agents', 'static', '--steps', '5', '--seeds', '1', '--json']
    const tables = JSON.parse((await compare(...suite)).stdout) as { comparisons: CompareResult[] }
    expect(tables.comparisons.map(({ env, points }) => [env, points])).toEqual([
      ['table:bare', 2],
      ['table:small', 8],
    ])
    expect(tables.comparisons[0]?.labels.join()).toContain('fixed: batch=1')
    const fixed = JSON.parse((await compare(...suite, '--fix', 'batch=4')).stdout) as typeof tables
    expect(fixed.comparisons.map(({ points }) => points)).toEqual([1, 8])
    const scenarios = await compare('--env', 'suite:scenarios', '--board', 'rk3399', '--agents', 'random', '--steps', '5', '--seeds', '1', '--json')
    const { comparisons } = JSON.parse(scenarios.stdout) as typeof tables
    expect(comparisons.map(({ env }) => env)).toContain('sim:rk3399@corunner-mix')
    expect(comparisons.length).toBeGreaterThanOrEqual(9)
  })

  it('says what nothing can meet, runs all the same, and names the point that comes nearest', async () => {
    const args = ['--env', 'table:small', '--deadline', '5ms', '--agents', 'static', '--steps', '5', '--seeds', '1']
    const { stdout, status } = await compare(...args)
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /infeasible: at most 5 ms for 99 % of requests is met by no point even on the quiet board; least bad is subnet=small cluster=big freqHz=1800MHz, which gives 10 ms, 60 mJ/,
    )
  })

  it('lets a checkpoint take part, from its file or its run', async () => {
    const run = place.path('trained')
    const [spec] = findGrounds(['table:small'], { tables: [place.path('tables')] })
    const ground = openGround(spec as NonNullable<typeof spec>)
    const { requirements, objective } = resolveWish({}, ground.nominal)
    const agent = findAgent('linucb').make({ spaces: ground.spaces, seed: 1, options: {}, objective: makeObjective(objective, ground.nominal) })
    saveCheckpoint(`${run}/checkpoint`, {
      flyball: '0',
      agent: { name: 'linucb', options: {}, data: agent.save() },
      spaces: ground.spaces,
      board: { id: 'small', fingerprint: 'small' },
      network: null,
      objective,
      requirements,
      nominal: [...ground.nominal],
      step: 0,
      seed: 1,
    })
    const args = ['--env', 'table:small', '--agents', 'linucb', '--steps', '30', '--seeds', '2', '--checkpoint']
    const result = await resultOf(...args, 'trained')
    expect(result.agents.map(({ agent: name, class: kind }) => [name, kind])).toEqual([
      ['linucb', 'nothing'],
      ['linucb@trained', 'trained'],
    ])
    // It has learned nothing yet, so that it is as good as one that begins.
    const frozen = await resultOf(...args, 'trained/checkpoint/policy.json', '--frozen')
    expect(frozen.agents[1]?.agent).toBe('linucb@trained/checkpoint/policy.json frozen')
    expect((await compare('--env', 'table:bare', '--checkpoint', 'trained')).stderr).toMatch(
      /table:bare: .*made for other knobs[\s\S]*ERR_SPACE_MISMATCH/,
    )
  })

  it("drives a run's own world through a simulated board", async () => {
    const run = place.path('recorded')
    await place.train(run, '--virtual', 'none', '--clusters', '0,1')
    const args = ['--on', 'sim:odroid-xu4', '--agents', 'static,oracle', '--steps', '20', '--seeds', '2']
    const [folder, file] = await Promise.all(['recorded', 'recorded/trace.jsonl'].map((trace) => resultOf('--env', `trace:${trace}`, ...args)))
    expect(folder?.env).toBe('trace:recorded')
    expect(folder?.labels.join()).toMatch(/simulated: odroid-xu4.*trace: clusters by order/)
    expect(timeless({ ...(file as CompareResult), env: 'trace:recorded' }).agents).toEqual(timeless(folder as CompareResult).agents)
  })

  it('ended by a signal, leaves nothing', async () => {
    const out = place.path('interrupted')
    const run = place.start('compare', '--env', 'sim:odroid-xu4@steady', '--agents', 'random', '--steps', '20000', '--seeds', '500', '--out', out)
    await waitFor('the first runs', () => run.stderr().includes('comparing'))
    run.child.kill('SIGINT')
    const { status, stdout, stderr } = await run.ended
    expect(status).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toContain('[ERR_INTERRUPTED]')
    expect(existsSync(out)).toBe(false)
  })
})

describe('a wrong call of compare says so before anything runs, leaves nothing behind, and', () => {
  const before = process.cwd()
  beforeAll(() => process.chdir(place.dir))
  afterAll(() => process.chdir(before))

  const sim = ['--env', 'sim:odroid-xu4@steady']
  const cases: [args: string[], code: ErrorCode, says: string][] = [
    [[], 'ERR_USAGE', '--env'],
    [['--env', 'mars'], 'ERR_UNKNOWN_ENV', 'expected sim:BOARD'],
    [['--env', 'board'], 'ERR_UNKNOWN_ENV', 'which a real board cannot tell'],
    [['--env', 'sim:odroid-xu5'], 'ERR_UNKNOWN_BOARD', 'odroid-xu4'],
    [['--env', 'sim:apple-m1'], 'ERR_UNKNOWN_BOARD', 'apple-m1 cannot be simulated: thermalZones'],
    [['--env', 'sim:hikey960'], 'ERR_UNKNOWN_BOARD', 'hikey960 cannot be simulated: memory.bandwidth'],
    [['--env', 'sim:jetson-nano'], 'ERR_UNKNOWN_BOARD', 'jetson-nano cannot be simulated: clusters.a57.capacitanceF'],
    [['--env', 'sim:odroid-xu4@stead'], 'ERR_UNKNOWN_SCENARIO', 'steady'],
    [['--env', 'table:nothing'], 'ERR_UNKNOWN_ENV', 'nothing'],
    [['--env', 'suite:tables', '--tables', 'tables', '--fix', 'speed=1'], 'ERR_UNKNOWN_KNOB', 'speed'],
    [['--env', 'suite:tables', '--tables', 'nowhere'], 'ERR_UNKNOWN_ENV', 'no measured table lies in nowhere'],
    [['--env', 'suite:moons'], 'ERR_UNKNOWN_ENV', 'suite:scenarios'],
    [['--env', 'trace:none.jsonl'], 'ERR_USAGE', '--on sim:BOARD'],
    [[...sim, '--env', 'table:odd/short'], 'ERR_TABLE', 'odd/short.csv: line 1: column latencyS is missing'],
    [['--env', 'sim:odroid-xu4@sc.json'], 'ERR_SCENARIO', "events.0.cluster is 'gpu', which is no cluster here: expected a7, a15"],
    [['--env', 'table:small@sc.json'], 'ERR_SCENARIO', 'expected little, big'],
    [[...sim, '--board', 'own.json'], 'ERR_BOARD_FILE', 'own.json'],
    [[...sim, '--agents', 'random,nobody'], 'ERR_UNKNOWN_AGENT', 'expected one of q-learning, linucb'],
    [[...sim, '--agents', 'random,random'], 'ERR_USAGE', 'named twice'],
    [[...sim, '--agents', ''], 'ERR_USAGE', 'no agent is named'],
    [[...sim, '--set', 'epsilon=1'], 'ERR_USAGE', 'AGENT.NAME=VALUE'],
    [[...sim, '--set', 'linucb.nothing=1'], 'ERR_UNKNOWN_OPTION', 'nothing'],
    [[...sim, '--agents', 'random', '--set', 'linucb.alpha=1'], 'ERR_USAGE', 'linucb takes no part'],
    [[...sim, '--frozen'], 'ERR_USAGE', '--checkpoint RUN'],
    [[...sim, '--checkpoint', 'nothing-here'], 'ERR_RUN_MISSING', 'nothing-here'],
    [[...sim, '--steps', '0'], 'ERR_RANGE', '--steps'],
    [[...sim, '--seeds', '0'], 'ERR_RANGE', '--seeds'],
    [[...sim, '--workers', '0'], 'ERR_RANGE', '--workers'],
    [[...sim, '--noise', '3'], 'ERR_UNIT', '3%'],
    [[...sim, '--noise', '3%'], 'ERR_USAGE', '--noise is for measured tables'],
    [[...sim, '--fix', 'batch=1'], 'ERR_USAGE', '--fix is for measured tables'],
    [['--env', 'table:bare', '--plant', 'perturbed'], 'ERR_USAGE', 'is for simulated boards'],
    [[...sim, '--on', 'sim:odroid-xu4'], 'ERR_USAGE', '--on is what the world of a trace'],
    [[...sim, '--scenario', 'drift'], 'ERR_USAGE', '--scenario drift is for an --env that names no scenario'],
    [['--env', 'suite:scenarios', '--scenario', 'drift'], 'ERR_USAGE', '--scenario drift'],
    [['--env', 'table:bare', '--board', 'rk3399'], 'ERR_USAGE', '--board is for simulated boards'],
    [['--env', 'sim:odroid-xu4@steady', '--board', 'rk3399'], 'ERR_USAGE', '--board rk3399: no --env is of that board, expected --env sim:rk3399'],
    [[...sim, '--objective', 'energy', '--weights', 'latency=1'], 'ERR_USAGE', '--weights'],
    [['--env', 'table:small', '--fix', 'batch=1'], 'ERR_UNKNOWN_KNOB', 'small has no knob'],
    [['--env', 'table:small', '--env', 'table:bare', '--fix', 'batch=2'], 'ERR_UNKNOWN_KNOB', 'batch'],
    [[...sim, '--noise', '100%'], 'ERR_RANGE', '--noise'],
    [[...sim, '--plant', 'broken'], 'ERR_USAGE', 'nominal, perturbed'],
    [[...sim, '--deadline', '30'], 'ERR_UNIT', '--deadline'],
    [['--env', 'table:bare', '--objective', 'energy'], 'ERR_RANGE', 'table:bare: '],
    [['--env', 'table:bare', '--energy-budget', '1J'], 'ERR_RANGE', 'has no energy'],
    [['--env', 'table:bare', '--accuracy-floor', '0.5'], 'ERR_RANGE', 'has no accuracy'],
    [['--env', 'table:bare', '--agents', 'planner'], 'ERR_USAGE', 'heat'],
  ]
  it.each(cases)('%j: %s', async (args, code, says) => {
    const refused = await refusalOf(compareCommand(), ...args, '--out', 'refused/folder')
    expect(refused).toMatchObject({ code, exitCode: errorTable[code].exitCode })
    expect(refused.message).toContain(says)
    expect(existsSync(place.path('refused'))).toBe(false)
  })

  it('says so in one line, and in one document where that was asked for', async () => {
    const out = place.path('refused/by/name')
    const { status, stdout, stderr } = await compare(...sim, '--agents', 'static', '--set', 'static.point=999', '--out', out, '--json')
    expect(stderr).toMatch(/^flyball: sim:odroid-xu4@steady: agent static: option point is 999, [^\n]*\[ERR_RANGE\]\n$/)
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'ERR_RANGE', exitCode: 2, message: expect.stringContaining('option point is 999') } })
    expect(status).toBe(2)
    expect(existsSync(place.path('refused'))).toBe(false)
  })

  it.each(['a file', 'below a file'])('cannot write to %s', async (where) => {
    writeFileSync(place.path('file'), '')
    const out = place.path(where === 'a file' ? 'file' : 'file/below')
    expect(await refusalOf(compareCommand(), ...sim, '--out', out)).toMatchObject({ code: 'ERR_OUT_NOT_WRITABLE', exitCode: 2 })
  })
})
