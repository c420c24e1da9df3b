import type { Quality } from './outcome.ts'

/** What a sensor says now. Reused by its maker. */
export interface Reading {
  /** The kernel's own name of the sensor: `cpu-thermal`, `ina3221:VDD_IN`. */
  readonly label: string
  /** degrees C, W or J, as the sensor's kind says; NaN where the quality is 'absent', and nowhere else. */
  value: number
  /** measured: believed. estimated: held over a bad moment, or doubted. absent: nothing is known. */
  quality: Quality
  /** Since the value was last believed, s; NaN before the first time. */
  ageS: number
}

export const makeReading = (label: string): Reading => ({ label, value: Number.NaN, quality: 'absent', ageS: Number.NaN })
