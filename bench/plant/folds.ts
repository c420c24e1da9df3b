import { fitPower, type PowerFit } from './power-fit.ts'
import { fitThermal, type ThermalFit, vectorOf } from './thermal-fit.ts'
import type { Trace } from './trace.ts'
import { predictWindows, type WindowErrors } from './windows.ts'

export interface TraceFit {
  readonly thermal: ThermalFit
  readonly power: PowerFit
}

/** A fit without one of `count` stretches of the trace, and how it predicts the windows of that stretch. */
export interface Fold extends TraceFit {
  readonly errors: WindowErrors
}

export const fitTrace = (trace: Trace): TraceFit => ({ thermal: fitThermal(trace), power: fitPower(trace) })

/** Cross-validation in stretches: neighbouring samples are nearly the same, so that leaving out single ones would prove nothing. */
export function crossValidate(trace: Trace, whole: TraceFit, count: number): Fold[] {
  return Array.from({ length: count }, (_, k) => {
    const from = Math.floor((k * trace.length) / count)
    const to = Math.floor(((k + 1) * trace.length) / count)
    const held = (i: number): boolean => i >= from && i < to
    const others = (i: number): boolean => !held(i)
    const thermal = fitThermal(trace, others, vectorOf(whole.thermal), 200)
    const power = fitPower(trace, others)
    return { thermal, power, errors: predictWindows(trace, thermal, power, held) }
  })
}

/** Errors over all windows of all folds. */
export function pool(folds: readonly Fold[]): WindowErrors {
  const windows = folds.reduce((sum, { errors }) => sum + errors.windows, 0)
  const mean = (of: (errors: WindowErrors) => number): number => folds.reduce((sum, { errors }) => sum + of(errors) * errors.windows, 0) / windows
  const rms = (of: (errors: WindowErrors) => number): number => Math.sqrt(mean((errors) => of(errors) ** 2))
  return {
    windows,
    tempC: rms((e) => e.tempC),
    tempPersistenceC: rms((e) => e.tempPersistenceC),
    tempAloneC: rms((e) => e.tempAloneC),
    power: mean((e) => e.power),
    powerPersistence: mean((e) => e.powerPersistence),
  }
}

/** Standard error of a constant by the jackknife over stretches: sqrt((n - 1) / n sum (x_k - mean)^2) (Efron and Stein, 1981). */
export function jackknife(values: readonly number[]): number {
  const n = values.length
  const mean = values.reduce((sum, one) => sum + one, 0) / n
  return Math.sqrt(((n - 1) / n) * values.reduce((sum, one) => sum + (one - mean) ** 2, 0))
}
