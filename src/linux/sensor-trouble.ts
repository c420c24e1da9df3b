import type { SensorEvent, Trouble } from '../core/sensor-event.ts'

/** `sensor x86_pkg_temp: has read 45.0 degC for 60 s whatever the load; it is not believed until that is over`. */
export function sensorText({ what, sensor, trouble, why }: SensorEvent): string {
  if (what === 'doubted') return `sensor ${sensor}: ${why ?? trouble}; it is not believed until that is over`
  return `sensor ${sensor}: believed again (${trouble} before)`
}

/** Tells what happens to one sensor: that a kind of trouble began, and that it is over. One that comes and goes is told less and less often, so that it does not fill a log. */
export interface TroubleReport {
  /** What is wrong now; undefined: nothing. */
  readonly trouble: Trouble | undefined
  /** `why` is called only where it is told. */
  begin(trouble: Trouble, nowS: number, why: () => string): void
  end(): void
}

/** The same kind of trouble is told again after so long at the earliest, s; after each time twice as long, up to the longest. */
const firstQuietS = 60
const longestQuietS = 3600

export function makeTroubleReport(sensor: string, tell: (event: SensorEvent) => void): TroubleReport {
  const told = new Map<Trouble, { dueS: number; quietS: number }>()
  let now: Trouble | undefined
  // What was told and is not over.
  let open: Trouble | undefined
  return {
    get trouble() {
      return now
    },
    begin(trouble, nowS, why) {
      if (now === trouble) return
      now = trouble
      const before = told.get(trouble)
      if (before !== undefined && nowS < before.dueS) return
      const quietS = before === undefined ? firstQuietS : Math.min(longestQuietS, 2 * before.quietS)
      told.set(trouble, { dueS: nowS + quietS, quietS })
      open = trouble
      tell({ what: 'doubted', sensor, trouble, why: why() })
    },
    end() {
      now = undefined
      if (open === undefined) return
      tell({ what: 'believed', sensor, trouble: open })
      open = undefined
    },
  }
}
