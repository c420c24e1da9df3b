import * as v from 'valibot'
import { sourceSchema } from '../../../src/board/known/schema.ts'
import { list, name, oneOf, ratio, strict, tempC, text, whole } from '../../../src/board/known/values.ts'
import { defaultQueueLimit } from '../world.ts'
import { byKind, choose, deadline, drawn, energyBudget, factor, jitter, load, momentS, rateHz, share, spanS } from './values.ts'

export const scenarioSchemaName = 'flyball-scenario/1'

/** Words that stand for clusters, so that a scenario fits any board. */
export const roles = ['fastest', 'slowest', 'all', 'any'] as const

// Seconds are those of the scenario's own clock: `timeScale` or `requests` say how fast it runs.
const windowSchema = strict({
  fromS: v.optional(momentS, 0),
  /** Left out: to the end. */
  toS: v.optional(momentS),
})
const burstSchema = strict({
  /** A burst begins about every `everyS` and lasts about `forS`; each length is off by up to the share `jitter`, the phase is drawn. */
  everyS: spanS,
  forS: spanS,
  jitter: v.optional(jitter, 0),
})
const visitSchema = strict({
  /** Means of exponential times. */
  presentS: spanS,
  absentS: spanS,
})
const whenSchema = choose({ window: windowSchema, bursts: burstSchema, visits: visitSchema }, (fields) =>
  'everyS' in fields || 'forS' in fields || 'jitter' in fields ? 'bursts' : 'presentS' in fields || 'absentS' in fields ? 'visits' : 'window',
)

const common = {
  /** For people: what it stands for. */
  what: v.optional(text),
  /** Left out: always. */
  when: v.optional(whenSchema),
}
/** So many of it, each with a fate of its own. */
const copies = v.optional(whole(1, 'a number of copies', 1000), 1)
/** An id, or one of `roles`; `any`: one drawn each time. */
const cluster = name

const eventSchema = byKind({
  'co-runner': strict({
    kind: v.literal('co-runner'),
    ...common,
    copies,
    cluster,
    /** Of the cluster's CPU time. */
    share: drawn(share),
    bandwidthShare: v.optional(drawn(share), 0),
  }),
  memory: strict({ kind: v.literal('memory'), ...common, copies, bandwidthShare: drawn(share) }),
  cores: strict({
    kind: v.literal('cores'),
    ...common,
    cluster,
    take: v.custom<number | 'all'>((x) => x === 'all' || (Number.isInteger(x) && Number(x) >= 1), "expected a number of cores, or 'all'"),
  }),
  ambient: strict({
    kind: v.literal('ambient'),
    ...common,
    tempC,
    /** Reached in a straight line at the end of the window, and held. */
    toTempC: v.optional(tempC),
    /** Up and down by so much, each `periodS`. */
    swingC: v.optional(v.pipe(v.number('expected a difference of temperatures from 0 to 100 degC'), v.minValue(0), v.maxValue(100))),
    periodS: v.optional(spanS),
  }),
  slowdown: strict({
    kind: v.literal('slowdown'),
    ...common,
    factor: drawn(factor),
    /** Reached in a straight line at the end of the window, and held. */
    toFactor: v.optional(factor),
  }),
  sensor: strict({
    kind: v.literal('sensor'),
    ...common,
    sensor: oneOf('temperature', 'interference'),
    fault: oneOf('stale', 'jumping', 'missing'),
  }),
})

const rate = { load: v.optional(load), rateHz: v.optional(rateHz) }
const fromS = v.optional(momentS, 0)
const streamSchema = byKind({
  periodic: strict({ kind: v.literal('periodic'), fromS, ...rate }),
  poisson: strict({ kind: v.literal('poisson'), fromS, ...rate }),
  /** Two-state Markov-modulated Poisson process: at `load` or `rateHz` for about `forS`, at `restShare` of that for about `restS`. */
  bursts: strict({ kind: v.literal('bursts'), fromS, ...rate, forS: spanS, restShare: v.optional(ratio, 0), restS: spanS }),
  idle: strict({ kind: v.literal('idle'), fromS }),
  'back-to-back': strict({ kind: v.literal('back-to-back') }),
})

const requirementSchema = strict({
  fromS,
  deadline: v.optional(deadline),
  percentile: v.optional(
    v.pipe(
      v.number('expected a percentage'),
      v.gtValue(0, 'expected a percentage above 0'),
      v.ltValue(100, 'expected a percentage below 100'),
      v.minValue(
        1,
        ({ input }) => `expected a percentage of at least 1; this looks like a share: ${Number((100 * input).toPrecision(6))} for ${input}`,
      ),
    ),
  ),
  energyBudget: v.optional(energyBudget),
  accuracyFloor: v.optional(v.nullable(ratio)),
  leastConfidence: v.optional(v.nullable(ratio)),
})

export const scenarioSchema = strict({
  schema: v.literal(scenarioSchemaName, `expected '${scenarioSchemaName}'`),
  name,
  description: text,
  durationS: spanS,
  /** What follows the end: all of it again, nothing new, or the end of the environment. */
  after: v.optional(oneOf('repeat', 'hold', 'end'), 'repeat'),
  /** Seconds of the scenario and of heat in a second of requests. */
  timeScale: v.optional(v.pipe(v.number('expected a number above 0'), v.gtValue(0, 'expected a number above 0'))),
  /** Instead: as fast as it takes for so many requests in `durationS`. */
  requests: v.optional(whole(1, 'a number of requests')),
  ambientTempC: v.optional(tempC, 25),
  /** Requests that may wait while one is answered; a further one takes the place of the oldest. 0: none, as pictures of a camera that nobody takes are lost. */
  queueLimit: v.optional(whole(0, 'a number of requests', 1e6), defaultQueueLimit),
  /** What the application minimises. */
  objective: v.optional(oneOf('weighted', 'energy', 'accuracy', 'latency')),
  arrivals: v.pipe(list(streamSchema), v.nonEmpty('expected at least one stream of requests')),
  events: v.optional(list(eventSchema), []),
  requirements: v.optional(list(requirementSchema), []),
  /** The board that absolute deadlines, budgets and floors were stated for; elsewhere they follow what that board can do. */
  statedFor: v.optional(
    strict({
      board: name,
      /** Of the fastest point of full size. */
      latencyS: spanS,
      energyJ: v.pipe(v.number('expected an energy above 0 J'), v.gtValue(0, 'expected an energy above 0 J')),
      /** Of the least and the most accurate size. */
      accuracy: v.strictTuple([ratio, ratio], 'expected [least, most]'),
      /** Air in which that point, at work without rest, keeps a share of its heat below the last trip that throttles. Left out: the same air everywhere. */
      air: v.optional(strict({ tempC, headroom: ratio })),
    }),
  ),
  sources: v.optional(list(sourceSchema)),
})

/** What happens outside of the governor, as data. */
export type Scenario = v.InferOutput<typeof scenarioSchema>
export type ScenarioEvent = Scenario['events'][number]
export type When = NonNullable<ScenarioEvent['when']>
export type Stream = Scenario['arrivals'][number]
export type Asked = Scenario['requirements'][number]
