import type { EnergyScope } from './outcome.ts'

/** What is wrong with a sensor. */
export type Trouble = 'absent' | 'denied' | 'broken' | 'implausible' | 'jumping' | 'stuck'

/** What became of a sensor: it is 'doubted' from now on; it is 'believed' again; or one was 'found' that was not there when the run began. */
export interface SensorEvent {
  readonly what: 'doubted' | 'believed' | 'found'
  /** The kernel's name of it. */
  readonly sensor: string
  /** Of 'believed' what it was doubted for. */
  readonly trouble?: Trouble
  /** Of 'doubted', in words. */
  readonly why?: string
  /** Of 'found': what its energies are of from now on. Left out of a temperature. */
  readonly energyScope?: Exclude<EnergyScope, 'cpuTime'>
}
