import type { Rng } from '../../src/core/rng.ts'
import type { SimBoard, SimCluster } from './board.ts'
import { constants } from './constants.ts'
import type { SimNetwork } from './network.ts'
import { leakageGrowth } from './physics/constants.ts'
import { parallelSpeedup } from './physics/latency.ts'
import { dynamicPowerW, leakagePowerW, leakageRefTempC } from './physics/power.ts'
import type { SimPlan, SimPoint } from './points.ts'

/** Which plant is simulated: the equations themselves, or one that each seed bends. */
export type PlantKind = 'nominal' | 'perturbed'

/** All that a plant knows of every (sub-network, cluster, cores, OPP), worked out once. Cell of action a at OPP o: `first[a] + o`. */
export interface Cells {
  readonly first: Int32Array
  /** Arithmetic of all cores together, 1/s. */
  readonly macsPerS: Float64Array
  readonly overheadS: Float64Array
  /** Switching power of the busy cores, W. */
  readonly dynamicW: Float64Array
  /** Per cluster. */
  readonly bandwidthBps: Float64Array
  /** At 25 C: `leakageW[c][opp]`. */
  readonly leakageW: readonly Float64Array[]
  /** One busy core of somebody else: `coreW[c][opp]`. */
  readonly coreW: readonly Float64Array[]
}

/** `bend`: a generator of factors for a perturbed plant; undefined: the nominal one. */
export function makeCells(board: SimBoard, network: SimNetwork, { points }: SimPlan, bend: Rng | undefined): Cells {
  const around = (range: number): number => (bend === undefined ? 1 : 1 + range * (2 * bend.next() - 1))
  const { parallelShare, overheadCycles, spread, wiggle, leastExponent, mostExponent } = constants
  const share = parallelShare.value
  const { clusters } = board
  const efficiency = clusters.map(() => around(spread.value))
  const capacitance = clusters.map(() => around(spread.value))
  const bandwidthBps = Float64Array.from(clusters, (cluster) => cluster.bandwidthBps * around(spread.value))
  const leakageW = clusters.map(({ leakageW: coefficientW, voltageV }) => {
    const factor = around(spread.value)
    return Float64Array.from(
      voltageV,
      (volts) => factor * leakagePowerW(coefficientW, leakageGrowth.perK, volts, leakageRefTempC, leakageGrowth.perV),
    )
  })
  const exponent = clusters.map(() => (bend === undefined ? 1 : leastExponent.value + bend.next() * (mostExponent.value - leastExponent.value)))
  const wiggles = (n: number): number[] => Array.from({ length: n }, () => around(wiggle.value))
  const ofOpp = clusters.map(({ freqHz }) => ({ speed: wiggles(freqHz.length), power: wiggles(freqHz.length) }))
  const ofCores = clusters.map(({ cores }) => ({ speed: wiggles(cores + 1), power: wiggles(cores + 1) }))

  const families = new Map<string, number>()
  let size = 0
  const first = Int32Array.from(points, ({ subnet, cluster, cores }) => {
    const key = `${subnet} ${cluster} ${cores}`
    const at = families.get(key) ?? size
    if (at === size) size += (clusters[cluster] as SimCluster).freqHz.length
    families.set(key, at)
    return at
  })
  const macsPerS = new Float64Array(size)
  const overheadS = new Float64Array(size)
  const dynamicW = new Float64Array(size)
  points.forEach((point, a) => {
    const { cluster: c, cores, subnet } = point as SimPoint
    const cluster = clusters[c] as SimCluster
    const topHz = cluster.freqHz.at(-1) as number
    const speedup = parallelSpeedup(cores, share)
    cluster.freqHz.forEach((freqHz, opp) => {
      const cell = (first[a] as number) + opp
      const voltageV = cluster.voltageV[opp] as number
      const capacitanceF = (cluster.coreW[opp] as number) / (voltageV * voltageV * freqHz)
      const speed = (ofOpp[c]?.speed[opp] as number) * (ofCores[c]?.speed[cores] as number) * (efficiency[c] as number)
      const power = (ofOpp[c]?.power[opp] as number) * (ofCores[c]?.power[cores] as number) * (capacitance[c] as number)
      const effectiveHz = topHz * (freqHz / topHz) ** (exponent[c] as number)
      macsPerS[cell] = cluster.macsPerCycle * effectiveHz * speedup * speed
      overheadS[cell] = overheadCycles.value / freqHz
      // On average as many cores are busy as the speed-up says.
      dynamicW[cell] = dynamicPowerW(
        capacitanceF,
        voltageV,
        freqHz,
        speedup,
        cluster.activity * (network.subnets[subnet]?.activity as number) * power,
      )
    })
  })
  const coreW = clusters.map(({ coreW: watts, activity }, c) => Float64Array.from(watts, (w) => w * activity * (capacitance[c] as number)))
  return { first, macsPerS, overheadS, dynamicW, bandwidthBps, leakageW, coreW }
}
