import type { Scenario, ScenarioEvent } from '../../../envs/world/scenario/schema.ts'
import { sourceLines } from '../boards/references.ts'
import { bold, formatTable } from '../print.ts'
import { aimWords, askedWords, eventWords, lengthWords, streamWords, whenWords } from './words.ts'

/** A line of the timeline; null: no moment of its own, always there or by chance. */
export interface Moment {
  readonly fromS: number | null
  readonly toS: number | null
  readonly when: string
  readonly what: string
}

/** What happens when: moments in order, then what is always there or comes by chance. */
export function timelineOf(scenario: Scenario): Moment[] {
  const { arrivals, requirements, events, durationS } = scenario
  const until = (rows: readonly { fromS: number }[], i: number): number => rows[i + 1]?.fromS ?? durationS
  const spell = (fromS: number, toS: number, what: string): Moment => {
    const whole = fromS === 0 && toS === durationS
    return whole ? { fromS: null, toS: null, when: 'always', what } : { fromS, toS, when: whenWords({ fromS, toS }), what }
  }
  const timed = arrivals.map((stream) => ({ fromS: 'fromS' in stream ? stream.fromS : 0, stream }))
  const moments = [
    ...timed.map(({ fromS, stream }, i) => spell(fromS, until(timed, i), streamWords(stream))),
    ...requirements.map((asked, i) => spell(asked.fromS, until(requirements, i), `asked: ${askedWords(asked) || 'what the run asks'}`)),
    ...events.map(momentOf),
  ]
  // Stable, so that what begins together stays in the order above.
  return moments.toSorted((a, b) => (a.fromS ?? Number.POSITIVE_INFINITY) - (b.fromS ?? Number.POSITIVE_INFINITY) || 0)
}

function momentOf(event: ScenarioEvent): Moment {
  const { when } = event
  const window = when !== undefined && 'fromS' in when && !(when.fromS === 0 && when.toS === undefined) ? when : undefined
  const ramp = 'toTempC' in event || 'toFactor' in event
  return { fromS: window?.fromS ?? null, toS: window?.toS ?? null, when: whenWords(when, ramp), what: eventWords(event) }
}

export function showScenario(scenario: Scenario): string[] {
  const { statedFor, sources = [] } = scenario
  const rows = timelineOf(scenario).map(({ when, what }) => [when, what])
  return [
    bold(scenario.name),
    scenario.description,
    lengthWords(scenario),
    ...aimWords(scenario),
    ...(statedFor === undefined
      ? []
      : [`requirements stated for ${statedFor.board}; on another board they follow what its fastest point of full size takes`]),
    '',
    ...formatTable(rows, 'left').map((line) => `  ${line}`),
    ...(sources.length === 0 ? [] : ['', bold('sources'), ...sourceLines(sources).map((line) => `  ${line}`)]),
  ]
}
