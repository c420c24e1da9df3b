import type { OnlineCpus } from '../../src/linux/online.ts'
import type { CpuStat } from '../../src/linux/stat.ts'

/** Which cores are online, by the lines of the last sample of /proc/stat: an offline core has none. Spares reading one more file. */
export function makeOnlineOfStat(stat: CpuStat): OnlineCpus {
  const flags = new Uint8Array(stat.busyS.length)
  return {
    flags,
    sample() {
      let known = false
      for (let cpu = 0; cpu < flags.length; cpu++) {
        flags[cpu] = Number.isNaN(stat.busyS[cpu]) ? 0 : 1
        known ||= flags[cpu] === 1
      }
      return known
    },
    close() {},
  }
}
