import type { Requirements } from '../../src/core/outcome.ts'
import { observationDigits, quantise } from '../../src/core/quantise.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import type { OnlineCpus } from '../../src/linux/online.ts'
import type { TemperatureSensor } from '../../src/linux/thermal.ts'
import type { GovernedCluster } from './clusters.ts'
import type { InterferenceMeter } from './interference.ts'
import type { PlannedPoint } from './points.ts'

/** What the stream of requests adds to the observation. */
export interface StreamState {
  queueLength: number
  /** Latency of the last answer, s; NaN before the first. */
  lastLatencyS: number
}

export interface Sense {
  /** Fills the observation and the mask. No allocation. */
  read(nowS: number, stream: StreamState, requirements: Requirements, observation: Observation, mask: Mask): void
  /** 1 for each core that may be used now: online, allowed to this process, not reserved. */
  readonly available: Uint8Array
  /** Grows by one when `available` changes. */
  version(): number
}

export interface SenseInput {
  readonly clusters: readonly GovernedCluster[]
  readonly planned: readonly PlannedPoint[]
  readonly online: OnlineCpus | undefined
  /** 1 for each core this process may use and has not reserved for others. */
  readonly permitted: Uint8Array
  readonly interference: InterferenceMeter
  readonly temperatures: readonly TemperatureSensor[]
}

// A reading can cost an I2C transaction of milliseconds, and silicon does not heat up faster than this.
const temperaturePeriodS = 0.1

export function makeSense(input: SenseInput): Sense {
  const { clusters, planned, online, permitted, interference, temperatures } = input
  const available = permitted.slice()
  const cores = new Int32Array(clusters.length)
  let version = 0
  let tempC = Number.NaN
  let tempReadS = Number.NEGATIVE_INFINITY

  const readAvailable = (): void => {
    const known = online?.sample() ?? false
    for (let cpu = 0; cpu < available.length; cpu++) {
      const now = permitted[cpu] === 1 && (!known || online?.flags[cpu] === 1) ? 1 : 0
      if (now === available[cpu]) continue
      available[cpu] = now
      version++
    }
  }

  const readTemperature = (nowS: number): void => {
    if (temperatures.length === 0 || nowS - tempReadS < temperaturePeriodS) return
    tempReadS = nowS
    tempC = Number.NaN
    for (let i = 0; i < temperatures.length; i++) {
      const zoneC = (temperatures[i] as TemperatureSensor).tempC()
      if (!(zoneC <= tempC)) tempC = Number.isNaN(zoneC) ? tempC : zoneC
    }
  }

  /** Points whose cluster lacks cores are impossible; when all are, any core that is left serves the first point. */
  const fillMask = (mask: Mask): void => {
    let open = 0
    for (let a = 0; a < planned.length; a++) {
      const point = planned[a] as PlannedPoint
      mask[a] = (cores[point.cluster] as number) >= point.cores ? 1 : 0
      open += mask[a] as number
    }
    if (open === 0) mask[0] = 1
  }

  return {
    available,
    version: () => version,
    read(nowS, stream, requirements, observation, mask) {
      readAvailable()
      interference.sample(nowS)
      readTemperature(nowS)
      let at = 0
      for (let c = 0; c < clusters.length; c++) {
        const cpus = (clusters[c] as GovernedCluster).cpus
        let sum = 0
        let known = 0
        cores[c] = 0
        for (let i = 0; i < cpus.length; i++) {
          const cpu = cpus[i] as number
          if (available[cpu] !== 1) continue
          cores[c] = (cores[c] as number) + 1
          const share = interference.perCpu[cpu] as number
          if (Number.isNaN(share)) continue
          sum += share
          known++
        }
        observation[at++] = known === 0 ? Number.NaN : quantise(sum / known, observationDigits)
      }
      for (let c = 0; c < clusters.length; c++) observation[at++] = cores[c] as number
      observation[at++] = quantise(interference.pressure(), observationDigits)
      observation[at++] = quantise(tempC, observationDigits)
      observation[at++] = stream.queueLength
      observation[at++] = quantise(stream.lastLatencyS / (requirements.deadlineS ?? Number.NaN), observationDigits)
      observation[at++] = requirements.deadlineS ?? Number.NaN
      observation[at++] = requirements.energyBudgetJ ?? Number.NaN
      observation[at++] = requirements.accuracyFloor ?? Number.NaN
      fillMask(mask)
    },
  }
}
