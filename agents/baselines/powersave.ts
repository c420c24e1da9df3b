import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { firstAllowed } from '../maths/masked.ts'
import { readOptions } from '../options.ts'
import { makeRuled, rankPoints } from './fixed.ts'
import { makeGovernorKeys, subnetDistance, subnetOption } from './governor-keys.ts'

const options = [subnetOption] as const satisfies readonly OptionSpec[]

/** The kernel's `powersave`: the lowest frequency always (https://docs.kernel.org/admin-guide/pm/cpufreq.html); on the most frugal cluster, fewest cores, one sub-network. */
export const powersaveGovernor: AgentKind = {
  name: 'powersave',
  description: 'most frugal cluster, lowest frequency, fewest cores, one sub-network',
  options,
  make(input) {
    const { subnet } = readOptions('powersave', options, input.options)
    const keys = makeGovernorKeys(input)
    const ranking = rankPoints(input.spaces.points.length, (point) => [
      subnetDistance(keys, subnet, point),
      keys.clusterPower(point),
      keys.ownFrequency(point),
      keys.allFrequencies(point),
      keys.cores(point),
    ])
    return makeRuled('powersave', input, (_, mask) => firstAllowed(ranking, mask))
  },
}
