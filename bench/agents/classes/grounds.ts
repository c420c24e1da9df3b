import { scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { parseDeadline } from '../../../src/core/units.ts'
import { findGrounds } from '../../../src/run/grounds/open.ts'
import type { GroundOptions, GroundSpec } from '../../../src/run/grounds/spec.ts'
import { defaultWeights, type Wish } from '../../../src/run/request.ts'

/** A ground and what is asked on it. */
export interface ClassGround {
  readonly name: string
  readonly spec: GroundSpec
  readonly wish: Wish
  /** Something outside the agent's reach changes while it runs. */
  readonly changes: boolean
}

export interface Asked {
  readonly boards: readonly string[]
  readonly plants: readonly string[]
  readonly scenarios: readonly string[]
  readonly tables: readonly string[]
  readonly deadlines: readonly string[]
  /** Scenarios that are laid over tables; their own requirements give way to the last deadline's but one. */
  readonly overlays: readonly string[]
}

/** The one scenario in which nothing happens. */
const still = 'steady'
const overlayDeadline = '1.5x'

/** Simulated boards in scenarios, tables as they are, tables with scenarios laid over. Tables that are not there are left out, and said. */
export function classGrounds(asked: Asked, note: (message: string) => void): ClassGround[] {
  const simulated = asked.boards.flatMap((board) =>
    asked.plants.flatMap((plant) =>
      (asked.scenarios.length === 0 ? scenarioNames() : asked.scenarios).map((scenario): ClassGround => {
        const env = `sim:${board}@${scenario}`
        const [spec] = findGrounds([env], { plant: plant === 'perturbed' ? 'perturbed' : 'nominal' }) as [GroundSpec]
        return { name: `${env} ${plant}`, spec, wish: { percentile: 99, weights: defaultWeights }, changes: scenario !== still }
      }),
    ),
  )
  return [...simulated, ...asked.tables.flatMap((table) => onTable(table, asked, note))]
}

function onTable(table: string, { deadlines, overlays }: Asked, note: (message: string) => void): ClassGround[] {
  const options: Partial<GroundOptions> = { noiseRatio: 0.03, fix: table.startsWith('orin') ? ['batch=1'] : [] }
  const ground = (env: string, deadline: string, changes: boolean): ClassGround => ({
    name: `${env} ${deadline}`,
    spec: findGrounds([env], options)[0] as GroundSpec,
    wish: {
      percentile: 99,
      weights: defaultWeights,
      objective: 'energy',
      deadline: parseDeadline(deadline, '--deadlines'),
      ...(table === 'rk3399pro' ? { accuracyFloor: 0.69 } : {}),
    },
    changes,
  })
  try {
    return [
      ...deadlines.map((deadline) => ground(`table:${table}`, deadline, false)),
      ...overlays.map((scenario) => ground(`table:${table}@${scenario}`, overlayDeadline, true)),
    ]
  } catch (error) {
    if (!(error instanceof FlyballError && error.code === 'ERR_UNKNOWN_ENV')) throw error
    note(`left out, as the measured table is not here: ${table}`)
    return []
  }
}
