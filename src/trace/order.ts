import type { TraceHeader } from './header.ts'
import type { TraceEntry } from './record.ts'

/** Takes the entries of a trace one by one; what is wrong with the order of one, or undefined. A decision that stands twice, is missing or out of order shows here. */
export function makeOrderCheck({ startStep, runs }: Pick<TraceHeader, 'startStep' | 'runs'>): (entry: TraceEntry) => string | undefined {
  let next = startStep
  let run = 0
  return (entry) => {
    if (entry.step !== next)
      return `its step is ${entry.step}, expected ${next}${entry.step < next ? ': is the record there twice, or out of order?' : ': records are missing before it, or out of order'}`
    if (entry.kind === 'decision') next++
    if (entry.kind !== 'run') return undefined
    run++
    if (entry.run !== run || run >= (runs?.length ?? 0))
      return `it begins run ${entry.run}, expected ${run} of the ${runs?.length ?? 1} in the header`
    return undefined
  }
}
