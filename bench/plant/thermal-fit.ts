import { makeThermalNetwork, type ThermalNetwork, type ThermalParameters } from '../../envs/sim/physics/thermal.ts'
import { nelderMead } from './nelder-mead.ts'
import { samplePeriodS, type Trace } from './trace.ts'

/** A board as the trace shows it: its network, and the temperature that it would cool down to without power on the rail (room and rest of the board). */
export interface ThermalFit {
  readonly parameters: ThermalParameters
  readonly restTempC: number
  readonly rmseC: number
}

type Vector = readonly [dieKPerW: number, dieS: number, caseKPerW: number, caseS: number, restTempC: number]

const parametersOf = ([dieKPerW, dieS, caseKPerW, caseS]: Vector): ThermalParameters => ({
  dieJPerK: dieS / dieKPerW,
  dieKPerW,
  caseJPerK: caseS / caseKPerW,
  caseKPerW,
})

/**
 * Fitted in open loop: one run from the first sample through the whole trace by measured power alone, so that both time constants show. `uses(i)` says which samples
 * count, for cross-validation; the others still heat.
 */
export function fitThermal(trace: Trace, uses: (i: number) => boolean = () => true, from: Vector = [9, 1, 8, 250, 44], iterations = 300): ThermalFit {
  const loss = (x: readonly number[]): number => {
    const vector = x as unknown as Vector
    return vector.some((value) => value <= 0) ? Number.POSITIVE_INFINITY : openLoop(trace, makeThermalNetwork(parametersOf(vector)), vector[4], uses)
  }
  const { x, value } = nelderMead(
    loss,
    from,
    from.map((one) => one / 4),
    iterations,
  )
  const vector = x as unknown as Vector
  return { parameters: parametersOf(vector), restTempC: vector[4], rmseC: value }
}

export const vectorOf = ({ parameters: p, restTempC }: ThermalFit): Vector => [
  p.dieKPerW,
  p.dieKPerW * p.dieJPerK,
  p.caseKPerW,
  p.caseKPerW * p.caseJPerK,
  restTempC,
]

/** RMSE over the samples that count, C. */
function openLoop(trace: Trace, network: ThermalNetwork, restTempC: number, uses: (i: number) => boolean): number {
  const { tempC, powerW, length } = trace
  const state = startOf(trace, network, restTempC)
  let squares = 0
  let count = 0
  for (let i = 0; i < length; i++) {
    if (uses(i)) {
      squares += (state.dieTempC - (tempC[i] as number)) ** 2
      count++
    }
    network.advance(state, powerW[i] as number, restTempC, samplePeriodS)
  }
  return Math.sqrt(squares / count)
}

/** The case before the first sample: the die's temperature less what its power (mean of the first second) holds over the case. */
export function startOf({ tempC, powerW }: Trace, network: ThermalNetwork, restTempC: number): { dieTempC: number; caseTempC: number } {
  const meanW = powerW.subarray(0, 20).reduce((sum, one) => sum + one, 0) / Math.min(20, powerW.length)
  const settled = { dieTempC: 0, caseTempC: 0 }
  network.settle(settled, meanW, restTempC)
  const dieTempC = tempC[0] as number
  return { dieTempC, caseTempC: dieTempC - (settled.dieTempC - settled.caseTempC) }
}
