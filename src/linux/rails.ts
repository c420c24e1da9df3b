import type { EnergySourceInfo } from './energy-source.ts'

/** Rails that contain all others: Jetson Orin Nano and NX (VDD_IN), Jetson Nano (POM_5V_IN). */
const totalRails = /^(VDD_IN|POM_5V_IN)$/
/** Rails that feed CPUs: VDD_CPU_GPU_CV, VDD_CPU_CV and POM_5V_CPU on Jetson, arm and kfc (big and LITTLE) or a15 and a7 on Exynos. */
const cpuRails = /cpu|(^|[^a-z])(arm|a7|a15)([^a-z0-9]|$)|kfc/i

export function isTotalRail(label: string): boolean {
  return totalRails.test(label)
}

export function coversCpus(label: string): boolean {
  return cpuRails.test(label)
}

/** Says of each rail of a board with a total rail that it is part of that. */
export function withParents(sources: readonly EnergySourceInfo[]): EnergySourceInfo[] {
  const whole = sources.find((source) => source.total)
  return sources.map((source) => (whole === undefined || source.total ? source : { ...source, partOf: whole.name }))
}
