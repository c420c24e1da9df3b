import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { firstAllowed } from '../maths/masked.ts'
import { readOptions } from '../options.ts'
import { makeRuled, rankPoints } from './fixed.ts'
import { makeGovernorKeys, subnetDistance, subnetOption } from './governor-keys.ts'

const options = [subnetOption] as const satisfies readonly OptionSpec[]

/** The kernel's `performance`: the highest frequency always (https://docs.kernel.org/admin-guide/pm/cpufreq.html); on the fastest cluster, all its cores, one sub-network. */
export const performanceGovernor: AgentKind = {
  name: 'performance',
  description: 'fastest cluster, highest frequency, all cores, one sub-network',
  options,
  make(input) {
    const { subnet } = readOptions('performance', options, input.options)
    const keys = makeGovernorKeys(input)
    const ranking = rankPoints(input.spaces.points.length, (point) => [
      subnetDistance(keys, subnet, point),
      -keys.clusterSpeed(point),
      -keys.ownFrequency(point),
      -keys.allFrequencies(point),
      -keys.cores(point),
    ])
    return makeRuled('performance', input, (_, mask) => firstAllowed(ranking, mask))
  },
}
