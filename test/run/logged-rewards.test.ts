import { expect, it } from 'vitest'
import { makeObjective, type ObjectiveSpec } from '../../src/core/objective.ts'
import type { Outcome, Requirements } from '../../src/core/outcome.ts'
import { visitRewards } from '../../src/run/logged-rewards.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

const spaces = scriptedHeader('random', 1).spaces
const scripted = scriptedRecord(spaces)
const known = { latencyS: 0.02, energyJ: 0.05, accuracy: 0.7 }
const nominal = spaces.points.map(() => known)
const asked: Requirements = { deadlineS: 0.03, percentile: 99 }

/** Of one decision of which something is not known. */
async function visited(kind: ObjectiveSpec['kind'], requirements: Requirements, outcome: Partial<Outcome>, means = nominal) {
  const scriptedRun = scriptedHeader('random', 1)
  const objective = { ...scriptedRun.objective, kind }
  const header = { ...scriptedRun, objective, nominal: means, requirements }
  const decision: TraceEntry = { kind: 'decision', ...scripted, outcome: { ...scripted.outcome, ...known, ...outcome } }
  return visitRewards({ header, entries: () => [decision] }, makeObjective(objective, means), { decision() {} })
}

const none = Number.NaN
const counted = { rounds: 1, dropped: 0 }
const dropped = { rounds: 0, dropped: 1 }

it.each<[string, ObjectiveSpec['kind'], Requirements, Partial<Outcome>, object]>([
  ['energy, the deadline perhaps met', 'energy', asked, { latencyS: none }, dropped],
  ['energy, no deadline to meet', 'energy', { percentile: 99 }, { latencyS: none }, counted],
  ['energy itself', 'energy', asked, { energyJ: none }, dropped],
  ['latency, whatever the energy', 'latency', asked, { energyJ: none }, counted],
  ['latency, within a budget or not', 'latency', { ...asked, energyBudgetJ: 0.1 }, { energyJ: none }, dropped],
])('a decision whose cost hangs on what was not measured is left out and counted: %s', async (_, kind, requirements, outcome, expected) => {
  expect(await visited(kind, requirements, outcome)).toEqual(expected)
})

it('what a board never tells is not missed in a single decision', async () => {
  const means = spaces.points.map(() => ({ ...known, energyJ: none }))
  expect(await visited('latency', { ...asked, energyBudgetJ: 0.1 }, { energyJ: none }, means)).toEqual(counted)
})
