import type { Rng } from '../../src/core/rng.ts'
import type { Observation } from '../../src/core/spaces.ts'
import type { SensorFault, WorldState } from '../world/world.ts'
import { constants } from './constants.ts'
import { makeNoise } from './noise.ts'

/** What a governor gets to see of the board, which is less than what is there: late, rounded, noisy, at times faulty. */
export interface Sensors {
  /** Begins anew: the board has been idle at this temperature, and nobody else was there. */
  reset(rng: Rng, tempC: number): void
  /**
   * Reads at `nowS` (s of requests; `heatS`: of heat) and writes interference of each cluster, pressure and temperature into the observation. `world`: at the moment;
   * `earlier`: one period ago, or undefined where that was before the last reading. `cluster`: where inference ran. The same number of draws at every call. No allocation.
   */
  read(
    nowS: number,
    heatS: number,
    tempC: number,
    world: WorldState,
    earlier: WorldState | undefined,
    cluster: number,
    observation: Observation,
  ): void
}

/** Three decimals: no more than the four digits of an observation, without the logarithm of a rounding to digits. */
const round3 = (x: number): number => Math.round(x * 1000) / 1000
const ratio = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x)

export function makeSensors(clusters: number): Sensors {
  const tempPeriodS = constants.tempPeriodS.value
  const tempNoiseC = constants.tempNoiseC.value
  const monitorPeriodS = constants.monitorPeriodS.value
  const noise = constants.interferenceNoise.value
  const jumpShare = constants.jumpShare.value
  const jumpC = constants.jumpC.value
  const jumpOfInterference = constants.jumpOfInterference.value
  const shown = new Float64Array(clusters)
  const pending = new Float64Array(clusters)
  const chance = makeNoise()
  // Fields and no variables: those that a closure keeps get a new box at each change.
  const last = { tempC: Number.NaN, tempReadS: Number.NEGATIVE_INFINITY, readS: Number.NEGATIVE_INFINITY }

  /** The reading of a fault: NaN, another value, or as it was. */
  const jumped = (fault: SensorFault, value: number, jump: number, draw: number): number => {
    if (fault === 'missing') return Number.NaN
    if (fault !== 'jumping' || draw >= jumpShare) return value
    return draw < jumpShare / 2 ? value - jump : value + jump
  }

  return {
    reset(stream, tempC) {
      chance.begin(stream)
      shown.fill(0)
      pending.fill(0)
      last.tempC = Math.round(tempC)
      last.tempReadS = Number.NEGATIVE_INFINITY
      last.readS = Number.NEGATIVE_INFINITY
    },
    read(nowS, heatS, tempC, world, earlier, cluster, observation) {
      const tempDraw = chance.uniform()
      const jumpDraw = chance.uniform()
      const noiseC = tempNoiseC * chance.normal()
      if (heatS - last.tempReadS >= tempPeriodS && world.tempFault !== 'stale') {
        last.tempC = Math.round(tempC + noiseC)
        last.tempReadS = heatS
      }
      const due = nowS - last.readS >= monitorPeriodS
      if (due) last.readS = nowS
      const stale = world.interferenceFault === 'stale'
      for (let c = 0; c < clusters; c++) {
        const noisy = noise * chance.normal()
        if (due && !stale) {
          shown[c] = round3(ratio((earlier === undefined ? (pending[c] as number) : (earlier.interference[c] as number)) + noisy))
          pending[c] = world.interference[c] as number
        }
        const value = jumped(world.interferenceFault, shown[c] as number, jumpOfInterference, jumpDraw)
        observation[c] = value === shown[c] ? value : round3(ratio(value))
      }
      const at = 2 * clusters
      observation[at] = observation[cluster] as number
      observation[at + 1] = jumped(world.tempFault, last.tempC, jumpC, tempDraw)
    },
  }
}
