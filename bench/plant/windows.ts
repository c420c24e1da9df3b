import { leakagePowerW } from '../../envs/sim/physics/power.ts'
import { makeThermalNetwork } from '../../envs/sim/physics/thermal.ts'
import { type PowerFit, switchingW } from './power-fit.ts'
import { startOf, type ThermalFit } from './thermal-fit.ts'
import { samplePeriodS, type Trace } from './trace.ts'

/** Errors of predictions over windows, beside those of "all stays as it was before". */
export interface WindowErrors {
  readonly windows: number
  /** RMSE given measured power, C. */
  readonly tempC: number
  readonly tempPersistenceC: number
  /** RMSE where power is predicted too, C. */
  readonly tempAloneC: number
  /** Mean absolute relative error of the window's mean power. */
  readonly power: number
  readonly powerPersistence: number
}

export const windowSamples = 200

/** How fast the observer's case follows the measured die, 1/s: over about ten seconds, so that whole degrees average out. Assumed. */
const followPerS = 0.1
/** The second before the window says what power was. */
const beforeSamples = 20

/**
 * Predicts window after window of 10 s. The die starts at T(0). The case is hidden: an observer runs the same network by the measured power of all that came before
 * and moves its case by `followPerS` of the difference between measured and own die (a Luenberger observer: causal, nothing of the window is used).
 */
export function predictWindows(trace: Trace, thermal: ThermalFit, power: PowerFit, uses: (i: number) => boolean = () => true): WindowErrors {
  const { tempC, powerW, voltageV, freqHz, ipc, length } = trace
  const { restTempC } = thermal
  const network = makeThermalNetwork(thermal.parameters)
  const observed = startOf(trace, network, restTempC)
  const given = { dieTempC: 0, caseTempC: 0 }
  const alone = { dieTempC: 0, caseTempC: 0 }
  let windows = 0
  const sums = { given: 0, alone: 0, still: 0, power: 0, powerStill: 0 }

  const predict = (start: number): void => {
    const startTempC = tempC[start] as number
    let beforeW = 0
    for (let i = start - beforeSamples; i < start; i++) beforeW += (powerW[i] as number) / beforeSamples
    given.dieTempC = alone.dieTempC = startTempC
    given.caseTempC = alone.caseTempC = observed.caseTempC
    let measured = 0
    let predicted = 0
    for (let i = start; i < start + windowSamples; i++) {
      const truth = tempC[i] as number
      sums.given += (given.dieTempC - truth) ** 2
      sums.alone += (alone.dieTempC - truth) ** 2
      sums.still += (startTempC - truth) ** 2
      const v = voltageV[i] as number
      const nowW =
        leakagePowerW(power.leakageW, power.perK, v, alone.dieTempC, power.perV) + switchingW(power, v, freqHz[i] as number, ipc[i] as number)
      measured += (powerW[i] as number) / windowSamples
      predicted += nowW / windowSamples
      network.advance(given, powerW[i] as number, restTempC, samplePeriodS)
      network.advance(alone, nowW, restTempC, samplePeriodS)
    }
    sums.power += Math.abs(predicted / measured - 1)
    sums.powerStill += Math.abs(beforeW / measured - 1)
    windows++
  }

  for (let i = 0; i + 1 < length; i++) {
    const starts = i > 0 && i % windowSamples === 0 && i + windowSamples <= length
    if (starts && uses(i) && uses(i + windowSamples - 1)) predict(i)
    network.advance(observed, powerW[i] as number, restTempC, samplePeriodS)
    observed.caseTempC += followPerS * samplePeriodS * ((tempC[i + 1] as number) - observed.dieTempC)
  }
  const samples = windows * windowSamples
  return {
    windows,
    tempC: Math.sqrt(sums.given / samples),
    tempPersistenceC: Math.sqrt(sums.still / samples),
    tempAloneC: Math.sqrt(sums.alone / samples),
    power: sums.power / windows,
    powerPersistence: sums.powerStill / windows,
  }
}
