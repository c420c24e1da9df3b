import type { Requirements } from '../../core/outcome.ts'
import { monitorIndex, type Spaces } from '../../core/spaces.ts'
import type { TraceEntry } from '../../trace/record.ts'

/** Requirements that take the place of logged ones; what is left out stays as it was. */
export type Otherwise = Partial<Requirements>

const seen = ['deadlineS', 'energyBudgetJ', 'accuracyFloor'] as const

/**
 * A log as if something else had been asked: of its requirements, of the monitors that show them, and of whether a deadline was met. What was done under the old requirements stays done: the
 * question is what other choices would have been worth under the new ones, in the states that the log met.
 */
export async function* askedOtherwise(
  entries: Iterable<TraceEntry> | AsyncIterable<TraceEntry>,
  spaces: Spaces,
  otherwise: Otherwise,
): AsyncGenerator<TraceEntry> {
  const monitors = seen.flatMap((name) => {
    const at = monitorIndex(spaces, name)
    const value = otherwise[name]
    return at < 0 || value === undefined ? [] : [{ at, value }]
  })
  const { deadlineS } = otherwise
  for await (const entry of entries) {
    if (entry.kind === 'requirements') yield { ...entry, requirements: { ...entry.requirements, ...otherwise } }
    else if (entry.kind === 'decision' || entry.kind === 'segmentEnd') {
      for (const { at, value } of monitors) entry.observation[at] = value
      if (entry.kind === 'decision' && deadlineS !== undefined) entry.outcome.deadlineMet = entry.outcome.latencyS <= deadlineS
      yield entry
    } else yield entry
  }
}
