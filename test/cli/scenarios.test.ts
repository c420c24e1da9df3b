import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { scenarioNames } from '../../envs/world/scenario/shipped.ts'
import { scenariosCommand } from '../../src/cli/scenarios/scenarios.ts'
import { bareScenario } from '../support/scenario.ts'

let printed: string
let dir: string
beforeEach(() => {
  printed = ''
  dir = mkdtempSync(join(tmpdir(), 'flyball-scenarios-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true })
})
const run = async (...args: string[]): Promise<string> => {
  await scenariosCommand().exitOverride().parseAsync(args, { from: 'user' })
  return printed
}
const fileOf = (extra: object): string => {
  const path = join(dir, 'mine.json')
  writeFileSync(path, JSON.stringify({ ...bareScenario, ...extra }))
  return path
}

describe('flyball scenarios', () => {
  it('has a line for each, and for files of the user', async () => {
    const lines = (await run('--scenario', fileOf({ name: 'mine' }))).trim().split('\n')
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(['scenario', ...scenarioNames(), 'mine'])
    expect(lines.at(-1)).toMatch(/^mine +for a test$/)
  })

  it('prints one document', async () => {
    const { scenarios } = JSON.parse(await run('--json')) as { scenarios: { name: string }[] }
    expect(scenarios.find(({ name }) => name === 'drift')).toEqual({
      name: 'drift',
      description: 'The board slows down by a third over an hour, and stays so',
      durationS: 3600,
      requests: 1000,
      timeScale: null,
      after: 'hold',
      events: ['slowdown'],
      requirements: 1,
    })
  })
})

describe('flyball scenarios show', () => {
  it('says what happens when, and where it comes from', async () => {
    const lines = (await run('show', 'budget-change')).split('\n').map((line) => line.trim())
    expect(lines.slice(0, 11)).toEqual([
      'budget-change',
      'The case study of Xun et al.: 400 ms and 100 mJ, then 200 ms and 150 mJ, then also an accuracy floor of 68 %',
      '480 s, played in about 1000 requests: its clock is scaled to fit; then it repeats',
      'the application minimises what is missing of accuracy',
      'a request that comes while another is answered is lost',
      'requirements stated for odroid-xu4; on another board they follow what its fastest point of full size takes',
      '',
      '0 s to 160 s    asked: deadline 400ms, energy budget 100mJ',
      '160 s to 320 s  asked: deadline 200ms, energy budget 150mJ',
      '320 s to 480 s  asked: deadline 200ms, energy budget 150mJ, accuracy floor 0.68',
      'always          requests at a fixed rate, load 0.25',
    ])
    expect(lines).toContain('[1] assumed: a third of the time for each')
  })

  it('has words for everything that can happen', async () => {
    const events = [
      { kind: 'co-runner', what: 'a game', cluster: 'any', share: [0.1, 0.25], bandwidthShare: 0.1, copies: 2, when: { presentS: 5, absentS: 10 } },
      { kind: 'co-runner', cluster: 'a53', share: 0.5, when: { everyS: 9, forS: 3, jitter: 0.2 } },
      { kind: 'memory', bandwidthShare: 0.4, when: { fromS: 30, toS: 40 } },
      { kind: 'cores', cluster: 'slowest', take: 1, when: { fromS: 20 } },
      { kind: 'cores', cluster: 'fastest', take: 'all', when: { toS: 10 } },
      { kind: 'ambient', tempC: 20, toTempC: 40, when: { fromS: 5, toS: 9 } },
      { kind: 'ambient', tempC: 20, swingC: 3, periodS: 60 },
      { kind: 'slowdown', factor: [1.1, 1.2] },
      { kind: 'slowdown', factor: 1, toFactor: 2, when: { toS: 50 } },
      { kind: 'sensor', sensor: 'interference', fault: 'jumping', when: { fromS: 1, toS: 2 } },
    ]
    const arrivals = [
      { kind: 'poisson', rateHz: 3 },
      { kind: 'bursts', load: 1, forS: 2, restS: 4, fromS: 50 },
      { kind: 'idle', fromS: 90 },
    ]
    const requirements = [{ fromS: 0 }, { fromS: 60, percentile: 90, energyBudget: null, leastConfidence: 0.5 }]
    const lines = (await run('show', fileOf({ events, arrivals, requirements, timeScale: 4 })))
      .split('\n')
      .map((line) => line.trim().replace(/ {2,}/, ': '))
    expect(lines[2]).toBe('100 s, 4 s of it in a second of requests; then it repeats')
    expect(lines.slice(4).filter((line) => line !== '')).toEqual([
      '0 s to 50 s: requests by chance (Poisson), 3 a second',
      '0 s to 60 s: asked: what the run asks',
      '0 s to 10 s: the fastest cluster is taken away',
      'from 0 s to 50 s: every latency times 1 to 2, where it stays',
      '1 s to 2 s: the load meter jumps',
      'from 5 s to 9 s: ambient temperature from 20 degC to 40 degC, where it stays',
      'from 20 s: 1 core of the slowest cluster taken away',
      '30 s to 40 s: others take 40 % of the memory bandwidth',
      '50 s to 90 s: requests in bursts, load 1 for about 2 s, then none for about 4 s',
      '60 s to 100 s: asked: percentile 90 %, no energy budget, least confidence 0.5',
      '90 s to 100 s: no requests',
      'by chance, there for 5 s and gone for 10 s on average: 2 times: others take 10 to 25 % of some cluster, and 10 % of the memory bandwidth (a game)',
      'by chance, about 3 s of every 9 s, lengths +-20 %: others take 50 % of a53',
      'always: ambient temperature 20 degC, up and down by 3 degC each 60 s',
      'always: every latency times 1.1 to 1.2',
    ])
  })

  it('prints the scenario with its defaults and the timeline', async () => {
    const { scenario, timeline } = JSON.parse(await run('show', 'steady', '--json')) as { scenario: object; timeline: object[] }
    expect(scenario).toMatchObject({ name: 'steady', after: 'repeat', events: [] })
    expect(timeline).toEqual([
      { fromS: null, toS: null, when: 'always', what: 'requests at a fixed rate, load 0.3' },
      { fromS: null, toS: null, when: 'always', what: 'asked: deadline 250ms, accuracy floor 0.68' },
    ])
  })

  it('draws what a seed makes of it on a board', async () => {
    const path = join(dir, 'picture.svg')
    const draw = async (name: string, ...args: string[]): Promise<string> => {
      await run('show', name, '--svg', path, ...args)
      return readFileSync(path, 'utf8')
    }
    const svg = await draw('core-loss', '--board', 'rk3588')
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/)
    expect(svg).toContain('core-loss on rk3588, seed 1')
    for (const label of ['cores there', 'requests per second', 'a55', 'a76_0']) expect(svg).toContain(label)
    // What never changes is left out, and nothing is fetched when it is looked at.
    for (const label of ['factor on every latency', 'ambient temperature']) expect(svg).not.toContain(label)
    expect(svg).not.toMatch(/<image|<script|href="http/)
    expect(await draw('corunner-mix')).not.toBe(await draw('corunner-mix', '--seed', '2'))
  })

  it('says which picture it wrote, and makes no folders for it', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const path = join(dir, 'picture.svg')
    expect(JSON.parse(await run('show', 'steady', '--svg', path, '--json'))).toMatchObject({ picture: path })
    expect(said.mock.calls.join('')).toContain(`picture of steady on odroid-xu4, seed 1: ${path}`)
    await expect(run('show', 'steady', '--svg', join(dir, 'none', 'x.svg'))).rejects.toMatchObject({ code: 'ERR_OUT_NOT_WRITABLE' })
  })

  it('says where a scenario does not fit a board, and which one is meant', async () => {
    const lost = fileOf({ events: [{ kind: 'cores', cluster: 'a99', take: 1 }] })
    await expect(run('show', lost, '--svg', join(dir, 'x.svg'))).rejects.toMatchObject({
      code: 'ERR_SCENARIO',
      message: `${lost}: events.0.cluster is 'a99', which is no cluster here: expected a7, a15, fastest, slowest, all or any`,
    })
    await expect(run('show', lost, '--board', 'rk3588')).rejects.toMatchObject({ code: 'ERR_SCENARIO' })
    await expect(run('show', 'stedy')).rejects.toMatchObject({ code: 'ERR_UNKNOWN_SCENARIO', exitCode: 2 })
    await expect(run('show', 'steady', '--seed', 'x')).rejects.toMatchObject({ code: 'ERR_RANGE' })
  })
})
