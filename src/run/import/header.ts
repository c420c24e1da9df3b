import { createHash } from 'node:crypto'
import { pointFeatures } from '../../../envs/table/table-spaces.ts'
import { FlyballError } from '../../core/errors.ts'
import { fastestPoint, type ObjectiveSpec } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import { makeSpaces, type NominalOutcome } from '../../core/spaces.ts'
import type { RunOrigin, TraceHeader } from '../../trace/header.ts'
import { importedEnv } from '../offline/shape.ts'
import { defaultWeights } from '../request.ts'
import { versions } from '../versions.ts'
import type { ImportMap } from './map.ts'
import type { Survey } from './survey.ts'

/** What is asked stands among the monitors, so that a policy can be asked about other requirements. */
export const limitMonitors = ['deadlineS', 'energyBudgetJ', 'accuracyFloor'] as const

/** The header of a trace that is made of somebody's log. Throws ERR_LOG for a log without any outcome that can be judged. */
export function importHeader(
  map: ImportMap,
  found: Survey,
  requirements: Requirements,
  runs: readonly RunOrigin[],
  options: TraceHeader['env']['options'],
): TraceHeader {
  const knobs = found.knobs.map(({ knob }) => knob)
  const { names, rows } = pointFeatures(knobs, found.points)
  const own = new Set(found.monitors.map(({ name }) => name))
  const limits = limitMonitors.filter((name) => !own.has(name)).map((name) => ({ name, low: 0, high: 1 }))
  const spaces = makeSpaces({ knobs, points: found.points, featureNames: names, features: rows, monitors: [...found.monitors, ...limits] })
  const nominal = withStatedAccuracy(map, found)
  return {
    versions: versions(),
    seed: 0,
    env: { name: importedEnv, options },
    board: {
      id: map.board ?? 'unknown',
      fingerprint: createHash('sha256')
        .update(`${map.board ?? 'unknown'}\n${spaces.signature}`)
        .digest('hex'),
    },
    network: null,
    spaces,
    requirements,
    objective: objectiveOf(map, found, nominal),
    nominal,
    agent: { name: importedEnv, options: {}, frozen: true, initial: null },
    energyScope: map.energyScope ?? 'board',
    startStep: 0,
    runs,
  }
}

/** What the map says of a knob's levels holds where no record tells an accuracy. */
export function statedAccuracy(map: ImportMap, found: Survey, point: number): number {
  for (const [k, { accuracy }] of map.knobs.entries()) {
    const name = found.knobs[k]?.knob.name as string
    const stated = accuracy?.[String(found.points[point]?.[name])]
    if (stated !== undefined) return stated
  }
  return Number.NaN
}

const withStatedAccuracy = (map: ImportMap, found: Survey): NominalOutcome[] =>
  found.means.map((mean, a) => (Number.isNaN(mean.accuracy) ? { ...mean, accuracy: statedAccuracy(map, found, a) } : mean))

/** A mean of fewer decisions is a matter of luck. */
const fewDecisions = 10

function objectiveOf(map: ImportMap, { known, decisionsOfPoint }: Survey, nominal: readonly NominalOutcome[]): ObjectiveSpec {
  const accurate = nominal.some(({ accuracy }) => !Number.isNaN(accuracy))
  const kind = map.objective ?? (known.latencyS > 0 ? 'weighted' : known.energyJ > 0 ? 'energy' : 'accuracy')
  if (known.latencyS + known.energyJ === 0 && !accurate)
    throw new FlyballError('ERR_LOG', 'the log holds neither latencies nor energies nor accuracies: nothing in it tells a good choice from a bad one')
  // The unit of every term: a point of which all is known that the log can tell.
  const whole = ({ latencyS, energyJ, accuracy }: NominalOutcome, a: number): boolean =>
    (known.latencyS === 0 || !Number.isNaN(latencyS)) &&
    (known.energyJ === 0 || !Number.isNaN(energyJ)) &&
    (!accurate || !Number.isNaN(accuracy)) &&
    (decisionsOfPoint[a] as number) >= fewDecisions
  const candidates = nominal.map((point, a) => (whole(point, a) ? point : { ...point, latencyS: Number.NaN }))
  const usual = decisionsOfPoint.indexOf(Math.max(...decisionsOfPoint))
  const fastest = known.latencyS > 0 ? fastestPoint(candidates) : usual
  const point = Number.isNaN(candidates[fastest]?.latencyS) ? usual : fastest
  return { kind, weights: map.weights ?? defaultWeights, reference: { point, ...(nominal[point] as NominalOutcome) } }
}
