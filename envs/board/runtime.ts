import type { Board } from '../../src/board/board.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { GuardSettings } from '../../src/core/guard.ts'
import type { KnobEvent } from '../../src/core/knob-event.ts'
import type { Outcome, Requirements } from '../../src/core/outcome.ts'
import { outcomeDigits, quantise } from '../../src/core/quantise.ts'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import { makeAllowedCpus } from '../../src/linux/allowed-cpus.ts'
import { watchBestEnergy } from '../../src/linux/energy-counter.ts'
import type { RestorePolicy } from '../../src/linux/journal-file.ts'
import { makeOnlineCpus } from '../../src/linux/online.ts'
import { makeCpuPressure } from '../../src/linux/psi.ts'
import { sensorText } from '../../src/linux/sensor-trouble.ts'
import { makeCpuStat } from '../../src/linux/stat.ts'
import { type TemperatureSensor, watchTemperature } from '../../src/linux/temperature.ts'
import type { WatchOptions } from '../../src/linux/watchdog.ts'
import { type AnytimeAnswer, makeAnytime } from '../../src/network/anytime.ts'
import type { Network } from '../../src/network/manifest.ts'
import type { Guard } from '../guard/guard.ts'
import { makeActuate } from './actuate.ts'
import { makeBoardGuard } from './board-guard.ts'
import { makeBusy } from './busy.ts'
import type { GovernedCluster } from './clusters.ts'
import type { EarlyStop } from './early-stop.ts'
import { type EnergyMeter, makeEnergyMeter } from './energy-meter.ts'
import { makeFrequencyControl } from './frequency.ts'
import { makeInterferenceMeter } from './interference.ts'
import { type Lanes, makeLanes } from './lanes.ts'
import { levelPowers } from './level-power.ts'
import { makeMailbox } from './mailbox.ts'
import { makeOnlineOfStat } from './online-of-stat.ts'
import { makeOwnTime } from './own-time.ts'
import { makePlacement } from './placement.ts'
import { incumbentOf, type Plan, planPoints } from './points.ts'
import { makeSense, type StreamState } from './sense.ts'

export interface RuntimeOptions {
  /** Where /proc and /sys are; '/' on a real board. */
  readonly root: string
  readonly board: Board
  readonly network: Network
  readonly clusters: readonly GovernedCluster[]
  /** Cores this process may use and that are not reserved. */
  readonly allowed: readonly number[]
  readonly guard: GuardSettings
  /** Write knobs again that others change, instead of leaving them to them. */
  readonly forceKnobs?: boolean | undefined
  /** When kernel knobs are put back. Default: at the end. */
  readonly restore?: RestorePolicy | undefined
  /** Who looks after kernel knobs from outside; undefined: nobody. */
  readonly watchdog?: Pick<WatchOptions, 'limitS' | 'ends'> | undefined
  /** What went wrong without ending the run; each message once. */
  onProblem(message: string): void
}

/** What came of a choice. Reused. */
export interface Applied {
  /** The point that is in force: another one than was chosen where the guard overrode the choice. */
  action: number
  /** A knob moved. */
  changed: boolean
}

/** Sense, apply, infer and account on this machine: what the board environment and an application's own governor share. */
export interface Runtime {
  readonly plan: Plan
  readonly lanes: Lanes
  readonly meter: EnergyMeter
  readonly allowed: readonly number[]
  /** The point that stands in for an ungoverned program: the largest sub-network, all cores, highest clock of the most capable cluster. */
  readonly incumbent: number
  /** Stands between agents and the board. */
  readonly guard: Guard
  sense(nowS: number, stream: StreamState, requirements: Requirements, observation: Observation, mask: Mask): void
  /**
   * Shortly before a request that is due at `dueS`, while nobody waits: reads what would have to be read then, and goes once through what is done then, as a first time costs three times a second. What `sense` fills counts;
   * it asks again which cores there are.
   */
  foresee(nowS: number, dueS: number, stream: StreamState, requirements: Requirements, observation: Observation, mask: Mask): void
  /** Puts the agent's choice into force, as far as the guard lets it through. */
  apply(nowS: number, action: number): Readonly<Applied>
  /** No request is at hand: the governor's thread may wait anywhere. */
  rest(): void
  /** At the answer: reads the energy of the inference apart from that of the wait, and looks for sensors that have gone. */
  look(nowS: number): void
  /** For how long it has been at one decision, from sensing to the answer, s; 0 while no request is at hand. */
  busyS(): number
  /** Between requests: reads back, at most once a second, whether what was set still holds, and sees to it. */
  tend(nowS: number): void
  /** What became of knobs since this was asked last, in order. */
  knobEvents(): readonly KnobEvent[]
  /** What became of sensors since this was asked last, in order. */
  sensorEvents(): readonly SensorEvent[]
  /** Co-runners of our own making run from now on (or no more): a power sensor's energy is shared with them by busy time. */
  declareOthers(running: boolean): void
  /**
   * Answers for `lanes.input`; fills confidence and accuracy. With `early` the action's size is the most that runs: increments go in rounds of as many as the action has cores,
   * and after each round the answer so far may be the last. The expected accuracy of an answer that was picked by its confidence is that confidence, estimated.
   */
  infer(action: number, outcome: Outcome, early?: EarlyStop): Promise<void>
  /** The last answer; reused. */
  readonly answer: Readonly<AnytimeAnswer>
  /** What is known at the answer: fills latency, energy so far and whether the deadline was met. */
  estimate(action: number, latencyS: number, nowS: number, requirements: Requirements, outcome: Outcome): void
  /** Closes a decision's books at the next dispatch: the same, with all of its energy, and begins the next decision's. */
  account(action: number, latencyS: number, nowS: number, requirements: Requirements, outcome: Outcome): void
  /** Idempotent. */
  close(): Promise<void>
}

// A thread that lost its core runs on, elsewhere: this is how long.
const placementPeriodS = 1

export async function makeRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { network, clusters } = options
  const bandwidth = clusters.some((cluster) => cluster.frequency === 'bandwidth')
  const mostCores = Math.max(...clusters.map((cluster) => cluster.cpus.length))
  const lanes = await makeLanes(network, { count: mostCores, inline: !bandwidth })
  try {
    return runtimeOver(lanes, options)
  } catch (error) {
    await lanes.close()
    throw error
  }
}

function runtimeOver(lanes: Lanes, options: RuntimeOptions): Runtime {
  const { root, board, network, clusters, allowed } = options
  const cpuCount = Math.max(board.cpuCount, ...[...allowed, ...clusters.flatMap(({ cpus }) => cpus)].map((cpu) => cpu + 1))
  const levelPowerW = clusters.map((cluster) => levelPowers(board, cluster))
  const plan = planPoints(network, clusters, lanes.count, levelPowerW)
  const powerW = Float64Array.from(plan.planned, (point) => levelPowerW[point.cluster]?.[point.level] as number)

  const problems = new Set<string>()
  const onProblem = (message: string): void => {
    if (problems.has(message)) return
    problems.add(message)
    options.onProblem(message)
  }

  const knobs = makeMailbox<KnobEvent>()
  const sensors = makeMailbox<SensorEvent>()
  let placementDueS = 0
  const onSensor = (event: SensorEvent): void => {
    sensors.put(event)
    onProblem(sensorText(event))
  }

  const own = makeOwnTime(lanes, cpuCount)
  const stat = makeCpuStat(root, cpuCount)
  const psi = makeCpuPressure(root)
  const online = stat === undefined ? makeOnlineCpus(root, cpuCount) : makeOnlineOfStat(stat)
  const temperatures = board.cpuZones.map((zone) => watchTemperature(root, zone, onSensor))
  const interference = makeInterferenceMeter(stat, psi, own, cpuCount)
  const busy = makeBusy(systemClock.now)
  const frequency = makeFrequencyControl({
    root,
    board,
    clusters,
    tids: lanes.tids,
    force: options.forceKnobs ?? false,
    restore: options.restore,
    watch: options.watchdog && { ...options.watchdog, busyS: busy.forS, onProblem, onRestored: () => onProblem(restoredByWatchdog) },
    onProblem,
    onKnob: knobs.put,
  })
  // Cores that were away when this began, too: they count once the kernel has them.
  const mine = new Set([...allowed, ...clusters.flatMap(({ cpus }) => cpus)])
  const permitted = Uint8Array.from({ length: cpuCount }, (_, cpu) => (mine.has(cpu) ? 1 : 0))
  const allowedNow = makeAllowedCpus(cpuCount, lanes.tids)
  const { ranges } = frequency
  const sense = makeSense({ clusters, planned: plan.planned, online, permitted, allowed: allowedNow, ranges, interference, temperatures })
  // Where the lanes are threads of their own, the governor's waits where the kernel likes.
  const inline = !clusters.some((cluster) => cluster.frequency === 'bandwidth')
  const placement = makePlacement(lanes, own, onProblem, inline ? allowed : [])
  const actuate = makeActuate(plan.planned, clusters, sense, interference.perCpu, placement, frequency)
  const meter = makeEnergyMeter(watchBestEnergy(root, board.energySources, onSensor), own, interference.loadRatio)

  const guard = makeBoardGuard({
    board,
    plan,
    clusters,
    levelPowerW,
    settings: options.guard,
    meter,
    onProblem,
  })
  const applied: Applied = { action: 0, changed: false }

  const { subnets } = network.manifest
  const anytime = makeAnytime(network, lanes, systemClock.now, plan.planned.length)
  const request = { most: 0, confidence: 0, deadlineS: 0, stride: 1, speed: 1, place: 0 }
  let closed = false
  let declaredOthers = false

  const estimate: Runtime['estimate'] = (action, latencyS, nowS, requirements, outcome) => {
    outcome.latencyS = quantise(latencyS, outcomeDigits)
    outcome.latencyQuality = 'measured'
    outcome.energyJ = quantise(meter.end(nowS, powerW[action] as number, declaredOthers ? interference.othersRatio() : 0), outcomeDigits)
    outcome.energyQuality = meter.quality()
    outcome.deadlineMet = requirements.deadlineS === undefined || outcome.latencyS <= requirements.deadlineS
  }

  const observe: Runtime['sense'] = (nowS, stream, requirements, observation, mask) => {
    sense.read(nowS, stream, requirements, observation, mask)
    guard.heat(nowS, sense.tempsC)
    guard.narrow(nowS, mask)
  }

  return {
    plan,
    lanes,
    meter,
    allowed,
    answer: anytime.answer,
    incumbent: incumbentOf(plan, clusters),
    guard,
    sense(nowS, stream, requirements, observation, mask) {
      busy.begin(nowS)
      observe(nowS, stream, requirements, observation, mask)
    },
    foresee(nowS, dueS, stream, requirements, observation, mask) {
      sense.foresee(nowS, dueS)
      observe(nowS, stream, requirements, observation, mask)
      placement.stir()
    },
    apply(nowS, action) {
      // A choice that took its time meets the heat of now.
      if (sense.readTemperatures(nowS)) guard.heat(nowS, sense.tempsC)
      applied.action = guard.permit(nowS, action)
      applied.changed = actuate.apply(applied.action)
      return applied
    },
    look(nowS) {
      meter.look(nowS)
      meter.tend(nowS)
      for (let i = 0; i < temperatures.length; i++) (temperatures[i] as TemperatureSensor).tend(nowS)
    },
    rest() {
      busy.end()
      placement.rest()
    },
    busyS: busy.forS,
    tend(nowS) {
      frequency.check(nowS)
      if (nowS < placementDueS) return
      placementDueS = nowS + placementPeriodS
      placement.check()
    },
    knobEvents: knobs.take,
    sensorEvents: sensors.take,
    declareOthers(running) {
      declaredOthers = running
    },
    async infer(action, outcome, early) {
      const point = plan.planned[action] as Plan['planned'][number]
      request.most = point.subnet
      request.confidence = early?.confidence ?? Number.POSITIVE_INFINITY
      request.deadlineS = early?.deadlineS ?? Number.POSITIVE_INFINITY
      request.stride = point.cores
      request.speed = actuate.speed()
      request.place = action
      try {
        await anytime.infer(request)
      } finally {
        busy.end()
      }
      const { subnet, confidence, selected } = anytime.answer
      const { accuracy } = subnets[subnet] as (typeof subnets)[number]
      outcome.confidence = quantise(confidence, outcomeDigits)
      outcome.confidenceQuality = Number.isNaN(confidence) ? 'absent' : 'measured'
      outcome.accuracy = selected ? outcome.confidence : accuracy.top1
      outcome.accuracyQuality = selected ? 'estimated' : accuracy.quality
    },
    estimate,
    account(action, latencyS, nowS, requirements, outcome) {
      estimate(action, latencyS, nowS, requirements, outcome)
      meter.begin(nowS)
      guard.power(nowS, meter.totalJ())
    },
    async close() {
      if (closed) return
      closed = true
      frequency.restore()
      placement.restore()
      meter.close()
      stat?.close()
      psi?.close()
      online?.close()
      for (const sensor of temperatures) sensor.close()
      await lanes.close()
    },
  }
}

const restoredByWatchdog =
  'this process did not move for too long and the watchdog put the clocks back: they are left to the kernel from now on, until a governor is opened anew'
