import { clusterFits } from '../../envs/sim/core-types.ts'
import { fittedLeakageOf, leakageGrowth } from '../../envs/sim/physics/constants.ts'
import { rooflineS } from '../../envs/sim/physics/latency.ts'
import { dynamicPowerW, leakagePowerW } from '../../envs/sim/physics/power.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import { leastSquares } from './least-squares.ts'

interface Cell {
  readonly board: string
  readonly cluster: string
  readonly freqHz: number
  readonly timeS: number
  readonly energyJ: number
}

/**
 * Table I of Xun, Tran-Thanh, Al-Hashimi, Merrett, "Optimising Resource Management for Embedded Machine Learning" (DATE 2020, arXiv 2105.03608): one inference of the
 * whole network, an AlexNet for CIFAR-10. As recalled, not read, and unverified: four cells reproduce the ratios that its sister paper publishes (arXiv 2105.03600: 41.6 times the
 * time, 10.6 times the energy). The power cell of the a15 at 200 MHz (326 mW?) contradicts its own time and energy and is left out: its power is energy over time.
 */
const cells: readonly Cell[] = [
  { board: 'jetson-nano', cluster: 'gm20b', freqHz: 921.6e6, timeS: 7.4e-3, energyJ: 9.92e-3 },
  { board: 'jetson-nano', cluster: 'gm20b', freqHz: 614.4e6, timeS: 10.8e-3, energyJ: 10.7e-3 },
  { board: 'jetson-nano', cluster: 'a57', freqHz: 1.43e9, timeS: 46.9e-3, energyJ: 69.9e-3 },
  { board: 'jetson-nano', cluster: 'a57', freqHz: 921.6e6, timeS: 69.4e-3, energyJ: 60.9e-3 },
  { board: 'odroid-xu4', cluster: 'a15', freqHz: 1.8e9, timeS: 117e-3, energyJ: 248e-3 },
  { board: 'odroid-xu4', cluster: 'a15', freqHz: 1e9, timeS: 204e-3, energyJ: 173e-3 },
  { board: 'odroid-xu4', cluster: 'a15', freqHz: 200e6, timeS: 1020e-3, energyJ: 320e-3 },
  { board: 'odroid-xu4', cluster: 'a7', freqHz: 1.3e9, timeS: 280e-3, energyJ: 92.1e-3 },
  { board: 'odroid-xu4', cluster: 'a7', freqHz: 700e6, timeS: 504e-3, energyJ: 71.4e-3 },
  { board: 'odroid-xu4', cluster: 'a7', freqHz: 200e6, timeS: 1780e-3, energyJ: 129e-3 },
]

/** The 25 % network over the whole one, as the sister paper has it: 2.73 times faster, but only 2.36 times cheaper. */
const quarter = { faster: 2.73, cheaper: 2.36 }

/** What the sister paper publishes: largest over least time and energy of both networks on both clusters of the XU3. */
export const publishedRanges = { time: 41.6, energy: 10.6 }

/** The Nano's GPU has no published voltages. Assumed: 0.9 V at 614.4 MHz and 1 V at 921.6 MHz. */
const assumedGpuV: Readonly<Record<number, number>> = { 614400000: 0.9, 921600000: 1 }

/** Of the chip while they measured. Assumed: where an idle XU3 stands. */
const cellTempC = 44

export interface CellFit extends Cell {
  readonly modelTimeS: number
  readonly modelEnergyJ: number
  /** All cores by the catalogue's C V^2 f for the measured time, unfitted; NaN where the catalogue has no capacitance. */
  readonly catalogueEnergyJ: number
}

/** One cluster's three constants. */
export interface ClusterFit {
  readonly board: string
  readonly cluster: string
  readonly points: number
  /** Of one inference: MACs over MACs per cycle. The network's MACs are not known, so only this ratio is. */
  readonly cycles: number
  /** All cores together. */
  readonly switchedF: number
  /** Of the rail, beside the leakage that the simulator's constants give its cluster (none of the Nano: there it is in the base). */
  readonly baseW: number
}

export interface PaperFit {
  readonly cells: readonly CellFit[]
  readonly clusters: readonly ClusterFit[]
  /** Of the 25 % network: its power over what its share of the cycles would draw. Fitted on the ratio of energies, so that ratio checks nothing. */
  readonly quarterActivity: number
  readonly ranges: { readonly time: number; readonly energy: number }
}

export function fitPaper(): PaperFit {
  const keys = [...new Set(cells.map(({ cluster }) => cluster))]
  const fits = new Map(
    keys.map((key) => [
      key,
      fitCluster(
        key,
        cells.filter(({ cluster }) => cluster === key),
      ),
    ]),
  )
  const timeOf = (cluster: string, freqHz: number, share = 1): number =>
    rooflineS(share * (fits.get(cluster) as ClusterFit).cycles, freqHz, 0, 0, Number.POSITIVE_INFINITY, 0)
  const powerOf = (board: string, cluster: string, freqHz: number, activity = 1): number => {
    const { baseW, switchedF } = fits.get(cluster) as ClusterFit
    return baseW + leakageW(board, cluster, freqHz) + dynamicPowerW(switchedF, voltageOf(board, cluster, freqHz), freqHz, 1, activity)
  }
  const energyOf = ({ board, cluster, freqHz }: Pick<Cell, 'board' | 'cluster' | 'freqHz'>, share = 1, activity = 1): number =>
    timeOf(cluster, freqHz, share) * powerOf(board, cluster, freqHz, activity)

  const [fast, slow, dear, cheap] = [1.8e9, 200e6, 200e6, 700e6]
  const share = 1 / quarter.faster
  // P25 / P100 = faster / cheaper on the a7 at 700 MHz, where the least energy lies: rest + activity (P100 - rest).
  const restW = powerOf('odroid-xu4', 'a7', cheap, 0)
  const wholeW = powerOf('odroid-xu4', 'a7', cheap)
  const quarterActivity = ((quarter.faster / quarter.cheaper) * wholeW - restW) / (wholeW - restW)
  return {
    cells: cells.map((cell) => ({
      ...cell,
      modelTimeS: timeOf(cell.cluster, cell.freqHz),
      modelEnergyJ: energyOf(cell),
      catalogueEnergyJ: cell.timeS * catalogueW(cell),
    })),
    clusters: keys.map((key) => fits.get(key) as ClusterFit),
    quarterActivity,
    ranges: {
      time: timeOf('a7', slow) / timeOf('a15', fast, share),
      energy:
        energyOf({ board: 'odroid-xu4', cluster: 'a15', freqHz: dear }) /
        energyOf({ board: 'odroid-xu4', cluster: 'a7', freqHz: cheap }, share, quarterActivity),
    },
  }
}

/** Least squares of relative errors: cycles by time, switched capacitance and base by power. */
function fitCluster(cluster: string, own: readonly Cell[]): ClusterFit {
  const [cycles = 0] = leastSquares(
    own.map(({ freqHz }) => [1 / freqHz]),
    own.map(({ timeS }) => timeS),
    own.map(({ timeS }) => 1 / timeS),
  )
  const powerW = own.map(({ timeS, energyJ }) => energyJ / timeS)
  const [baseW = 0, switchedF = 0] = leastSquares(
    own.map(({ board, freqHz }) => [1, dynamicPowerW(1, voltageOf(board, cluster, freqHz), freqHz, 1, 1)]),
    own.map(({ board, freqHz }, i) => (powerW[i] as number) - leakageW(board, cluster, freqHz)),
    powerW.map((one) => 1 / one),
  )
  return { board: own[0]?.board as string, cluster, points: own.length, cycles, switchedF, baseW }
}

function leakageW(board: string, cluster: string, freqHz: number): number {
  const coefficientW = fittedLeakageOf(board, cluster)?.coefficientW ?? clusterFits[`${board}/${cluster}`]?.leakageW ?? 0
  return leakagePowerW(coefficientW, leakageGrowth.perK, voltageOf(board, cluster, freqHz), cellTempC, leakageGrowth.perV)
}

/** Nominal voltage of the catalogue, V, linear between OPPs. */
function voltageOf(board: string, cluster: string, freqHz: number): number {
  const known = readShipped(board).clusters.find(({ id }) => id === cluster)
  const opps = known?.opps ?? []
  const above = opps.findIndex((opp) => opp.freqHz >= freqHz)
  const [low, high] = [opps[Math.max(0, above - 1)], opps[above]]
  if (low?.voltageV === undefined || high?.voltageV === undefined) return assumedGpuV[freqHz] as number
  const share = high.freqHz === low.freqHz || high.freqHz === freqHz ? 1 : (freqHz - low.freqHz) / (high.freqHz - low.freqHz)
  return low.voltageV + share * (high.voltageV - low.voltageV)
}

function catalogueW({ board, cluster, freqHz }: Cell): number {
  const known = readShipped(board).clusters.find(({ id }) => id === cluster)
  if (known?.capacitanceF === undefined) return Number.NaN
  return dynamicPowerW(known.capacitanceF, voltageOf(board, cluster, freqHz), freqHz, known.cpus.length, 1)
}
