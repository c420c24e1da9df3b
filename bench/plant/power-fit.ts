import { dynamicPowerW, leakagePowerW } from '../../envs/sim/physics/power.ts'
import { leastSquares } from './least-squares.ts'
import { nelderMead } from './nelder-mead.ts'
import type { Trace } from './trace.ts'

/**
 * Power of a cluster by its counters, W:
 *
 *     P = leakage(V, T) + V^2 f (idleF + busyF u + workF ipc),    u = ipc / (ipc + halfBusyIpc)
 *
 * u is near 1 as soon as a core does anything at all (clock and front end switch, even while it waits for memory); what it gets done costs on top. Mispredicted
 * branches (bmpki) explain nothing more: a term of theirs is fitted to 0.
 */
export interface PowerFit {
  readonly leakageW: number
  readonly perK: number
  readonly perV: number
  readonly idleF: number
  readonly busyF: number
  readonly workF: number
  /** RMS of the relative error of 1 s means. */
  readonly rms: number
}

/** Idle loops of the traces retire about 0.01 instructions per cycle, the slowest of their programs 0.8. Assumed: in between. */
const halfBusyIpc = 0.1

export const busyOf = (ipc: number): number => ipc / (ipc + halfBusyIpc)

/** Switching power of sample i, W. */
export const switchingW = (fit: PowerFit, voltageV: number, freqHz: number, ipc: number): number =>
  dynamicPowerW(fit.idleF + fit.busyF * busyOf(ipc) + fit.workF * ipc, voltageV, freqHz, 1, 1)

const samplesPerRow = 20
const linear = 4

/** Weighted so that relative errors count; the two exponents by Nelder-Mead, the rest by least squares inside. `uses(i)` as in fitThermal. */
export function fitPower(trace: Trace, uses: (i: number) => boolean = () => true, iterations = 60): PowerFit {
  const starts: number[] = []
  for (let i = 0; i + samplesPerRow <= trace.length; i += samplesPerRow) if (uses(i) && uses(i + samplesPerRow - 1)) starts.push(i)
  const powerW = starts.map((start) => meanOf(start, (i) => trace.powerW[i] as number))
  const weights = powerW.map((one) => 1 / one)
  const solve = (perV: number, perK: number): { x: number[]; rms: number } => {
    const rows = starts.map((start) => rowOf(trace, start, perV, perK))
    const x = leastSquares(rows, powerW, weights)
    const squares = rows.map((row, i) => (1 - row.reduce((sum, value, k) => sum + value * (x[k] as number), 0) / (powerW[i] as number)) ** 2)
    return { x, rms: Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / rows.length) }
  }
  const loss = ([perV = 0, perK = 0]: readonly number[]): number => (perV < 0 || perK < 0 ? Number.POSITIVE_INFINITY : solve(perV, perK).rms)
  const [perV = 0, perK = 0] = nelderMead(loss, [3, 0.015], [1, 0.005], iterations).x
  const { x, rms } = solve(perV, perK)
  const [leakageW = 0, idleF = 0, busyF = 0, workF = 0] = x
  return { leakageW, perK, perV, idleF, busyF, workF, rms }
}

function rowOf({ voltageV, tempC, freqHz, ipc }: Trace, start: number, perV: number, perK: number): number[] {
  const row = new Array<number>(linear).fill(0)
  for (let i = start; i < start + samplesPerRow; i++) {
    const v = voltageV[i] as number
    const oneFaradW = dynamicPowerW(1, v, freqHz[i] as number, 1, 1)
    const terms = [
      leakagePowerW(1, perK, v, tempC[i] as number, perV),
      oneFaradW,
      oneFaradW * busyOf(ipc[i] as number),
      oneFaradW * (ipc[i] as number),
    ]
    for (let k = 0; k < linear; k++) row[k] = (row[k] as number) + (terms[k] as number) / samplesPerRow
  }
  return row
}

function meanOf(start: number, at: (i: number) => number): number {
  let sum = 0
  for (let i = start; i < start + samplesPerRow; i++) sum += at(i)
  return sum / samplesPerRow
}
