import type { EnergyScope, Quality } from '../../src/core/outcome.ts'
import { makePowerIntegral } from '../../src/linux/energy-counter.ts'
import type { EnergySource } from '../../src/linux/energy-source.ts'
import type { OwnTime } from './own-time.ts'

/**
 * Energy of a decision: from this dispatch to the next, so that idle slack and the governor's own work count.
 * From a power sensor where there is one: the rail's energy, less what the declared co-runners took of its busy time. Else from the energy
 * model: the inference threads' CPU time at the power of the operating point, marked estimated.
 */
export interface EnergyMeter {
  readonly scope: EnergyScope
  /** The sensor; undefined where energy is only estimated. */
  readonly railName?: string | undefined
  /** Energy of the whole rail since the start, whoever took it, or of the model, up to the last `begin`, J; NaN where unknown. */
  totalJ(): number
  /** A dispatch: starts the next decision's account. */
  begin(nowS: number): void
  /** J since begin; NaN where unknown. `powerW` is the model's power of one busy core; `othersRatio` of the busy time is the declared others'. */
  end(nowS: number, powerW: number, othersRatio: number): number
  /** Of what `end` gave last. */
  quality(): Quality
  close(): void
}

export function makeEnergyMeter(source: EnergySource | undefined, own: OwnTime): EnergyMeter {
  return source === undefined ? modelMeter(own) : sensorMeter(source)
}

function modelMeter(own: OwnTime): EnergyMeter {
  let beganS = 0
  let quality: Quality = 'absent'
  const sum = { totalJ: 0, lastJ: 0 }
  return {
    scope: 'cpuTime',
    totalJ: () => sum.totalJ,
    begin() {
      own.settle()
      sum.totalJ += sum.lastJ
      sum.lastJ = 0
      beganS = own.totalS()
    },
    end(_nowS, powerW) {
      own.settle()
      quality = Number.isNaN(powerW) ? 'absent' : 'estimated'
      sum.lastJ = (own.totalS() - beganS) * powerW
      return sum.lastJ
    },
    quality: () => quality,
    close() {},
  }
}

function sensorMeter(source: EnergySource): EnergyMeter {
  const { readJ, powerW: readW } = source
  const totalJ = readJ === undefined ? makePowerIntegral(() => readW?.call(source) ?? Number.NaN) : () => readJ.call(source)
  let beganJ = Number.NaN
  let beganS = 0
  let quality: Quality = 'absent'
  return {
    scope: source.scope,
    railName: source.name,
    totalJ: () => beganJ,
    begin(nowS) {
      beganJ = totalJ(nowS)
      beganS = nowS
    },
    end(nowS, _powerW, othersRatio) {
      const energyJ = (totalJ(nowS) - beganJ) * (1 - othersRatio)
      // A sensor that has not been updated since the dispatch knows nothing of this decision; what it says of a longer span is only an estimate of it.
      quality = Number.isNaN(energyJ) || energyJ <= 0 ? 'absent' : source.ageS <= nowS - beganS ? 'measured' : 'estimated'
      return quality === 'absent' ? Number.NaN : energyJ
    },
    quality: () => quality,
    close: () => source.close(),
  }
}
