import type { Lanes } from './lanes.ts'

/** CPU time of the inference threads, per core: what has to be taken off a core's busy time to see the others. */
export interface OwnTime {
  /** Cumulative, s; index is the core's number. */
  readonly perCpuS: Float64Array
  /** Books what the lanes have used since the last call on the cores they were placed on. Call before moving a lane. */
  settle(): void
  /** Lane now runs on this core. */
  place(lane: number, cpu: number): void
  /** Sum over the lanes as of the last settle, s. */
  totalS(): number
}

export function makeOwnTime(lanes: Pick<Lanes, 'count' | 'cpuTimeS'>, cpuCount: number): OwnTime {
  const perCpuS = new Float64Array(cpuCount)
  const placed = new Int32Array(lanes.count).fill(-1)
  const booked = Float64Array.from({ length: lanes.count }, (_, lane) => lanes.cpuTimeS(lane))
  let total = 0
  return {
    perCpuS,
    settle() {
      for (let lane = 0; lane < lanes.count; lane++) {
        const cpuTimeS = lanes.cpuTimeS(lane)
        const deltaS = cpuTimeS - (booked[lane] as number)
        booked[lane] = cpuTimeS
        total += deltaS
        const cpu = placed[lane] as number
        if (cpu >= 0) perCpuS[cpu] = (perCpuS[cpu] as number) + deltaS
      }
    },
    place(lane, cpu) {
      placed[lane] = cpu
    },
    totalS: () => total,
  }
}
