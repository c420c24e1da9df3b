import { dynamicPowerW, leakagePowerW } from '../../envs/sim/physics/power.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { leastSquares } from './least-squares.ts'
import { nelderMead } from './nelder-mead.ts'
import { measuredVoltageV } from './trace.ts'

/** What the plant's terms explain of the power of one cluster of an XU3 under a row of workloads. */
export interface ClusterWorkloads {
  readonly cluster: string
  /** Shared: what the rail draws whatever happens, leakage of the idle cluster and of one core more at 1 V (W), its growth, idle clock (F). */
  readonly baseW: number
  readonly idleLeakageW: number
  readonly coreLeakageW: number
  readonly perV: number
  readonly idleF: number
  readonly rows: readonly WorkloadRow[]
}

export interface WorkloadRow {
  readonly workload: string
  /** Switched capacitance over the catalogue's; NaN of `idle`. */
  readonly activity: number
  readonly n: number
  /** Mean absolute relative error, fitted and of the catalogue's C V^2 f at nominal voltages; NaN of `idle`, of which C V^2 f says nothing. */
  readonly error: number
  readonly baseline: number
}

interface Point {
  readonly workload: string
  readonly freqHz: number
  readonly voltageV: number
  readonly powerW: number
}

/**
 * The measured power per workload and frequency in the catalogue's odroid-xu4: `idle` is the rail of a cluster that does nothing, the others what one busy core adds.
 * One activity per workload and cluster; all else is shared. Temperatures were not noted: leakage is that of the (unknown) temperature of the day.
 */
export function fitWorkloads(): ClusterWorkloads[] {
  const board = readShipped('odroid-xu4')
  return ['a7', 'a15'].map((cluster) => {
    const known = board.clusters.find(({ id }) => id === cluster)
    const capacitanceF = known?.capacitanceF as number
    const nominalV = new Map(known?.opps.map(({ freqHz, voltageV }) => [freqHz, voltageV as number]))
    const voltageAt = measuredVoltageV(cluster)
    // The table of the a7 has a frequency (1.5 GHz) of which no voltage is known.
    const points: Point[] = (board.measured?.workloads ?? [])
      .filter((one) => one.cluster === cluster)
      .flatMap(({ workload, points: all }) => all.map(({ freqHz, powerW }) => ({ workload, freqHz, powerW, voltageV: voltageAt(freqHz) })))
      .filter(({ freqHz }) => nominalV.has(freqHz))
    const names = [...new Set(points.map(({ workload }) => workload))]
    const fit = fitCluster(points, names)
    const catalogueW = ({ freqHz }: Point): number => dynamicPowerW(capacitanceF, nominalV.get(freqHz) as number, freqHz, 1, 1)
    const errorOf = (of: readonly Point[], predict: (point: Point) => number): number =>
      of.reduce((sum, point) => sum + Math.abs(predict(point) / point.powerW - 1), 0) / of.length
    return {
      cluster,
      ...fit.shared,
      rows: names.map((workload) => {
        const own = points.filter((point) => point.workload === workload)
        const idle = workload === 'idle'
        return {
          workload,
          activity: idle ? Number.NaN : (fit.switchedF.get(workload) as number) / capacitanceF,
          n: own.length,
          error: errorOf(own, fit.predict),
          baseline: idle ? Number.NaN : errorOf(own, catalogueW),
        }
      }),
    }
  })
}

function fitCluster(points: readonly Point[], names: readonly string[]) {
  const rowOf = ({ workload, freqHz, voltageV }: Point, perV: number): number[] => {
    const idle = workload === 'idle'
    const leak = leakagePowerW(1, 0, voltageV, 25, perV)
    const oneFaradW = dynamicPowerW(1, voltageV, freqHz, 1, 1)
    return [idle ? 1 : 0, idle ? leak : 0, idle ? 0 : leak, ...names.map((name) => (name === workload ? oneFaradW : 0))]
  }
  const powerW = points.map((point) => point.powerW)
  const weights = powerW.map((one) => 1 / one)
  const solve = (perV: number): { x: number[]; loss: number } => {
    const rows = points.map((point) => rowOf(point, perV))
    const x = leastSquares(rows, powerW, weights)
    const loss = rows.reduce((sum, row, i) => sum + (1 - dot(row, x) / (powerW[i] as number)) ** 2, 0)
    return { x, loss }
  }
  const perV = nelderMead(([v = 0]) => (v < 0 || v > 12 ? Number.POSITIVE_INFINITY : solve(v).loss), [3], [1], 40).x[0] as number
  const { x } = solve(perV)
  const [baseW = 0, idleLeakageW = 0, coreLeakageW = 0] = x
  const switchedF = new Map(names.map((name, i) => [name, x[3 + i] as number]))
  return {
    shared: { baseW, idleLeakageW, coreLeakageW, perV, idleF: switchedF.get('idle') ?? 0 },
    switchedF,
    predict: (point: Point): number => dot(rowOf(point, perV), x),
  }
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
