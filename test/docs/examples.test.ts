import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNetwork } from '../../src/network/manifest.ts'
import { networkDir } from '../../src/run/shipped.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))]

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

describe('documentation', () => {
  it('governs an application: docs/examples/govern.mjs', async () => {
    // The example feeds pictures of the shipped network's size.
    const run = place.path('run')
    const { status, stderr } = await place.run('train', '--rate', '400', '--steps', '30', '--deadline', '2x', '--out', run)
    expect(status, stderr).toBe(0)
    const printed = execFileSync(process.execPath, [join(root, 'docs/examples/govern.mjs'), run], { cwd: root, encoding: 'utf8' })
    const { labels } = openNetwork(networkDir('shipped:cifar10-g4')).manifest.output
    const [, label, first] = /^first answer: (\w+), sub-network (\d+), [\d.]+ ms$/m.exec(printed) ?? []
    expect(labels).toContain(label)
    expect(['25', '50', '75', '100']).toContain(first)
    // 25 % of the network has fewer than 43 answers in 50 right.
    expect(printed).toMatch(/^with a floor: sub-network (50|75|100), deadline met$/m)
  })

  it('compares agents, and opens their world: docs/examples/compare.mjs', () => {
    const printed = execFileSync(process.execPath, [join(root, 'docs/examples/compare.mjs')], { cwd: root, encoding: 'utf8' })
    expect(printed.split('\n').slice(0, 4)).toEqual([
      expect.stringMatching(/^q-learning \(nothing\): \d+ % above the oracle$/),
      expect.stringMatching(/^q-learning\+profile \(profiled\): \d+ % above the oracle$/),
      expect.stringMatching(/^performance \(nothing\): \d+ % above the oracle$/),
      expect.stringMatching(/^static \(reference\): \d+ % above the oracle$/),
    ])
    expect(printed).toMatch(/^192 points; the first one misses \d+ of 200 deadlines$/m)
  })

  it('imports what docs/import.md shows', async () => {
    const example = (name: string): string => join(root, 'docs/examples/import', name)
    const [quoted = ''] = /^{\n {2}"schema": "flyball-import[\s\S]*?^}/m.exec(read('docs/import.md')) ?? []
    // The page leaves out what is usual anyway.
    const { energyScope: _, ...shipped } = JSON.parse(read('docs/examples/import/map.json')) as Record<string, unknown>
    expect(JSON.parse(quoted.replace('"unit": "mW" }', '"unit": "mW", "over": "latency" }'))).toEqual(shipped)
    const week = place.path('week.jsonl')
    const imported = await place.run('trace', 'import', example('answers.csv'), '--map', example('map.json'), '--out', week, '--json')
    expect(JSON.parse(imported.stdout)).toMatchObject({ decisions: 240, points: 6, known: { latencyS: 240, energyJ: 240, propensity: 240 } })
    expect((await place.run('replay', week, '--policy', 'static:3')).stdout).toMatch(/static:3 \(fixed point\).*: better by/)
    const direct = await place.run('replay', example('answers.csv'), '--map', example('map.json'), '--policy', 'static:3')
    expect(direct.stdout).toContain('240 decisions; not executed again: it was imported and holds no agent')
    const learned = place.path('learned')
    expect((await place.run('train', '--from', week, '--agent', 'bayes', '--out', learned)).status).toBe(0)
    expect((await place.run('replay', week, '--policy', learned)).stdout).toContain('learned (checkpoint, frozen)')
    const refused = await place.run('deploy', learned)
    expect(refused.status).toBe(3)
    expect(refused.stderr).toContain('learned holds a checkpoint but no run (no run.json): it was learned from a log that was not taken on a board')
    const night = place.path('night.parquet')
    const joined = await place.run(
      'trace',
      'import',
      example('tegrastats.log'),
      '--from',
      'tegrastats',
      '--latencies',
      example('latencies.csv'),
      '--out',
      night,
    )
    expect(joined.stdout).toContain('118 decisions of 1 run, 3 operating points')
    expect((await place.run('trace', 'show', night)).stdout).toContain('propensity   unknown')
  })

  it('lists every field that train and deploy print', async () => {
    const out = place.path('fields')
    const train = JSON.parse((await place.train(out, '--json')).stdout) as object
    const deploy = JSON.parse((await place.run('deploy', out, '--steps', '5', '--json')).stdout) as object
    const text = read('docs/commands.md')
    for (const field of new Set([...Object.keys(train), ...Object.keys(deploy)])) expect(text, field).toContain(`\`${field}\``)
  })

  it('lists every field that the other commands print, each in its own section', async () => {
    const page = read('docs/commands.md')
    const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
    const log = place.path('fields-log')
    const recorded = await place.run(
      'record',
      '--rate',
      '400',
      '--steps',
      '60',
      '--deadline',
      '2x',
      '--network',
      place.network,
      '--out',
      log,
      '--json',
    )
    expect(recorded.status, recorded.stderr).toBe(0)
    const calls: readonly (readonly [string, readonly string[]])[] = [
      ['`train --from', ['train', '--from', log, '--agent', 'bayes', '--out', place.path('fields-from')]],
      ['`replay --json`', ['replay', log, '--policy', 'random', '--horizon', '2']],
      ['`replay --json`', ['replay', log, '--step', '3', '--explain']],
      ['`trace show', ['trace', 'show', log]],
      ['`trace show', ['trace', 'convert', log, place.path('fields.parquet')]],
      ['`trace show', ['trace', 'merge', log, place.path('fields.parquet'), '--out', place.path('both.jsonl')]],
      ['`compare --json`', ['compare', '--env', 'sim:odroid-xu4@steady', '--agents', 'static', '--steps', '5', '--seeds', '1']],
      ['`doctor', ['doctor']],
      ['`restore', ['restore', '--dry-run']],
    ]
    const missing = (title: string, printed: string): string[] =>
      Object.keys(JSON.parse(printed) as object).filter((field) => !new RegExp(`\\b${field}\\b`).test(section(title)))
    expect(missing('`train --json`', recorded.stdout).filter((field) => !section('`record').includes(`\`${field}\``))).toEqual([])
    for (const [title, args] of calls) {
      const { stdout, stderr, status } = await place.run(...args, '--json')
      expect(status, `${args.join(' ')}: ${stderr}`).toBe(0)
      expect(missing(title, stdout), args.join(' ')).toEqual([])
    }
  })

  it('names only files that are there', () => {
    for (const page of pages)
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
        if (!/^https?:/.test(target)) expect(existsSync(join(root, dirname(page), target)), `${page}: ${target}`).toBe(true)
  })

  it('quotes the accuracies of the manifest', () => {
    const { subnets } = openNetwork(networkDir('shipped:cifar10-g4')).manifest
    expect(read('README.md').replaceAll(/\s+/g, ' ')).toContain(`${subnets.map((subnet) => (100 * subnet.accuracy.top1).toFixed(1)).join(' / ')} %`)
  })
})

it('sends nothing to the maker of ONNX Runtime', async () => {
  await import('../../src/network/session.ts')
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1')
})
