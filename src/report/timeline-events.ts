import { limits } from '../core/limits.ts'
import type { EventEntry } from '../trace/event.ts'
import { guardText } from './event-text.ts'
import { limitNames, limitText } from './explanation.ts'

/** Something that was noticed, from `timeS` to `toS`; `row` is what it is about. */
interface Mark {
  readonly kind: 'slower' | 'faster' | 'relaxed' | 'held' | 'took' | 'gave'
  readonly row: string
  readonly timeS: number
  toS: number
  /** The evidence. */
  readonly text: string
}

/** Collects what the agent noticed and the guard did while a trace is read. */
export interface EventMarks {
  add(event: EventEntry, timeS: number): void
  /** What is relaxed still is so until then. Marks before `fromS` are left out. */
  marks(fromS: number, toS: number): Mark[]
}

export function makeEventMarks(): EventMarks {
  const all: Mark[] = []
  let open: Mark[] = []
  const held = new Map<string, Mark>()
  return {
    add(event, timeS) {
      if (event.kind === 'change') {
        const { what, cluster, z } = event
        all.push({ kind: z > 0 ? 'slower' : 'faster', row: `${cluster} ${what}`.trim(), timeS, toS: timeS, text: `z = ${z.toFixed(1)}` })
        return
      }
      if (event.kind === 'guard') {
        all.push({
          kind: event.points < event.before ? 'took' : 'gave',
          row: `guard: ${event.cause}`,
          timeS,
          toS: timeS,
          text: guardText(event).replace('guard ', ''),
        })
        return
      }
      if (event.kind === 'knob') {
        const { what, name, by = '' } = event
        const before = held.get(name)
        if (before !== undefined) before.toS = timeS
        held.delete(name)
        if (what !== 'changed' && what !== 'capped') return
        const mark: Mark = { kind: 'held', row: name, timeS, toS: Number.POSITIVE_INFINITY, text: `${what} by ${by}` }
        held.set(name, mark)
        all.push(mark)
        return
      }
      if (event.kind === 'sensor') {
        const { what, sensor, why = '' } = event
        const label = `sensor ${sensor}`
        const before = held.get(label)
        if (before !== undefined) before.toS = timeS
        held.delete(label)
        if (what !== 'doubted') return
        const mark: Mark = { kind: 'held', row: label, timeS, toS: Number.POSITIVE_INFINITY, text: why }
        held.set(label, mark)
        all.push(mark)
        return
      }
      for (const mark of open) mark.toS = timeS
      open = limits.flatMap((limit): Mark[] => {
        const asked = event.limits[limit]
        if (asked === undefined) return []
        const instead = event.feasible[limit]
        const text = `${limitText(limit, asked)} not kept${instead === undefined ? '' : `, ${limitText(limit, instead)} could be`}`
        return [{ kind: 'relaxed', row: limitNames[limit], timeS, toS: Number.POSITIVE_INFINITY, text }]
      })
      all.push(...open)
    },
    marks: (fromS, toS) =>
      all.filter((mark) => mark.toS >= fromS).map((mark) => ({ ...mark, timeS: Math.max(fromS, mark.timeS), toS: Math.min(toS, mark.toS) })),
  }
}

const row = { field: 'row', type: 'nominal', title: null } as const
const only = (test: string) => [{ filter: test }]

const isBar = '(datum.kind === "relaxed" || datum.kind === "held")'

/** What was noticed and what the guard did, a row for each thing: a triangle where a change was detected (up: slower, or draws more) or the guard took points away (down) or gave some back (up), a bar where no point kept what was asked, somebody else held a clock or a sensor was doubted, each with its evidence. */
export const eventPanel = (marks: readonly Mark[], width: number, domain: [number, number]) => {
  const x = { field: 'timeS', type: 'quantitative' as const, title: 'time (s)', scale: { nice: false, domain } }
  return {
    width,
    height: { step: 24 },
    title: marks.some(({ kind }) => kind === 'took' || kind === 'gave') ? 'what the agent noticed and the guard did' : 'what the agent noticed',
    data: { values: [...marks] },
    layer: [
      {
        transform: only(isBar),
        mark: { type: 'bar' as const, height: 8, color: '#e07b39', opacity: 0.6 },
        encoding: { x, x2: { field: 'toS' }, y: row },
      },
      {
        transform: only(`!${isBar}`),
        mark: { type: 'point' as const, filled: true, size: 60, color: '#444', opacity: 1 },
        encoding: {
          x,
          y: row,
          shape: {
            field: 'kind',
            type: 'nominal' as const,
            legend: null,
            scale: { domain: ['slower', 'faster', 'took', 'gave'], range: ['triangle-up', 'triangle-down', 'triangle-down', 'triangle-up'] },
          },
        },
      },
      {
        mark: { type: 'text' as const, align: 'left' as const, dx: 6, dy: -7, fontSize: 9 },
        encoding: { x, y: row, text: { field: 'text', type: 'nominal' as const } },
      },
    ],
  }
}
