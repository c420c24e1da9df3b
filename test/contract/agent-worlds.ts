import type { AgentInput } from '../../src/core/agent.ts'
import type { Truth } from '../../src/core/env.ts'
import { monitorsOf } from '../../src/core/monitors.ts'
import { makeObjective } from '../../src/core/objective.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import { makeRng } from '../../src/core/rng.ts'
import { type Knob, makeSpaces, type NominalOutcome, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { scriptedObjective } from '../support/scripted-run.ts'

/** Everything that any agent may ask for, on spaces of one shape. */
export type AgentWorld = Required<Pick<AgentInput, 'spaces' | 'nominal' | 'priorCost' | 'objective' | 'truth' | 'plan'>>

const requirements: Requirements = { deadlineS: 0.012, percentile: 99 }

function worldOf(spaces: Spaces, nominal: readonly NominalOutcome[], truth: Truth): AgentWorld {
  const priorCost = Float64Array.from(nominal, (point) => 1 - point.accuracy + point.energyJ * 20 + (point.latencyS > 0.012 ? 1 : 0))
  return { spaces, nominal, priorCost, objective: makeObjective(scriptedObjective(nominal), nominal), truth, plan: () => 0 }
}

/** 16 points, sub-network x cluster x a frequency of each cluster, with a scripted environment's truth. */
export function scriptedWorld(): AgentWorld {
  const env = makeScriptedEnv()
  env.reset({ seed: 1 })
  return worldOf(env.spaces, env.nominal, env.truth as Truth)
}

function product(knobs: readonly Knob[]): OperatingPoint[] {
  let points: OperatingPoint[] = [{}]
  for (const knob of knobs) points = points.flatMap((point) => knob.values.map((value) => ({ ...point, [knob.name]: value })))
  return points
}

/** Made-up figures, and a truth that is just those. */
function madeUp(knobs: readonly Knob[], points = product(knobs), monitors = monitorsOf([{ id: 'cpu', cores: 4 }])): AgentWorld {
  const rng = makeRng(points.length)
  const nominal = points.map(() => ({ latencyS: 0.004 + 0.02 * rng.next(), energyJ: 0.01 + 0.1 * rng.next(), accuracy: 0.5 + 0.1 * rng.int(4) }))
  const truth: Truth = {
    requirements,
    expected(action, out) {
      const point = nominal[action] as NominalOutcome
      Object.assign(out, point)
      out.missRatio = point.latencyS > 0.012 ? 1 : 0
      out.brokenRatio = out.missRatio
    },
  }
  return worldOf(makeSpaces({ knobs, points, monitors }), nominal, truth)
}

const subnet: Knob = { name: 'subnet', kind: 'subnet', values: ['s', 'm', 'l'] }
const freq: Knob = { name: 'freqHz', kind: 'frequency', unit: 'Hz', values: [0.5e9, 1e9, 2e9] }
const clocks: readonly Knob[] = [
  { name: 'cores', kind: 'cores', values: [4, 8, 12] },
  ...['cpu', 'gpu', 'mem'].map((domain): Knob => ({ name: `${domain}FreqHz`, kind: 'frequency', unit: 'Hz', domain, values: [0.4e9, 0.9e9, 2e9] })),
]
const virtual: readonly Knob[] = [
  subnet,
  { name: 'cluster', kind: 'cluster', values: ['a', 'b'] },
  { name: 'cores', kind: 'cores', values: [1, 2] },
  ...['a', 'b'].map((domain): Knob => ({ name: `${domain}.speed`, kind: 'frequency', domain, values: [0.5, 1, 'free'] })),
]

/** Spaces of other shapes, by what is odd about them. */
export const oddWorlds: Readonly<Record<string, () => AgentWorld>> = {
  'no cluster knob': () => madeUp([subnet, freq]),
  'several frequency knobs and no sub-network': () => madeUp(clocks),
  'a table with holes': () =>
    madeUp(
      clocks,
      product(clocks).filter((_, i) => i % 7 < 3),
    ),
  'virtual clusters, each free while the other works': () =>
    madeUp(
      virtual,
      product(virtual).filter(
        (point) => (point['cluster'] === 'a') === (point['b.speed'] === 'free') && (point['cluster'] === 'b') === (point['a.speed'] === 'free'),
      ),
    ),
  'one single point': () => madeUp([freq], [{ freqHz: 1e9 }]),
  'no monitors': () => madeUp([subnet, freq], product([subnet, freq]), []),
}
