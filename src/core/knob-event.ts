/** Ends of what a clock may do, Hz. */
export interface FrequencyLimits {
  readonly min: number
  readonly max: number
}

/**
 * What became of a knob that was set. 'changed': somebody else wrote it, and it was given up or is written again; 'returned': it is as it was before the run, and
 * ours again; 'capped': heat or firmware holds it lower than asked; 'uncapped': no more; 'governor': somebody set another governor of the kernel.
 */
export interface KnobEvent {
  readonly what: 'changed' | 'returned' | 'capped' | 'uncapped' | 'governor'
  /** Name of the knob. */
  readonly name: string
  readonly askedHz?: FrequencyLimits
  readonly foundHz?: FrequencyLimits
  /** Of 'governor': the one that it has now. */
  readonly governor?: string
  /** Who may have written it, or what holds it down, in words. */
  readonly by?: string
  /** Of 'changed': false where it is written again all the same. */
  readonly yielded?: boolean
}
