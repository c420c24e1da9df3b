import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { errorOf } from '../../support/error-of.ts'
import { bareScenario, scenarioOf } from '../../support/scenario.ts'

const messageOf = (extra: object): string => {
  const { code, exitCode, message } = errorOf(() => scenarioOf(extra))
  expect([code, exitCode]).toEqual(['ERR_SCENARIO', 3])
  return message
}
const coRunner = { kind: 'co-runner', cluster: 'all', share: 0.5 }
const event = (extra: object): object => ({ events: [{ ...coRunner, ...extra }] })

describe('a scenario file', () => {
  it('fills in what it leaves out', () => {
    expect(scenarioOf(event({}))).toMatchObject({
      after: 'repeat',
      ambientTempC: 25,
      requirements: [],
      events: [{ copies: 1, bandwidthShare: 0 }],
      arrivals: [{ fromS: 0 }],
    })
  })

  it.each<[string, object, string]>([
    ['another schema', { schema: 'flyball-scenario/2' }, 'test: schema is "flyball-scenario/2": expected \'flyball-scenario/1\''],
    ['a misspelt field', { duratonS: 1 }, 'test: duratonS is unknown: no such field here; did you mean durationS?'],
    ['a missing field', { durationS: undefined }, 'test: durationS is missing: expected this field'],
    ['a time that is none', { durationS: 0 }, 'test: durationS is 0: expected a time above 0 and up to 1e7 s'],
    ['two clocks', { timeScale: 2, requests: 10 }, 'test: timeScale and requests are both given: expected one of them'],
    ['a share in %', event({ share: 50 }), 'test: events.0.share is 50: expected a share from 0 to 0.95; this looks like %: times 1e-2'],
    [
      'a share of everything',
      event({ share: 1 }),
      'test: events.0.share is 1: expected a share from 0 to 0.95; this looks like everything: at most 0.95',
    ],
    ['a negative share', event({ share: -0.1 }), 'test: events.0.share is -0.1: expected a share from 0 to 0.95'],
    ['a range the wrong way round', event({ share: [0.5, 0.2] }), 'test: events.0.share is [0.5,0.2]: expected [low, high] with low <= high'],
    ['a range of one', event({ share: [0.5] }), 'test: events.0.share.1 is missing'],
    [
      'an unknown kind',
      { events: [{ kind: 'corunner' }] },
      'test: events.0.kind is "corunner": expected one of co-runner, memory, cores, ambient, slowdown, sensor',
    ],
    ['an event that is none', { events: [3] }, 'test: events.0 is 3: expected an object with the field kind'],
    ['a field of another kind', event({ tempC: 3 }), 'test: events.0.tempC is unknown: no such field here; expected one of kind, what, when, copies'],
    ['half a burst', event({ when: { everyS: 3 } }), 'test: events.0.when.forS is missing: expected this field'],
    ['a burst without a pause', event({ when: { everyS: 3, forS: 3 } }), 'test: events.0.when.forS is 3: expected less than everyS, 3 s'],
    ['bursts in a window', event({ when: { everyS: 3, forS: 1, fromS: 5 } }), 'test: events.0.when.fromS is unknown'],
    ['a window that ends before it begins', event({ when: { fromS: 9, toS: 9 } }), 'test: events.0.when.toS is 9: expected more than fromS, 9 s'],
    ['a window beyond the end', event({ when: { fromS: 9, toS: 101 } }), 'test: events.0.when.toS is 101: expected at most durationS, 100 s'],
    ['a window after the end', event({ when: { fromS: 100 } }), 'test: events.0.when.fromS is 100: expected less than durationS, 100 s'],
    ['no cores', { events: [{ kind: 'cores', cluster: 'a', take: 0 }] }, "test: events.0.take is 0: expected a number of cores, or 'all'"],
    [
      'millidegrees',
      { ambientTempC: 25_000 },
      'test: ambientTempC is 25000: expected a temperature from -40 to 200 degC; this looks like millidegrees: times 1e-3',
    ],
    [
      'a ramp without an end',
      { events: [{ kind: 'ambient', tempC: 20, toTempC: 40 }] },
      "test: events.0.toTempC is given: expected a window with toS in 'when'",
    ],
    [
      'a ramp from a range',
      { events: [{ kind: 'slowdown', factor: [1, 2], toFactor: 3, when: { toS: 5 } }] },
      'test: events.0.factor is [low, high]: expected a number beside toFactor',
    ],
    [
      'a swing without a period',
      { events: [{ kind: 'ambient', tempC: 20, swingC: 5 }] },
      'test: events.0.swingC and periodS: expected both or neither',
    ],
    [
      'a swing and a ramp',
      { events: [{ kind: 'ambient', tempC: 20, swingC: 5, periodS: 9, toTempC: 30, when: { toS: 5 } }] },
      'test: events.0.toTempC and swingC are both given',
    ],
    [
      'an unknown fault',
      { events: [{ kind: 'sensor', sensor: 'temperature', fault: 'late' }] },
      'test: events.0.fault is "late": expected one of stale, jumping, missing',
    ],
    ['no stream', { arrivals: [] }, 'test: arrivals is 0: expected at least one stream of requests'],
    ['a late start', { arrivals: [{ kind: 'idle', fromS: 1 }] }, 'test: arrivals.0.fromS is 1: expected 0, the stream begins at once'],
    ['a stream without a rate', { arrivals: [{ kind: 'poisson' }] }, 'test: arrivals.0 has neither load nor rateHz: expected one of them'],
    ['two rates', { arrivals: [{ kind: 'poisson', load: 1, rateHz: 1 }] }, 'test: arrivals.0 has both load and rateHz: expected one of them'],
    ['a load in %', { arrivals: [{ kind: 'poisson', load: 50 }] }, 'this looks like %: times 1e-2'],
    ['only silence', { arrivals: [{ kind: 'idle' }] }, 'test: arrivals are all idle: expected requests at some time'],
    [
      'silence for ever',
      { after: 'hold', arrivals: [...bareScenario.arrivals, { kind: 'idle', fromS: 9 }] },
      'test: arrivals.1.kind is idle: expected requests to the last',
    ],
    [
      'streams out of order',
      { arrivals: [...bareScenario.arrivals, { kind: 'idle', fromS: 9 }, { kind: 'idle', fromS: 5 }] },
      'test: arrivals.2.fromS is 5: expected more than the 9 s before it',
    ],
    [
      'back to back with others',
      { arrivals: [...bareScenario.arrivals, { kind: 'back-to-back' }] },
      'test: arrivals.1.kind is back-to-back: expected it alone',
    ],
    [
      'a deadline without a unit',
      { requirements: [{ deadline: '200' }] },
      'test: requirements.0.deadline is "200": expected a time as \'200ms\', or a multiple',
    ],
    ['a deadline that is a number', { requirements: [{ deadline: 0.2 }] }, "test: requirements.0.deadline is 0.2: expected a time as '200ms'"],
    [
      'a budget of power',
      { requirements: [{ energyBudget: '3W' }] },
      'test: requirements.0.energyBudget is "3W": expected an energy above 0 as \'150mJ\'',
    ],
    ['a budget of nothing', { requirements: [{ energyBudget: '0mJ' }] }, "expected an energy above 0 as '150mJ'"],
    ['a floor in %', { requirements: [{ accuracyFloor: 68 }] }, 'test: requirements.0.accuracyFloor is 68: expected a number from 0 to 1'],
    ['a percentile that is a share', { requirements: [{ percentile: 0.95 }] }, 'this looks like a share: 95 for 0.95'],
    ['a percentile of all', { requirements: [{ percentile: 100 }] }, 'test: requirements.0.percentile is 100: expected a percentage below 100'],
    ['wishes out of order', { requirements: [{ fromS: 5 }, { fromS: 5 }] }, 'test: requirements.1.fromS is 5: expected more than the 5 s before it'],
    [
      'accuracies the wrong way round',
      { statedFor: { board: 'b', latencyS: 1, energyJ: 1, accuracy: [0.7, 0.6] } },
      'test: statedFor.accuracy is [0.7, 0.6]: expected [least, most] with least < most',
    ],
    [
      'air that is the resting one',
      { statedFor: { board: 'b', latencyS: 1, energyJ: 1, accuracy: [0.5, 0.6], air: { tempC: 25, headroom: 0.5 } } },
      'test: statedFor.air.tempC is 25: expected another temperature than ambientTempC',
    ],
    [
      'a figure without a source',
      { sources: [{ fields: ['durationS'], assumed: 'a test' }] },
      "test: arrivals.0.rateHz has no source: expected one in 'sources'",
    ],
    [
      'a source of nothing',
      {
        sources: [
          { fields: ['*'], assumed: 'a test' },
          { fields: ['events'], document: 'x' },
        ],
      },
      "test: sources.1.fields.0 is 'events': no figure of this file is there",
    ],
  ])('says what is wrong with %s', (_what, extra, message) => {
    expect(messageOf(extra)).toContain(message)
  })

  it('may leave sources of defaults out', () => {
    expect(scenarioOf({ ...event({}), sources: [{ fields: ['durationS', 'arrivals', 'events.0.share'], assumed: 'a test' }] }).sources).toHaveLength(
      1,
    )
  })

  it('is told from a name by its ending, and read', () => {
    const dir = mkdtempSync(join(tmpdir(), 'flyball-scenario-'))
    try {
      writeFileSync(join(dir, 'mine.json'), JSON.stringify(bareScenario))
      expect(readScenario(join(dir, 'mine.json'))).toEqual(scenarioOf())
      writeFileSync(join(dir, 'broken.json'), '{')
      expect(errorOf(() => readScenario(join(dir, 'broken.json'))).message).toMatch(/^.*broken\.json: is not JSON: /)
      expect(errorOf(() => readScenario(join(dir, 'none.json')))).toMatchObject({
        code: 'ERR_SCENARIO',
        message: expect.stringContaining('cannot be read'),
      })
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
