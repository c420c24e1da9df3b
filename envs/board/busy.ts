/** For how long a governor has been at one decision: what a watchdog looks at. No call allocates. */
export interface Busy {
  begin(nowS: number): void
  end(): void
  /** s; 0 between decisions. */
  forS(): number
}

export function makeBusy(now: () => number): Busy {
  const sinceS = new Float64Array([Number.NaN])
  return {
    begin(nowS) {
      sinceS[0] = nowS
    },
    end() {
      sinceS[0] = Number.NaN
    },
    forS() {
      const since = sinceS[0] as number
      return Number.isNaN(since) ? 0 : now() - since
    },
  }
}
