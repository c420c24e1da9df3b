/** What is wrong with a sensor. */
export type Trouble = 'absent' | 'denied' | 'broken' | 'implausible' | 'jumping' | 'stuck'

/** What became of a sensor: it is 'doubted' from now on, or 'believed' again. */
export interface SensorEvent {
  readonly what: 'doubted' | 'believed'
  /** The kernel's name of it. */
  readonly sensor: string
  /** Of 'believed' what it was doubted for. */
  readonly trouble: Trouble
  /** Of 'doubted', in words. */
  readonly why?: string
}
