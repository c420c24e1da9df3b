import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { readOptions } from '../options.ts'
import { makeGovernor, subnetOption } from './governor.ts'

const options = [
  subnetOption,
  {
    name: 'upThreshold',
    description: 'load above which the frequency jumps to the highest (up_threshold); 0.8 is that of a kernel without NO_HZ',
    default: 0.95,
    low: 0.01,
    high: 1,
  },
  { name: 'samplingS', description: 'least time between two changes (sampling_rate)', unit: 's', default: 0.01, low: 0, high: 1000 },
] as const satisfies readonly OptionSpec[]

/** Frequency for a load (busy share of the window at whatever clock it ran): highest above the threshold, else lowest + load * (highest - lowest). */
export const ondemandWant = (load: number, lowest: number, highest: number, upThreshold: number): number =>
  load > upThreshold ? highest : lowest + load * (highest - lowest)

/**
 * The kernel's `ondemand` (https://docs.kernel.org/admin-guide/pm/cpufreq.html, "ondemand"; od_update in drivers/cpufreq/cpufreq_ondemand.c: closest frequency).
 * `upThreshold` is the kernel's wherever it accounts idle time in microseconds (MICRO_FREQUENCY_UP_THRESHOLD), as every kernel with NO_HZ does.
 * Other than there: a window ends with a decision, so an inference longer than `samplingS` is one window; `sampling_down_factor` is 1 and `powersave_bias` 0, the
 * kernel's defaults; domains beside the CPU, which belong to devfreq, follow the same rule.
 */
export const ondemandGovernor: AgentKind = {
  name: 'ondemand',
  description: 'the highest frequency above a load, else in proportion to it',
  rule: 'own effects',
  options,
  make(input) {
    const { subnet, upThreshold, samplingS } = readOptions('ondemand', options, input.options)
    return makeGovernor('ondemand', input, {
      subnet,
      rule: { want: (load, lowest, highest) => ondemandWant(load, lowest, highest, upThreshold), rounding: 'closest' },
      sampling: { periodS: samplingS, halfLifeS: 0, frequencyInvariant: false },
    })
  },
}
