import type { CpuPressure } from '../../src/linux/psi.ts'
import type { CpuStat } from '../../src/linux/stat.ts'
import type { OwnTime } from './own-time.ts'

/**
 * Share of each core that others take: busy time (/proc/stat) less our own, over a sliding window; and CPU pressure (PSI, `some`)
 * over the same window. The kernel counts busy time in ticks of 10 ms, so the window is ten of them: short enough to follow a burst, long
 * enough that one tick is a tenth.
 */
export interface InterferenceMeter {
  /** In [0, 1] per core, NaN where unknown (offline, or too early); reused. */
  readonly perCpu: Float64Array
  /** In [0, 1]; NaN where the kernel has no PSI. */
  pressure(): number
  /** Share of the busy time of all cores that was others', in [0, 1]; NaN too early. */
  othersRatio(): number
  /** Busy share of all CPUs, whoever keeps them busy, in [0, 1]; NaN too early. */
  loadRatio(): number
  /** Cheap when the last sample is younger than a tick. */
  sample(nowS: number): void
}

const windowS = 0.1
const tickS = 0.01
const slots = 16

export function makeInterferenceMeter(stat: CpuStat | undefined, psi: CpuPressure | undefined, own: OwnTime, cpuCount: number): InterferenceMeter {
  const perCpu = new Float64Array(cpuCount).fill(Number.NaN)
  const timeS = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
  const busyS = new Float64Array(slots * cpuCount)
  const ownS = new Float64Array(slots * cpuCount)
  const stalledS = new Float64Array(slots)
  let taken = 0
  let pressure = Number.NaN
  let othersRatio = Number.NaN
  let loadRatio = Number.NaN

  /** The youngest earlier slot that is at least a window old, else the oldest there is. */
  const baseline = (nowS: number): number => {
    for (let back = 2; back <= Math.min(taken, slots); back++) {
      const slot = (taken - back) % slots
      if (nowS - (timeS[slot] as number) >= windowS || back === Math.min(taken, slots)) return slot
    }
    return -1
  }

  return {
    perCpu,
    pressure: () => pressure,
    othersRatio: () => othersRatio,
    loadRatio: () => loadRatio,
    sample(nowS) {
      const lastS = taken === 0 ? Number.NEGATIVE_INFINITY : (timeS[(taken - 1) % slots] as number)
      if (nowS - lastS < tickS) return
      own.settle()
      stat?.sample()
      const slot = taken % slots
      timeS[slot] = nowS
      stalledS[slot] = psi?.sample() ?? Number.NaN
      for (let cpu = 0; cpu < cpuCount; cpu++) {
        busyS[slot * cpuCount + cpu] = stat === undefined ? Number.NaN : (stat.busyS[cpu] as number)
        ownS[slot * cpuCount + cpu] = own.perCpuS[cpu] as number
      }
      taken++
      const base = baseline(nowS)
      if (base < 0) return
      const spanS = nowS - (timeS[base] as number)
      pressure = clamp(((stalledS[slot] as number) - (stalledS[base] as number)) / spanS)
      let allS = 0
      let mineS = 0
      let known = 0
      for (let cpu = 0; cpu < cpuCount; cpu++) {
        const busy = (busyS[slot * cpuCount + cpu] as number) - (busyS[base * cpuCount + cpu] as number)
        const mine = (ownS[slot * cpuCount + cpu] as number) - (ownS[base * cpuCount + cpu] as number)
        perCpu[cpu] = clamp((busy - mine) / spanS)
        if (!Number.isNaN(busy)) {
          allS += busy
          known++
        }
        mineS += mine
      }
      loadRatio = known > 0 ? clamp(allS / (spanS * known)) : Number.NaN
      othersRatio = allS > 0 ? clamp(1 - mineS / allS) : 0
    },
  }
}

/** To [0, 1]; NaN stays. */
const clamp = (x: number): number => (Number.isNaN(x) ? x : Math.min(1, Math.max(0, x)))
