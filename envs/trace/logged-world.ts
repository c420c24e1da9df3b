import { FlyballError } from '../../src/core/errors.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Monitor, NominalOutcome, Observation } from '../../src/core/spaces.ts'
import type { TraceReader } from '../../src/trace/reader.ts'
import { clustersOf as withSpeed } from '../world/scenario/site.ts'

/** A cluster as a trace knows it: the columns of the observation that tell of it. */
export interface LoggedCluster {
  readonly id: string
  /** As many as the monitor goes up to. */
  readonly cores: number
  readonly interferenceAt: number
  /** -1: not logged. */
  readonly coresAt: number
  /** As ScenarioCluster has it, by the profile in the header. */
  readonly speed: number
}

/** What a trace tells of the world that its governor met. Row i is decision i. */
export interface LoggedWorld {
  /** In error messages and labels. */
  readonly name: string
  readonly boardId: string
  readonly nominal: readonly NominalOutcome[]
  readonly clusters: readonly LoggedCluster[]
  /** Of each decision since the first, s, ascending: the segments one after the other. */
  readonly timeS: Float64Array
  /** End of the last. */
  readonly endS: number
  /** Row by row, one column a cluster; what was not measured is what was measured last, and 0 before that. */
  readonly interference: Float64Array
  /** Cores that were there, as a share of all. */
  readonly coresRatio: Float64Array
  /** 1 where no cluster's interference was known. */
  readonly blind: Uint8Array
  /** Index into `asked`. */
  readonly phase: Uint32Array
  readonly asked: readonly Requirements[]
  /** The next request came with the answer to the last. */
  readonly backToBack: boolean
  /** NaN: never measured. */
  readonly lowestTempC: number
}

/** Reads a whole trace. Throws what reading throws, and ERR_TRACE_CORRUPT where there is nothing that drives a world. */
export function readLoggedWorld(reader: TraceReader, name: string): LoggedWorld {
  const { header } = reader
  const seen = clustersOf(header.spaces.monitors)
  const clusters = withSpeed({ clusters: seen, spaces: header.spaces, nominal: header.nominal }).map(({ speed }, c) => ({
    ...(seen[c] as SeenCluster),
    speed,
  }))
  if (clusters.length === 0)
    throw new FlyballError('ERR_TRACE_CORRUPT', `${name} has no monitor that ends in .interference: nothing in it tells of a world`)
  const tempAt = header.spaces.monitors.findIndex((monitor) => monitor.name === 'tempC')
  const interference: number[] = []
  const coresRatio: number[] = []
  const blind: number[] = []
  const phase: number[] = []
  const asked: Requirements[] = [header.requirements]
  const clock = makeSegmentClock()
  let lowestTempC = Number.NaN

  const see = (observation: Observation): void => {
    let known = 0
    for (const { interferenceAt, coresAt, cores } of clusters) {
      const taken = observation[interferenceAt] as number
      const there = coresAt < 0 ? Number.NaN : (observation[coresAt] as number)
      if (!Number.isNaN(taken)) known++
      interference.push(Number.isNaN(taken) ? (interference.at(-clusters.length) ?? 0) : clamp(taken, mostShare))
      coresRatio.push(Number.isNaN(there) ? (coresRatio.at(-clusters.length) ?? 1) : clamp(there / cores, 1))
    }
    blind.push(known === 0 ? 1 : 0)
    const tempC = tempAt < 0 ? Number.NaN : (observation[tempAt] as number)
    if (Number.isNaN(lowestTempC) || tempC < lowestTempC) lowestTempC = tempC
  }

  for (const entry of reader.entries()) {
    if (entry.kind === 'requirements') asked.push(entry.requirements)
    else if (entry.kind === 'segmentEnd') clock.end()
    else if (entry.kind === 'decision') {
      clock.decision(entry.timeS, entry.durationS)
      phase.push(asked.length - 1)
      see(entry.observation)
    }
  }
  if (phase.length === 0) throw new FlyballError('ERR_TRACE_CORRUPT', `${name} holds no decision: nothing in it tells of a world`)
  return {
    name,
    boardId: header.board.id,
    nominal: header.nominal,
    clusters,
    ...clock.read(),
    interference: Float64Array.from(interference),
    coresRatio: Float64Array.from(coresRatio),
    blind: Uint8Array.from(blind),
    phase: Uint32Array.from(phase),
    asked,
    backToBack: header.env.options['rate'] === 'back-to-back',
    lowestTempC,
  }
}

// A cluster that others have for themselves would never answer.
const mostShare = 0.98
const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value))

type SeenCluster = Omit<LoggedCluster, 'speed'>

function clustersOf(monitors: readonly Monitor[]): SeenCluster[] {
  return monitors.flatMap(({ name }, interferenceAt) => {
    if (!name.endsWith('.interference')) return []
    const id = name.slice(0, -'.interference'.length)
    const coresAt = monitors.findIndex((monitor) => monitor.name === `${id}.availableCores`)
    return [{ id, cores: Math.max(1, monitors[coresAt]?.high ?? 1), interferenceAt, coresAt }]
  })
}

/** Puts the segments of a trace, each of which has a clock of its own, one after the other. */
function makeSegmentClock() {
  const times: number[] = []
  let segmentS = 0
  let endS = 0
  let lastS = Number.NEGATIVE_INFINITY
  const end = (): void => {
    segmentS = endS
    lastS = Number.NEGATIVE_INFINITY
  }
  return {
    end,
    decision(timeS: number, durationS: number): void {
      // After a kill nothing but the clock says that there was an end.
      if (timeS < lastS) end()
      lastS = timeS
      times.push(segmentS + timeS)
      endS = segmentS + timeS + (Number.isNaN(durationS) ? 0 : durationS)
    },
    read(): Pick<LoggedWorld, 'timeS' | 'endS'> {
      const firstS = times[0] ?? 0
      return { timeS: Float64Array.from(times, (timeS) => timeS - firstS), endS: endS - firstS }
    },
  }
}
