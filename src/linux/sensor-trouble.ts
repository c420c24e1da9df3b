/** What is wrong with a sensor. */
export type Trouble = 'absent' | 'denied' | 'broken' | 'implausible' | 'jumping' | 'stuck'

/** Something began to be wrong with a sensor, or is over. */
export interface TroubleEvent {
  readonly label: string
  /** Undefined: it is believed again. */
  readonly trouble: Trouble | undefined
  /** In words; of one that is over what it was. */
  readonly why: string
}

export const troubleText = ({ label, trouble, why }: TroubleEvent): string =>
  trouble === undefined ? `sensor ${label}: believed again (${why} before)` : `sensor ${label}: ${why}; it is not believed until that is over`

/** Tells what happens to one sensor: each kind of trouble once, and once that it is over, so that a sensor that comes and goes does not fill a log. */
export interface TroubleReport {
  /** What is wrong now; undefined: nothing. */
  readonly trouble: Trouble | undefined
  /** `why` is called only where it is told. */
  begin(trouble: Trouble, why: () => string): void
  end(): void
}

export function makeTroubleReport(label: string, tell: (event: TroubleEvent) => void): TroubleReport {
  const told = new Set<Trouble>()
  const recovered = new Set<Trouble>()
  let now: Trouble | undefined
  return {
    get trouble() {
      return now
    },
    begin(trouble, why) {
      if (now === trouble) return
      now = trouble
      if (told.has(trouble)) return
      told.add(trouble)
      tell({ label, trouble, why: why() })
    },
    end() {
      const over = now
      if (over === undefined) return
      now = undefined
      if (recovered.has(over)) return
      recovered.add(over)
      tell({ label, trouble: undefined, why: over })
    },
  }
}
