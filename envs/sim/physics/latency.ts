/** Speed of `cores` cores beside one, by Amdahl's law. */
export function parallelSpeedup(cores: number, parallelShare: number): number {
  return 1 / (1 - parallelShare + parallelShare / cores)
}

/**
 * Roofline (Williams, Waterman, Patterson, "Roofline", CACM 2009): the longer of computing and of moving the bytes, s. Interference takes its share of the
 * cluster's time and of the memory's bandwidth.
 */
export function rooflineS(
  macs: number,
  macsPerS: number,
  interference: number,
  movedB: number,
  bandwidthBps: number,
  bandwidthShare: number,
): number {
  const computeS = macs / (macsPerS * (1 - interference))
  const memoryS = movedB / (bandwidthBps * (1 - bandwidthShare))
  return computeS > memoryS ? computeS : memoryS
}
