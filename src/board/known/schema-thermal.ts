import * as v from 'valibot'
import { list, name, oneOf, positive, powerW, ratio, spanC, strict, tempC, text, timeS, whole } from './values.ts'

/** What happens at a trip point. States count steps below the top OPP, or of a fan above standstill. */
const throttleSchema = strict({
  /** A cluster, or `fan`. */
  device: name,
  fromState: v.optional(whole(0, 'a cooling state')),
  toState: v.optional(whole(0, 'a cooling state')),
  /** Of the device's full effect. */
  share: v.optional(ratio),
  note: v.optional(text),
})

const tripSchema = strict({
  id: name,
  /** As in the kernel; `firmware`: the firmware throttles, and the kernel sees nothing of it. */
  type: oneOf('active', 'passive', 'hot', 'critical', 'firmware'),
  tempC,
  hysteresisC: v.optional(spanC),
  throttles: v.optional(list(throttleSchema)),
})

export const thermalZoneSchema = strict({
  id: name,
  sensor: v.optional(text),
  /** 0: the sensor interrupts. */
  pollS: v.optional(timeS),
  /** While a passive trip is exceeded. */
  passivePollS: v.optional(timeS),
  /** What the zone bears for good, by its device tree. */
  sustainablePowerW: v.optional(powerW),
  trips: list(tripSchema),
  /** First-order model of the zone: temperature above ambient per watt, and heat per degree. Their product is the time constant, s. */
  rc: v.optional(strict({ resistanceKPerW: positive, capacitanceJPerK: positive, ambientTempC: v.optional(tempC) })),
  note: v.optional(text),
})
