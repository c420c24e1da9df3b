/** What a guard keeps to, as a user may say it and run.json keeps it. Plain data. */
export interface GuardSettings {
  /** How far below the board's own trip points the guard begins to take points away, degrees C; null: no thermal guard. */
  readonly marginC: number | null
  /** Most power of the rail that energy is measured on, mean over half a second, W. */
  readonly powerCapW?: number | undefined
  /** Lowest clock of a cluster that is held, by cluster, Hz; `*` is every cluster. */
  readonly minFrequencyHz?: Readonly<Record<string, number>> | undefined
  /** Most changes of cluster, cores or clock in any one second. */
  readonly maxChanges?: number | undefined
}

export const defaultMarginC = 5

/** A temperature that is watched, and where the board itself would throttle, degrees C. */
export interface HeatLimit {
  readonly sensor: string
  readonly tripC: number
}

/** Where the power comes from that a cap holds for, and whether that is a sensor. */
export interface PowerRail {
  readonly name: string
  readonly quality: 'measured' | 'estimated'
}

/** A guard took points away, or gave some back. */
export interface GuardChange {
  readonly cause: 'heat' | 'power'
  /** The sensor, or the rail. */
  readonly sensor: string
  /** What it read, degrees C or W; left out when that is unknown. */
  readonly tempC?: number | undefined
  readonly powerW?: number | undefined
  /** From where on the guard takes points away. */
  readonly limitC?: number | undefined
  readonly limitW?: number | undefined
  /** Of the power: estimated where no sensor measures the rail. Of a temperature: estimated where its sensor is silent and the others tell; else left out. */
  readonly quality?: 'measured' | 'estimated' | undefined
  /** Points that this cause leaves, and left before. */
  readonly points: number
  readonly before: number
  /** The point that is left, in words, where it is only one. */
  readonly only?: string | undefined
}

/** What a run may know of the guard of its environment. */
export interface GuardWatch {
  /** 1: a point that the guard never allows. */
  readonly barred: Uint8Array
  /** What it did since the last call, oldest first. */
  changes(): readonly GuardChange[]
}
