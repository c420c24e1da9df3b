import type { EnergyScope, Quality } from '../../src/core/outcome.ts'
import type { Reading } from '../../src/core/reading.ts'
import type { EnergyWatch } from '../../src/linux/energy-watch.ts'
import type { OwnTime } from './own-time.ts'
import { makeRailModel } from './rail-model.ts'

/**
 * Energy of a decision: from this dispatch to the next, so that idle slack and the governor's own work count.
 * From a power sensor where there is one: the rail's energy, less what the declared co-runners took of its busy time. It is measured only where the sensor was believed throughout
 * and had two new values within the decision. Else it is estimated: by what the sensor said of earlier stretches, as far as time and the inference threads' CPU time
 * tell, or by the energy model alone (the threads' CPU time at the power of the operating point).
 */
export interface EnergyMeter {
  readonly scope: EnergyScope
  /** The sensor; undefined where energy is only estimated. */
  readonly railName?: string | undefined
  /** Power of the whole rail, whoever takes it; undefined where there is no sensor. Reused. */
  readonly power?: Readonly<Reading> | undefined
  /** Energy of the whole rail since the start, whoever took it, or of the model, up to the last `begin`, J; NaN where unknown: the sensor is not believed, or was not since the `begin` before. */
  totalJ(): number
  /** A dispatch: starts the next decision's account. */
  begin(nowS: number): void
  /** A look at the sensor within a decision: at the answer, where power falls to that of waiting. */
  look(nowS: number): void
  /** J since begin; NaN where unknown. `powerW` is the model's power of one busy core; `othersRatio` of the busy time is the declared others'. */
  end(nowS: number, powerW: number, othersRatio: number): number
  /** Of what `end` gave last. */
  quality(): Quality
  /** Between requests: looks again for a sensor that has gone. */
  tend(nowS: number): void
  close(): void
}

/** `loadRatio`: busy share of all CPUs, NaN where unknown. */
export function makeEnergyMeter(watch: EnergyWatch | undefined, own: Pick<OwnTime, 'settle' | 'totalS'>, loadRatio: () => number): EnergyMeter {
  return watch === undefined ? modelMeter(own) : sensorMeter(watch, own, loadRatio)
}

function modelMeter(own: Pick<OwnTime, 'settle' | 'totalS'>): EnergyMeter {
  const state = { beganS: 0, totalJ: 0, lastJ: 0, quality: 'absent' as Quality }
  return {
    scope: 'cpuTime',
    totalJ: () => state.totalJ,
    begin() {
      own.settle()
      state.totalJ += state.lastJ
      state.lastJ = 0
      state.beganS = own.totalS()
    },
    look() {},
    end(_nowS, powerW) {
      own.settle()
      state.quality = Number.isNaN(powerW) ? 'absent' : 'estimated'
      state.lastJ = (own.totalS() - state.beganS) * powerW
      return state.lastJ
    },
    quality: () => state.quality,
    tend() {},
    close() {},
  }
}

/** New values of the sensor within a decision that is measured: one may still be of what was before. */
const leastUpdates = 2

function sensorMeter(watch: EnergyWatch, own: Pick<OwnTime, 'settle' | 'totalS'>, loadRatio: () => number): EnergyMeter {
  const model = makeRailModel()
  const began = { timeS: 0, ownS: 0, totalJ: 0, updates: 0, gaps: -1, believed: false, whole: false }
  /** The decision at hand, as `end` saw it last, and the stretch of decisions since the sensor was last learned from. */
  const last = { durationS: 0, modelJ: 0, energyJ: 0, updates: 0, believed: false, quality: 'absent' as Quality }
  const stretch = { durationS: 0, modelJ: 0, energyJ: 0, updates: 0 }

  let sampledS = Number.NaN

  /** Once a moment: a reading may cost milliseconds. */
  const sample = (nowS: number): void => {
    if (nowS === sampledS) return
    sampledS = nowS
    watch.sample(nowS, loadRatio())
  }

  const forget = (): void => {
    stretch.durationS = stretch.modelJ = stretch.energyJ = stretch.updates = 0
  }

  /** What the sensor says of a stretch with two new values is right to one of them. */
  const learn = (): void => {
    if (!last.believed) {
      forget()
      return
    }
    stretch.durationS += last.durationS
    stretch.modelJ += last.modelJ
    stretch.energyJ += last.energyJ
    stretch.updates += last.updates
    if (stretch.updates < leastUpdates) return
    model.learn(stretch.durationS, stretch.modelJ, stretch.energyJ)
    forget()
  }

  const judge = (energyJ: number, quality: Quality): number => {
    last.quality = energyJ > 0 ? quality : 'absent'
    return energyJ > 0 ? energyJ : Number.NaN
  }

  return {
    scope: watch.scope,
    railName: watch.name,
    power: watch.power,
    totalJ: () => (began.believed && began.whole ? began.totalJ : Number.NaN),
    begin(nowS) {
      learn()
      last.believed = false
      own.settle()
      sample(nowS)
      began.timeS = nowS
      began.ownS = own.totalS()
      began.totalJ = watch.totalJ
      began.updates = watch.updates
      // What a gap swallowed is in no total: who watches over power must not take it for nothing.
      began.whole = began.gaps < 0 || watch.gaps === began.gaps
      began.gaps = watch.gaps
      began.believed = watch.quality === 'measured'
    },
    look: sample,
    end(nowS, powerW, othersRatio) {
      own.settle()
      sample(nowS)
      last.durationS = nowS - began.timeS
      last.modelJ = (own.totalS() - began.ownS) * powerW
      last.energyJ = (watch.totalJ - began.totalJ) * (1 - othersRatio)
      last.updates = watch.updates - began.updates
      last.believed = began.believed && watch.quality === 'measured' && watch.gaps === began.gaps && !Number.isNaN(last.energyJ)
      if (last.believed && last.updates >= leastUpdates && last.energyJ > 0) return judge(last.energyJ, 'measured')
      const predictedJ = model.predict(last.durationS, last.modelJ)
      if (!Number.isNaN(predictedJ)) return judge(predictedJ, 'estimated')
      // Before anything was learned: what the sensor says, though it is of another stretch, else the model's power.
      return judge(last.believed && last.energyJ > 0 ? last.energyJ : last.modelJ, 'estimated')
    },
    quality: () => last.quality,
    tend: watch.tend,
    close: watch.close,
  }
}
