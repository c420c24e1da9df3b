import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listFolder, readText } from './files.ts'

/** Programs that set clocks, by the name of their process (the kernel keeps 15 characters of it). Power managers of Linux first, then vendors' own. */
const daemons: readonly (readonly [name: string, comm: RegExp])[] = [
  ['power-profiles-daemon', /^power-profiles-/],
  ['tuned', /^tuned/],
  ['TLP', /^tlp(-pd)?$/],
  ['thermald', /^thermald$/],
  ['auto-cpufreq', /^auto-cpufreq/],
  ['gamemoded', /^gamemoded$/],
  ['nvpmodel', /^nvpmodel/],
  ['jetson_clocks', /^jetson_clocks/],
  ['system76-power', /^system76-power/],
  ['tccd', /^tccd/],
  ['asusd', /^asusd/],
  ['watt', /^watt(d)?$/],
  ['cpufreqd', /^cpufreqd$/],
  ['laptop-mode', /^laptop_mode/],
  ['GEOPM', /^geopmd$/],
  ['bpftune', /^bpftune$/],
]

/** Programs that set clocks and end: what they leave behind while they are in charge. */
const traces: readonly (readonly [name: string, path: string])[] = [
  ['TLP', 'run/tlp'],
  ['nvpmodel', 'var/lib/nvpmodel/status'],
]

/** Programs on this machine that may have set a clock, likeliest first; empty: none that is known. Looks at every process: for the moment when it has happened, not for a loop. */
export function likelyWriters(root: string): string[] {
  const proc = join(root, 'proc')
  const comms = listFolder(proc, /^\d+$/).map((pid) => readText(join(proc, pid, 'comm')) ?? '')
  const running = daemons.filter(([, pattern]) => comms.some((comm) => pattern.test(comm))).map(([name]) => name)
  const left = traces.filter(([, path]) => existsSync(join(root, path))).map(([name]) => name)
  return [...new Set([...running, ...left])]
}

/** The same in words. */
export function writerText(writers: readonly string[]): string {
  return writers.length === 0 ? 'an administrator or a script' : writers.join(' or ')
}
