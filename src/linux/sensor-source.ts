import type { Access } from './kept-file.ts'

/** An opened kernel sensor, as it answers: no judgement. */
export interface SensorSource {
  /** degrees C, W, or J of a counter; NaN when it cannot be read. No allocation, never throws. */
  read(): number
  /** How the last reading ended. */
  readonly access: Access
  /** How often the sensor makes a new value, s; NaN when the kernel does not say. */
  readonly periodS: number
  /** Of a counter that wraps, J; Infinity where it does not, NaN when the kernel does not say. */
  readonly rangeJ: number
  /** The files behind it. */
  readonly paths: readonly string[]
  close(): void
}

/** Finds the sensor by its label, wherever the kernel has put it now, and opens it; undefined when it is not there. */
export type OpenSensor = () => SensorSource | undefined

/** A sensor that was found at start-up and is looked for again when it goes away. */
export interface SensorIdentity {
  readonly label: string
  readonly open: OpenSensor
}
