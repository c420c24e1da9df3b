import * as v from 'valibot'
import { atLeast0, capacitanceF, capacity, freqHz, list, name, oneOf, positive, powerW, strict, tempC, text, voltageV } from './values.ts'

/** Power at each frequency while a workload runs. `idle`: what the supply draws when nothing runs; `core`: what one busy core adds to that. */
const workloadSchema = strict({
  cluster: name,
  workload: text,
  kind: oneOf('idle', 'core'),
  scope: oneOf('cluster', 'board'),
  /** Relative to the fastest core of the board at its top frequency. */
  points: list(strict({ freqHz, powerW, relativeSpeed: v.optional(positive) })),
})

/** P = baseW + (1 + gPerV V)(1 + e) capacitanceF f V^2. */
const fitSchema = strict({ cluster: name, workload: text, baseW: powerW, e: atLeast0, gPerV: atLeast0, capacitanceF })

export const measuredSchema = strict({
  workloads: v.optional(list(workloadSchema)),
  /** Seen on a running board, beside the nominal ones of `opps`. */
  voltages: v.optional(list(strict({ cluster: name, points: list(strict({ freqHz, voltageV })), note: v.optional(text) }))),
  rails: v.optional(list(strict({ conditions: text, rail: text, powerW }))),
  /** Ends of a heating, to fit thermal models on. */
  temperatures: v.optional(list(strict({ conditions: text, tempC }))),
  compute: v.optional(
    list(strict({ benchmark: text, flopPerS: positive, powerW: v.optional(powerW), scope: oneOf('board', 'wall'), conditions: text })),
  ),
  fits: v.optional(list(fitSchema)),
})

const idle = strict({ state: text, power: atLeast0 })

/** A published energy model whose unit is not stated or not a watt of this board: only its ratios mean something. */
export const relativePowerSchema = strict({
  cluster: name,
  points: list(strict({ freqHz, power: positive, clusterPower: v.optional(atLeast0), capacity: v.optional(capacity) })),
  coreIdle: v.optional(list(idle)),
  clusterIdle: v.optional(list(idle)),
})
