import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { readOptions } from '../options.ts'
import { makeGovernor, subnetOption } from './governor.ts'
import type { ClockRule } from './governor-points.ts'

const options = [subnetOption] as const satisfies readonly OptionSpec[]

export const fullSpeed: ClockRule = { want: (_load, _lowest, highest) => highest, rounding: 'closest' }

/** The kernel's `performance`: the highest frequency always (https://docs.kernel.org/admin-guide/pm/cpufreq.html, "performance"), in every domain. */
export const performanceGovernor: AgentKind = {
  name: 'performance',
  description: 'the highest frequency always',
  rule: 'state',
  options,
  make: (input) => makeGovernor('performance', input, { ...readOptions('performance', options, input.options), rule: fullSpeed }),
}
