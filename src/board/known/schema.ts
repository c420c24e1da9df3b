import * as v from 'valibot'
import { measuredSchema, relativePowerSchema } from './schema-measured.ts'
import { thermalZoneSchema } from './schema-thermal.ts'
import {
  bandwidthBps,
  capacitanceF,
  capacity,
  flag,
  freqHz,
  list,
  name,
  oneOf,
  positive,
  powerW,
  resistanceOhm,
  sizeB,
  strict,
  tempC,
  text,
  timeS,
  voltageV,
  whole,
} from './values.ts'

export const boardSchemaName = 'flyball-board/1'

/** Whose power a figure is: what hangs on the supply that was measured. */
const supply = oneOf('board', 'module', 'wall')

const oppSchema = strict({
  freqHz,
  /** Nominal; a better chip may run lower. */
  voltageV: v.optional(voltageV),
  /** One busy core of a CPU, a whole GPU or NPU. */
  powerW: v.optional(powerW),
  /** Into this OPP, where it differs from OPP to OPP. */
  transitionS: v.optional(timeS),
  turbo: v.optional(flag),
  /** Fuse masks of the chips that have this OPP, as in the device tree. */
  supportedHw: v.optional(list(text)),
  /** Bandwidth that a core at this OPP asks of memory and of the last cache. */
  memoryVoteBps: v.optional(bandwidthBps),
  l3VoteBps: v.optional(bandwidthBps),
})
const opps = list(oppSchema)

const idleStateSchema = strict({
  name: text,
  scope: v.optional(oneOf('core', 'cluster')),
  entryS: v.optional(timeS),
  exitS: v.optional(timeS),
  minResidencyS: v.optional(timeS),
})

const clusterSchema = strict({
  id: name,
  kind: oneOf('cpu', 'gpu', 'npu'),
  /** Device-tree compatible of a core or of the device. */
  coreType: v.optional(text),
  /** Linux CPU numbers; empty for a GPU or NPU, and where they are unknown. */
  cpus: list(whole(0, 'a CPU number')),
  /** One core at its top non-turbo frequency, relative to the fastest core of the board. */
  capacity: v.optional(capacity),
  /** capacity-dmips-mhz of the device tree: relative speed at equal clocks. */
  dmipsPerMHz: v.optional(positive),
  /** One core of a CPU, a whole GPU or NPU: P = C V^2 f. */
  capacitanceF: v.optional(capacitanceF),
  /** From one frequency to another. */
  transitionS: v.optional(timeS),
  supply: v.optional(text),
  /** Ascending; empty where the device is there and its table is unknown. */
  opps,
  /** Tables of other chips or kernels for the same cluster. */
  variants: v.optional(list(strict({ id: name, what: text, opps }))),
  idleStates: v.optional(list(idleStateSchema)),
  note: v.optional(text),
})

/** Figures of one core unless `conditions` says otherwise; copies count each byte once. */
const memorySchema = strict({
  type: v.optional(text),
  sizeB: v.optional(sizeB),
  bandwidth: v.optional(
    list(strict({ cluster: v.optional(name), kind: oneOf('memcpy', 'memset', 'memchr', 'rated'), bandwidthBps, conditions: v.optional(text) })),
  ),
  /** Of a random read in a block of this size. */
  latency: v.optional(list(strict({ cluster: v.optional(name), latencyS: timeS, blockB: sizeB }))),
  caches: v.optional(list(strict({ cluster: v.optional(name), level: whole(1, 'a cache level'), sizeB }))),
  /** Of the memory controller. */
  opps: v.optional(list(strict({ freqHz, voltageV: v.optional(voltageV) }))),
})

/** A rail that can be read. No `sensors` at all: unknown; an empty list: there is none. */
const sensorSchema = strict({
  name: text,
  /** Clusters it supplies; `board`, `module`, `memory`, `soc`. */
  of: list(name),
  chip: v.optional(text),
  address: v.optional(text),
  shuntOhm: v.optional(resistanceOhm),
  /** Between two new values. */
  periodS: v.optional(timeS),
  quality: oneOf('documented', 'unverified'),
  where: v.optional(text),
})

const powerModeSchema = strict({
  id: v.optional(whole(0, 'a mode number')),
  name: text,
  /** What the mode is called after, not what it holds to. */
  budgetW: v.optional(powerW),
  cpusOnline: v.optional(whole(1, 'a number of CPUs')),
  cpusDisabled: v.optional(whole(0, 'a number of CPUs')),
  limits: v.optional(list(strict({ cluster: name, maxFreqHz: freqHz, effectiveFreqHz: v.optional(freqHz) }))),
  memoryFreqHz: v.optional(freqHz),
  bandwidthBps: v.optional(bandwidthBps),
  default: v.optional(flag),
  note: v.optional(text),
})

/**
 * Where figures come from. `fields` are paths (`clusters.a15.opps`, `memory`; `*` stands for any one step, list elements go by id, name or index) and cover all
 * below them; the longest path that fits a figure is its source. One of `document`, `derived` (arithmetic, perhaps on the document) and `assumed` (why).
 */
export const sourceSchema = strict({
  fields: v.pipe(list(text), v.nonEmpty('expected at least one path')),
  document: v.optional(text),
  derived: v.optional(text),
  assumed: v.optional(text),
  /** Quoted by somebody who neither measured nor specified it, or without a commit. */
  secondHand: v.optional(flag),
  note: v.optional(text),
})

export const boardSchema = strict({
  schema: v.literal(boardSchemaName, `expected '${boardSchemaName}'`),
  id: name,
  name: text,
  soc: v.optional(text),
  /** Device-tree compatibles, any of which means this board or chip. */
  compatible: list(text),
  clusters: v.pipe(list(clusterSchema), v.nonEmpty('expected at least one cluster')),
  memory: v.optional(memorySchema),
  thermalZones: v.optional(list(thermalZoneSchema)),
  /** Hardware resets or powers off without asking the kernel. */
  hardwareShutdownTempC: v.optional(tempC),
  fan: v.optional(strict({ kind: text, levels: list(whole(0, 'a level of the fan')) })),
  /** While nothing runs, everything on that supply together. */
  basePower: v.optional(list(strict({ powerW, bound: v.optional(oneOf('about', 'below')), scope: supply, conditions: text }))),
  sensors: v.optional(list(sensorSchema)),
  powerModes: v.optional(list(powerModeSchema)),
  measured: v.optional(measuredSchema),
  relativePower: v.optional(list(relativePowerSchema)),
  pitfalls: list(text),
  sources: v.pipe(list(sourceSchema), v.nonEmpty('expected at least one source')),
})

/** A board of the catalogue or of a user's file: what is known beyond what its kernel tells. Absent is unknown. */
export type KnownBoard = v.InferOutput<typeof boardSchema>
export type KnownCluster = KnownBoard['clusters'][number]
export type KnownOpp = KnownCluster['opps'][number]
