import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome, Spaces } from '../core/spaces.ts'
import { formatQuantity } from '../core/units.ts'
import { infeasiblePhases } from './compare/phases.ts'
import type { RunEvents } from './events.ts'

/** Notes what no point meets even on the quiet board, phase by phase, with the point that comes nearest. The run goes on. */
export function tellInfeasible(
  requirements: readonly Requirements[],
  spaces: Spaces,
  nominal: readonly NominalOutcome[],
  { note }: Pick<RunEvents, 'note'>,
): void {
  for (const { phase, requirements: asked, leastBad } of infeasiblePhases(requirements, spaces, nominal)) {
    const { deadlineS, energyBudgetJ, accuracyFloor } = asked
    const wanted = join(deadlineS, energyBudgetJ, accuracyFloor)
    const gives = join(leastBad.latencyS, leastBad.energyJ ?? undefined, leastBad.accuracy ?? undefined)
    note(
      `infeasible: ${requirements.length > 1 ? `phase ${phase + 1}: ` : ''}${wanted} is met by no point even on the quiet board; least bad is ${leastBad.point}, which gives ${gives}`,
    )
  }
}

const join = (latencyS: number | undefined, energyJ: number | undefined, accuracy: number | undefined): string =>
  [
    ...(latencyS === undefined ? [] : [formatQuantity(latencyS, 'time')]),
    ...(energyJ === undefined ? [] : [formatQuantity(energyJ, 'energy')]),
    ...(accuracy === undefined ? [] : [`accuracy ${Number(accuracy.toPrecision(3))}`]),
  ].join(', ')
