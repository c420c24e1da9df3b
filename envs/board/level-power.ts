import type { Board } from '../../src/board/board.ts'
import { makeClusterPower } from '../../src/board/energy-model.ts'
import type { GovernedCluster } from './clusters.ts'

/** Model power of one busy core at each level of a cluster, W: what a second of the inference threads' CPU time costs. NaN where nothing is known. */
export function levelPowers(board: Pick<Board, 'clusters' | 'architecture'>, cluster: GovernedCluster): number[] {
  const home = board.clusters.find((candidate) => candidate.id === cluster.boardCluster)
  if (home === undefined) return cluster.levels.map(() => Number.NaN)
  const power = makeClusterPower(home, board.architecture)
  return cluster.levels.map((level) => {
    if (cluster.frequency === 'clamp') return power.corePowerW(level.value)
    return cluster.frequency === 'fixed' ? power.maxPowerW : power.virtualEnergyJ(level.speed, 1)
  })
}
