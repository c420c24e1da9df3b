import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { readLoggedWorld } from '../../../envs/trace/logged-world.ts'
import { fitTrace, traceMaker } from '../../../envs/trace/trace-world.ts'
import { makeWorldState, type WorldSite } from '../../../envs/world/world.ts'
import { openTrace } from '../../../src/trace/reader.ts'
import type { DecisionRecord } from '../../../src/trace/record.ts'
import { createTrace } from '../../../src/trace/writer.ts'
import { errorOf } from '../../support/error-of.ts'
import { makeScriptedEnv } from '../../support/scripted-env.ts'
import { runScripted, scriptedHeader } from '../../support/scripted-run.ts'

let dir: string
let path: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-trace-world-'))
  path = join(dir, 'busy.jsonl')
  const header = scriptedHeader('random', 5)
  const writer = createTrace(path, header)
  const make = findAgent('random').make
  await runScripted({ header, make, from: 0, to: 40, writer })
  // The clock of the second part begins at 0 again.
  await runScripted({ header, make, from: 40, to: 60, writer, orderly: false })
  writer.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const { spaces, nominal } = makeScriptedEnv()
const site: WorldSite = {
  clusters: [
    { id: 'little', cores: 4 },
    { id: 'big', cores: 4 },
  ],
  spaces,
  nominal,
  boardId: 'scripted',
}
const load = (file = path) => readLoggedWorld(openTrace(file), file)
const decisionsOf = (file: string): DecisionRecord[] => [...openTrace(file).entries()].filter((entry) => entry.kind === 'decision')
const lines = (): string[] => readFileSync(path, 'utf8').trim().split('\n')
const write = (name: string, text: readonly string[]): string => {
  const file = join(dir, name)
  writeFileSync(file, `${text.join('\n')}\n`)
  return file
}
const edit = (line: string, change: (entry: Record<string, unknown>) => void): string => {
  const entry = JSON.parse(line) as Record<string, unknown>
  change(entry)
  return JSON.stringify(entry)
}

describe('the world of a trace', () => {
  it('is what its decisions saw, when they were taken', () => {
    const world = traceMaker(load())(site)
    const state = makeWorldState(site.clusters)
    world.reset(1)
    const decisions = decisionsOf(path)
    expect(decisions).toHaveLength(60)
    decisions.forEach(({ observation }, k) => {
      // A decision each 33 ms, across the end of the first part.
      expect(world.arrivalS(k)).toBeCloseTo(k * 0.033, 9)
      world.at(world.arrivalS(k), state)
      expect([...state.interference]).toEqual([observation[0], observation[1]])
      expect([...state.availableCores]).toEqual([observation[2], observation[3]])
      const { deadline, accuracyFloor, percentile } = world.phases[state.phase] ?? {}
      expect(deadline).toEqual({ seconds: observation[8] })
      expect(accuracyFloor).toBe(Number.isNaN(observation[10]) ? null : observation[10])
      expect(percentile).toBe(observation[8] === 0.006 ? 95 : 99)
    })
    expect(world.endS).toBeCloseTo(60 * 0.033, 9)
    expect(world.rateHz).toBeCloseTo(1 / 0.033, 6)
    expect(world.arrivalS(60)).toBeCloseTo(60 * 0.033, 9)
  })

  it('holds between decisions, and begins anew at a reset, whatever the seed', () => {
    const world = traceMaker(load())(site)
    const state = makeWorldState(site.clusters)
    const at = (timeS: number): number => {
      world.at(timeS, state)
      return state.interference[1] as number
    }
    world.reset(1)
    const [first, fifth] = [at(0.02), at(4 * 0.033 + 0.03)]
    const decisions = decisionsOf(path)
    expect(first).toBe(decisions[0]?.observation[1])
    expect(fifth).toBe(decisions[4]?.observation[1])
    world.reset(99)
    expect([at(0.02), at(4 * 0.033 + 0.03)]).toEqual([first, fifth])
  })

  it('is slower on a slower board, and asks for as much less', () => {
    // The smallest network takes 1.5 ms at best in the trace, 15 ms here, and ten times the energy.
    const slow = {
      ...site,
      nominal: nominal.map((point) => ({ ...point, latencyS: point.latencyS * 10, energyJ: point.energyJ * 10 })),
      boardId: 'other',
    }
    const { stretch, labels } = fitTrace(load(), slow)
    expect(stretch).toBeCloseTo(10, 9)
    expect(labels[1]).toBe('trace: times and deadlines x 10, as the fastest point that meets the floor takes 1.5 ms on scripted and 15 ms here')
    const world = traceMaker(load())(slow)
    expect(world.arrivalS(1)).toBeCloseTo(0.33, 9)
    expect(world.endS).toBeCloseTo(19.8, 9)
    expect(world.phases[0]?.deadline).toEqual({ seconds: expect.closeTo(0.12, 9) })
    expect(world.phases[1]?.accuracyFloor).toBeCloseTo(0.6, 9)
  })

  it('asks for the same multiple of the fastest point that meets the floor, where sizes cost other shares', () => {
    // Here the smallest network takes half of what the full one takes, not a quarter: 6 ms there, and 30 ms here, are four and two of the fastest.
    const other = {
      ...site,
      nominal: nominal.map((point, a) => ({ ...point, latencyS: point.latencyS * (String(spaces.points[a]?.['subnet']) === '25' ? 20 : 10) })),
      boardId: 'other',
    }
    const least = Math.min(...other.nominal.map(({ latencyS }) => latencyS))
    expect(least).toBeCloseTo(0.03, 9)
    const logged = load()
    const world = traceMaker(logged)(other)
    // 12 ms were eight times the 1.5 ms of the fastest point there.
    expect(world.phases[0]?.deadline).toEqual({ seconds: expect.closeTo(8 * least, 9) })
    expect(world.arrivalS(1)).toBeCloseTo(0.033 * 20, 9)
    // The floor of 0.6 leaves 50 % and more: ten times slower here, whatever the smallest does.
    const phase = logged.asked.findIndex(({ accuracyFloor }) => accuracyFloor === 0.6)
    const { deadlineS } = logged.asked[phase] ?? {}
    expect(world.phases[phase]?.deadline).toEqual({ seconds: expect.closeTo(10 * (deadlineS as number), 9) })
  })

  it('fits clusters by id, else by their order, and takes as large a part of their cores', () => {
    const state = makeWorldState([
      { id: 'a53', cores: 2 },
      { id: 'a72', cores: 6 },
    ])
    const other = {
      ...site,
      clusters: [
        { id: 'a53', cores: 2 },
        { id: 'a72', cores: 6 },
      ],
    }
    expect(fitTrace(load(), site).labels[0]).toBe('trace: clusters by id')
    expect(fitTrace(load(), other).labels[0]).toBe('trace: clusters by order (little as a53, big as a72)')
    const world = traceMaker(load())(other)
    world.reset(1)
    world.at(0, state)
    expect([...state.availableCores]).toEqual([2, 6])
    // The big cluster is gone in decision 7.
    world.at(7 * 0.033 + 0.001, state)
    expect([...state.availableCores]).toEqual([2, 0])
    const more = { ...site, clusters: [{ id: 'huge', cores: 2 }, ...site.clusters] }
    const third = makeWorldState(more.clusters)
    const wide = traceMaker(load())(more)
    wide.reset(1)
    wide.at(0.16, third)
    expect(third.interference[0]).toBe(0)
    expect(third.interference[2]).toBe(decisionsOf(path)[4]?.observation[1])
  })

  it('fits other numbers of clusters by speed, and says what stands for what', () => {
    const put = (ids: readonly string[], clusterOf: (point: (typeof spaces.points)[number], a: number) => string) => {
      const points = spaces.points.map((point, a) => ({ ...point, cluster: clusterOf(point, a) }))
      return { ...site, clusters: ids.map((id) => ({ id, cores: 2 })), spaces: { ...spaces, points }, boardId: 'other' }
    }
    // What the big cluster does here, its smallest network in 1.5 ms, is divided between two: the one named first has the faster half.
    const bigs = spaces.points.flatMap(({ cluster }, a) => (cluster === 'big' ? [{ a, latencyS: nominal[a]?.latencyS as number }] : []))
    const fastestA = bigs.reduce((best, one) => (one.latencyS < best.latencyS ? one : best)).a
    const fullBigs = bigs.filter(({ a }) => nominal[a]?.accuracy === Math.max(...nominal.map(({ accuracy }) => accuracy)))
    const first = fullBigs.reduce((best, one) => (one.latencyS < best.latencyS ? one : best)).a
    const three = put(['quick', 'slow', 'middle'], ({ cluster }, a) =>
      cluster === 'little' ? 'slow' : a === first || a === fastestA ? 'quick' : 'middle',
    )
    expect(fitTrace(load(), three).labels[0]).toBe('trace: clusters by speed (big as quick, little as slow, big as middle)')
    const world = traceMaker(load())(three)
    const state = makeWorldState(three.clusters)
    world.reset(1)
    world.at(4 * 0.033 + 0.001, state)
    const seen = decisionsOf(path)[4]?.observation
    expect([...state.interference]).toEqual([seen?.[1], seen?.[0], seen?.[1]])
    const one = put(['board'], () => 'board')
    expect(fitTrace(load(), one).labels[0]).toBe('trace: clusters by speed (big as board; nothing here is as little)')
  })

  it('knows no ambient temperature: takes a room, or the lowest temperature logged, and says so', () => {
    expect(fitTrace(load(), site)).toMatchObject({ ambientTempC: 25 })
    expect(fitTrace(load(), site).labels.at(-1)).toBe('trace: ambient 25 degC, assumed (no temperature was logged)')
    const warm = write(
      'warm.jsonl',
      lines().map((line, i) =>
        i === 0 || !line.includes('"action"') ? line : edit(line, (entry) => ((entry['observation'] as unknown[])[5] = 30 + i)),
      ),
    )
    const fit = fitTrace(load(warm), site)
    expect(fit.ambientTempC).toBe(31)
    expect(fit.labels.at(-1)).toContain('31 degC, assumed (the lowest temperature logged)')
  })

  it('holds what was seen last where meters were silent, and is silent too', () => {
    const blind = write(
      'blind.jsonl',
      lines().map((line, i) => (i === 3 ? edit(line, (entry) => (entry['observation'] as unknown[]).fill(null, 0, 4)) : line)),
    )
    const world = traceMaker(load(blind))(site)
    const state = makeWorldState(site.clusters)
    world.reset(1)
    const second = decisionsOf(path)[1]?.observation
    world.at(2 * 0.033 + 0.001, state)
    expect([...state.interference]).toEqual([second?.[0], second?.[1]])
    expect([...state.availableCores]).toEqual([4, 4])
    expect(state.interferenceFault).toBe('missing')
    world.at(3 * 0.033 + 0.001, state)
    expect(state.interferenceFault).toBe('none')
  })

  it('comes back to back where it was logged so', () => {
    const [header = '', ...rest] = lines()
    const file = write('closed.jsonl', [edit(header, (entry) => (entry['env'] = { name: 'board', options: { rate: 'back-to-back' } })), ...rest])
    const world = traceMaker(load(file))(site)
    expect(world.rateHz).toBeUndefined()
    expect(world.arrivalS(0)).toBeNaN()
  })

  it('needs decisions, and monitors of a cluster', () => {
    const [header = ''] = lines()
    expect(errorOf(() => load(write('empty.jsonl', [header])))).toMatchObject({
      code: 'ERR_TRACE_CORRUPT',
      message: expect.stringContaining('holds no decision'),
    })
    const bare = write('bare.jsonl', [
      edit(header, (entry) => {
        const parts = entry['spaces'] as { monitors: { name: string }[] }
        parts.monitors = parts.monitors.filter(({ name }) => !name.endsWith('.interference'))
      }),
    ])
    expect(errorOf(() => load(bare)).message).toContain('no monitor that ends in .interference')
    expect(errorOf(() => load(join(dir, 'nowhere.jsonl')))).toMatchObject({ code: 'ERR_RUN_MISSING' })
    expect(errorOf(() => load(write('broken.jsonl', [header, '{"step":0}'])))).toMatchObject({ code: 'ERR_TRACE_CORRUPT' })
  })
})
