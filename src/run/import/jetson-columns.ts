import type { Cell } from './rows.ts'

/** Rails that together are the module, by the rails that are there: the first set that is whole. */
const modules: readonly (readonly string[])[] = [
  ['VDD_IN'],
  ['POM_5V_IN'],
  ['VIN'],
  ['VDD_GPU_SOC', 'VDD_CPU_CV', 'VIN_SYS_5V0'],
  ['GPU', 'CPU', 'SOC', 'CV', 'VDDRQ', 'SYS5V'],
]

/** Sensors in the order in which they stand for the chip. */
const chipSensors = ['tj', 'thermal', 'Tdiode', 'CPU', 'GPU']

/** What a Jetson's log says together: `cpu.load` (mean of cores that run), `cpu.freqHz` (the fastest of them), `cpu.cores`, `tempC`, and `powerW` of the whole module where its rails tell. */
export function withDerived(cells: Record<string, Cell>): Record<string, Cell> {
  const of = (pattern: RegExp): number[] =>
    Object.entries(cells).flatMap(([name, value]) => (pattern.test(name) && typeof value === 'number' ? [value] : []))
  const loads = of(/^cpu\d+\.load$/)
  const clocks = of(/^cpu\d+\.freqHz$/)
  if (loads.length > 0) cells['cpu.load'] = loads.reduce((sum, load) => sum + load, 0) / loads.length
  if (loads.length > 0) cells['cpu.cores'] = loads.length
  if (clocks.length > 0) cells['cpu.freqHz'] = Math.max(...clocks)
  const temps = new Map(Object.entries(cells).map(([name, value]) => [name.toLowerCase(), value]))
  const sensor = chipSensors.map((name) => temps.get(`temp.${name.toLowerCase()}`)).find((value) => typeof value === 'number')
  if (sensor !== undefined) cells['tempC'] = sensor
  const rails = modules.find((names) => names.every((name) => typeof cells[`power.${name}`] === 'number'))
  if (cells['powerW'] === undefined && rails !== undefined) cells['powerW'] = rails.reduce((sum, name) => sum + (cells[`power.${name}`] as number), 0)
  return cells
}
