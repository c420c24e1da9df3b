import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { readOptions } from '../options.ts'
import { makeGovernor, subnetOption } from './governor.ts'

const options = [subnetOption] as const satisfies readonly OptionSpec[]

/**
 * The kernel's `powersave`: the lowest frequency always (https://docs.kernel.org/admin-guide/pm/cpufreq.html, "powersave"), in every domain. It moves no work to
 * another cluster and takes no cores away: that is not a cpufreq governor's business.
 */
export const powersaveGovernor: AgentKind = {
  name: 'powersave',
  description: 'the lowest frequency always',
  rule: 'state',
  options,
  make: (input) =>
    makeGovernor('powersave', input, {
      ...readOptions('powersave', options, input.options),
      rule: { want: (_load, lowest) => lowest, rounding: 'closest' },
    }),
}
