import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { readOptions } from '../options.ts'
import { makeGovernor, subnetOption } from './governor.ts'

const options = [
  subnetOption,
  { name: 'rateLimitS', description: 'least time between two changes (rate_limit_us)', unit: 's', default: 0.01, low: 0, high: 1000 },
  {
    name: 'halfLifeS',
    description: 'half-life of the average over windows, as of PELT (0.032); 0: each window by itself',
    unit: 's',
    default: 0,
    low: 0,
    high: 1000,
  },
] as const satisfies readonly OptionSpec[]

/** 1.25 * highest * util: a quarter of head room over what was used. */
export const schedutilWant = (util: number, highest: number): number => 1.25 * util * highest

/**
 * The kernel's `schedutil` with frequency-invariant utilisation (https://docs.kernel.org/admin-guide/pm/cpufreq.html, "schedutil": f = 1.25 * f0 * util / max; the
 * lowest frequency that is at least as high). util is the busy share of the window times present over highest frequency; a window without idle time counts as 1,
 * as PELT's clock does once there is no idle time left to lose. Other than there: a window ends with a decision; no boost for real-time tasks or after I/O;
 * without `halfLifeS` the window itself stands in for PELT with its estimate at dequeue (util_est); domains beside the CPU, which belong to devfreq, follow the
 * same rule; utilisation is not rescaled by capacity when the work moves to another cluster.
 */
export const schedutilGovernor: AgentKind = {
  name: 'schedutil',
  description: '1.25 times the frequency that the utilisation asks for',
  rule: 'own effects',
  options,
  make(input) {
    const { subnet, rateLimitS, halfLifeS } = readOptions('schedutil', options, input.options)
    return makeGovernor('schedutil', input, {
      subnet,
      rule: { want: (util, _lowest, highest) => schedutilWant(util, highest), rounding: 'up' },
      sampling: { periodS: rateLimitS, halfLifeS, frequencyInvariant: true },
    })
  },
}
