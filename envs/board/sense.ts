import type { Requirements } from '../../src/core/outcome.ts'
import { observationDigits, quantise } from '../../src/core/quantise.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import type { AllowedCpus } from '../../src/linux/allowed-cpus.ts'
import type { OnlineCpus } from '../../src/linux/online.ts'
import type { TemperatureSensor } from '../../src/linux/temperature.ts'
import type { GovernedCluster } from './clusters.ts'
import type { InterferenceMeter } from './interference.ts'
import type { LevelRanges } from './level-ranges.ts'
import type { PlannedPoint } from './points.ts'

/** What the stream of requests adds to the observation. */
export interface StreamState {
  queueLength: number
  /** How long the request to decide about has waited, s. */
  waitedS: number
  /** Latency of the last answer, s; NaN before the first. */
  lastLatencyS: number
}

export interface Sense {
  /** Fills the observation and the mask. No allocation. */
  read(nowS: number, stream: StreamState, requirements: Requirements, observation: Observation, mask: Mask): void
  /** Shortly before a request that is due at `dueS`: reads the kernel's files and temperatures where `read` or `readTemperatures` would have to while it is decided about. */
  foresee(nowS: number, dueS: number): void
  /** 1 for each core that may be used now: online, allowed to this process, not reserved. */
  readonly available: Uint8Array
  /** Of each sensor when it was read last, degrees C; NaN when it did not answer. */
  readonly tempsC: Float64Array
  /** Reads the temperatures, unless it has done so just now; false then. */
  readTemperatures(nowS: number): boolean
  /** Grows by one when `available` changes. */
  version(): number
}

export interface SenseInput {
  readonly clusters: readonly GovernedCluster[]
  readonly planned: readonly PlannedPoint[]
  readonly online: OnlineCpus | undefined
  /** 1 for each core this process may use and has not reserved for others. */
  readonly permitted: Uint8Array
  /** What hotplug and cpusets leave of them, looked at with every decision. */
  readonly allowed?: AllowedCpus | undefined
  /** Frequency levels that can be had now. Default: all. */
  readonly ranges?: LevelRanges
  readonly interference: InterferenceMeter
  readonly temperatures: readonly Pick<TemperatureSensor, 'tempC'>[]
}

// After an idle gap the first kernel file read costs many times what a warm one does (bench/overhead shows the phase at both paces): the governor would
// be slower than its budget if it looked at every decision. Two looks fit well into the shortest burst of interference worth reacting to.
const lookPeriodS = 0.075
// A reading can cost an I2C transaction of milliseconds, and silicon does not heat up faster than this.
const temperaturePeriodS = 0.1
/** A request is decided about within this time, as a rule. */
const decidedS = 0.002

export function makeSense(input: SenseInput): Sense {
  const { clusters, planned, online, permitted, allowed, ranges, interference, temperatures } = input
  const available = permitted.slice()
  const cores = new Int32Array(clusters.length)
  /** What the last look at the kernel gave: the first monitors, and the mask. */
  const board = new Float64Array(2 * clusters.length + 2)
  const possible = new Uint8Array(planned.length)
  const tempsC = new Float64Array(temperatures.length).fill(Number.NaN)
  let version = 0
  let tempC = Number.NaN
  let tempReadS = Number.NEGATIVE_INFINITY
  let lookedS = Number.NEGATIVE_INFINITY
  let rangesVersion = ranges?.version() ?? 0

  /** Reads the kernel's files, unless what was read last does until `dueS`; which cores there are is asked always, in one system call. */
  const look = (nowS: number, dueS: number): void => {
    const moved = allowed?.sample() ?? false
    if (!moved && dueS - lookedS < lookPeriodS) {
      if (ranges !== undefined && ranges.version() !== rangesVersion) fillMask()
      return
    }
    lookedS = nowS
    interference.sample(nowS)
    readAvailable()
    takeTemperatures(nowS, dueS)
    fillBoard()
    fillMask()
  }

  const readAvailable = (): void => {
    const known = online?.sample() ?? false
    let left = 0
    for (let cpu = 0; cpu < available.length; cpu++) {
      const now = permitted[cpu] === 1 && (!known || online?.flags[cpu] === 1) && (allowed === undefined || allowed.flags[cpu] === 1) ? 1 : 0
      left += now
      if (now === available[cpu]) continue
      available[cpu] = now
      version++
    }
    // A cpuset that lost all of its cores falls back to those of its parent: better one that was reserved than none.
    if (left === 0 && allowed !== undefined) available.set(allowed.flags)
  }

  const takeTemperatures = (nowS: number, dueS: number): boolean => {
    if (temperatures.length === 0 || dueS - tempReadS < temperaturePeriodS) return false
    tempReadS = nowS
    tempC = Number.NaN
    for (let i = 0; i < temperatures.length; i++) {
      const zoneC = (temperatures[i] as TemperatureSensor).tempC(nowS, interference.loadRatio())
      tempsC[i] = zoneC
      if (!(zoneC <= tempC)) tempC = Number.isNaN(zoneC) ? tempC : zoneC
    }
    return true
  }

  const isInRange = ({ cluster, level }: PlannedPoint): boolean =>
    ranges === undefined || (level >= (ranges.lowest[cluster] as number) && level <= (ranges.highest[cluster] as number))

  const isLastResort = ({ cluster, level, cores }: PlannedPoint): boolean =>
    cores === 1 && level === (ranges?.highest[cluster] ?? (clusters[cluster] as GovernedCluster).levels.length - 1)

  /**
   * Points whose cluster lacks cores, or whose frequency is not to be had, are impossible. Where no cluster has a core left, some other core serves all points of one core: those of the highest clocks,
   * since who has the clusters now must not be slowed down.
   */
  const fillMask = (): void => {
    rangesVersion = ranges?.version() ?? 0
    let open = 0
    for (let a = 0; a < planned.length; a++) {
      const point = planned[a] as PlannedPoint
      possible[a] = (cores[point.cluster] as number) >= point.cores && isInRange(point) ? 1 : 0
      open += possible[a] as number
    }
    if (open > 0) return
    for (let a = 0; a < planned.length; a++) possible[a] = isLastResort(planned[a] as PlannedPoint) ? 1 : 0
  }

  const fillBoard = (): void => {
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
      board[c] = known === 0 ? Number.NaN : quantise(sum / known, observationDigits)
      board[clusters.length + c] = cores[c] as number
    }
    board[2 * clusters.length] = quantise(interference.pressure(), observationDigits)
    board[2 * clusters.length + 1] = quantise(tempC, observationDigits)
  }

  return {
    available,
    tempsC,
    readTemperatures: (nowS) => takeTemperatures(nowS, nowS),
    version: () => version,
    foresee(nowS, dueS) {
      look(nowS, dueS + decidedS)
      takeTemperatures(nowS, dueS + decidedS)
    },
    read(nowS, stream, requirements, observation, mask) {
      look(nowS, nowS)
      observation.set(board)
      mask.set(possible)
      const at = board.length
      observation[at] = stream.queueLength
      observation[at + 1] = quantise(stream.waitedS, observationDigits)
      observation[at + 2] = quantise(stream.lastLatencyS / (requirements.deadlineS ?? Number.NaN), observationDigits)
      observation[at + 3] = requirements.deadlineS ?? Number.NaN
      observation[at + 4] = requirements.energyBudgetJ ?? Number.NaN
      observation[at + 5] = requirements.accuracyFloor ?? Number.NaN
    },
  }
}
