import type { TopLevelSpec } from 'vega-lite'
import { monitorIndex } from '../core/spaces.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { isEvent } from '../trace/event.ts'
import { openLog, type TraceLog } from '../trace/log.ts'
import { draw } from './draw.ts'
import { type EventMarks, eventPanel, makeEventMarks } from './timeline-events.ts'

interface Sample {
  readonly timeS: number
  readonly latencyMs: number
  /** Null: none is asked. */
  readonly deadlineMs: number | null
  readonly cluster: string
  readonly subnet: string
}

interface Load {
  readonly timeS: number
  readonly cluster: string
  readonly interference: number
}

/** Most decisions drawn: beyond that points cover each other, and the picture of an hour's run would weigh megabytes. */
const mostSamples = 2000

/** Draws a trace's last decisions: latency against the deadline, the sub-network that answered, what others took of each cluster, what the agent noticed. Throws what reading a trace throws. */
export async function writeTimeline(trace: string, path: string): Promise<void> {
  const log = await openLog(trace)
  const { samples, loads, marks } = await readSamples(log).finally(log.close)
  writeFileAtomic(path, await draw(specOf(samples, loads, marks)))
}

type Marks = ReturnType<EventMarks['marks']>

async function readSamples(reader: TraceLog): Promise<{ samples: Sample[]; loads: Load[]; marks: Marks }> {
  const { spaces } = reader.header
  const deadlineAt = monitorIndex(spaces, 'deadlineS')
  const events = makeEventMarks()
  // Of the next decision.
  let nextS = 0
  const shares = spaces.monitors.flatMap(({ name }, at) =>
    name.endsWith('.interference') ? [{ at, cluster: name.slice(0, name.indexOf('.')) }] : [],
  )
  const sizes = spaces.knobs.find(({ kind }) => kind === 'subnet')?.values ?? []
  const samples: Sample[] = []
  const loads: Load[] = []
  for await (const entry of reader.entries()) {
    if (isEvent(entry)) events.add(entry, nextS)
    if (entry.kind !== 'decision') continue
    nextS = entry.timeS + entry.durationS
    const point = spaces.points[entry.executedAction] ?? {}
    samples.push({
      timeS: entry.timeS,
      latencyMs: entry.outcome.latencyS * 1e3,
      deadlineMs: millis(deadlineAt < 0 ? reader.header.requirements.deadlineS : entry.observation[deadlineAt]),
      cluster: `${point['cluster'] ?? 'board'}`,
      subnet: `${entry.answered === undefined ? (point['subnet'] ?? '') : sizes[entry.answered]}`,
    })
    for (const { at, cluster } of shares) {
      const interference = entry.observation[at] as number
      if (!Number.isNaN(interference)) loads.push({ timeS: entry.timeS, cluster, interference })
    }
    if (samples.length > mostSamples) {
      samples.shift()
      loads.splice(0, shares.length)
    }
  }
  return { samples, loads, marks: events.marks(samples[0]?.timeS ?? 0, nextS) }
}

const millis = (timeS: number | undefined): number | null => (timeS === undefined || Number.isNaN(timeS) ? null : timeS * 1e3)

const width = 860
const timeAxis = { field: 'timeS', type: 'quantitative', title: 'time (s)', scale: { nice: false } } as const
const clusterColour = { field: 'cluster', type: 'nominal', title: 'cluster', scale: { scheme: 'tableau10' } } as const

function specOf(samples: readonly Sample[], loads: readonly Load[], marks: Marks): TopLevelSpec {
  const deadlines = samples.filter(({ deadlineMs }) => deadlineMs !== null)
  const subnets = [...new Set(samples.map((sample) => sample.subnet))].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return {
    background: 'white',
    vconcat: [
      {
        width,
        height: 200,
        title: 'latency of each request (the line is the deadline)',
        layer: [
          {
            data: { values: [...samples] },
            mark: { type: 'point', filled: true, size: 12, opacity: 0.8 },
            encoding: { x: timeAxis, y: { field: 'latencyMs', type: 'quantitative', title: 'ms', scale: { type: 'log' } }, color: clusterColour },
          },
          ...(deadlines.length === 0
            ? []
            : [
                {
                  data: { values: deadlines },
                  mark: { type: 'line' as const, strokeDash: [6, 4], color: 'black', strokeWidth: 1, interpolate: 'step-after' as const },
                  encoding: { x: timeAxis, y: { field: 'deadlineMs', type: 'quantitative' as const } },
                },
              ]),
        ],
      },
      {
        width,
        height: 80,
        title: 'sub-network that answered',
        data: { values: [...samples] },
        mark: { type: 'tick', thickness: 1 },
        encoding: { x: timeAxis, y: { field: 'subnet', type: 'nominal', title: '% of the network', sort: subnets }, color: clusterColour },
      },
      {
        width,
        height: 80,
        title: "what others took of each cluster's time",
        data: { values: [...loads] },
        mark: { type: 'line', strokeWidth: 1.5, interpolate: 'step-after' },
        encoding: {
          x: timeAxis,
          y: { field: 'interference', type: 'quantitative', title: 'share', scale: { domain: [0, 1] } },
          color: clusterColour,
        },
      },
      ...(marks.length === 0 ? [] : [eventPanel(marks, width, [samples[0]?.timeS ?? 0, samples.at(-1)?.timeS ?? 0])]),
    ],
  }
}
