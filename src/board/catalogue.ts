import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import type { Board, Cluster, Opp } from './board.ts'
// Named here so that the compiler copies the boards beside its output.
import type odroid from './catalogue/odroid-xu4.json'
import type rk3588 from './catalogue/rk3588.json'

const boardSchema = v.object({
  id: v.string(),
  /** Device-tree compatibles, any of which means this board or chip. */
  compatible: v.array(v.string()),
  clusters: v.array(
    v.object({
      /** Device-tree compatible of a core, or a word in a device's name. */
      match: v.string(),
      capacitanceF: v.optional(v.number()),
      opps: v.array(v.object({ freqHz: v.number(), voltageV: v.number() })),
    }),
  ),
  sources: v.array(v.object({ field: v.string(), document: v.string() })),
})

/** Facts about a known board that its kernel does not tell. */
export type KnownBoard = v.InferOutput<typeof boardSchema>

type ShippedBoard = typeof odroid | typeof rk3588

let read: readonly KnownBoard[] | undefined

/** The boards that ship with flyball. */
export function readCatalogue(): readonly KnownBoard[] {
  const folder = new URL('./catalogue/', import.meta.url)
  read ??= readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => v.parse(boardSchema, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ShippedBoard))
  return read
}

/** The board with voltages and capacitances of the catalogue's board of the same device tree added. What the kernel says is never replaced. */
export function addKnownFacts(board: Board, catalogue: readonly KnownBoard[], compatible: readonly string[]): Board {
  const known = catalogue.find((entry) => entry.compatible.some((name) => compatible.includes(name)))
  if (known === undefined) return board
  return { ...board, id: known.id, source: 'catalogue', clusters: board.clusters.map((cluster) => addToCluster(cluster, known)) }
}

function addToCluster(cluster: Cluster, known: KnownBoard): Cluster {
  const facts = known.clusters.find((entry) => (cluster.kind === 'cpu' ? cluster.coreType === entry.match : cluster.coreType?.includes(entry.match)))
  if (facts === undefined) return cluster
  const { capacitanceF } = facts
  const opps = cluster.opps.map((opp): Opp => {
    const voltageV = opp.voltageV ?? facts.opps.find((other) => other.freqHz === opp.freqHz)?.voltageV
    if (voltageV === undefined) return opp
    return { ...opp, voltageV, ...(capacitanceF === undefined ? {} : { powerW: capacitanceF * voltageV ** 2 * opp.freqHz }) }
  })
  return { ...cluster, opps, ...(capacitanceF === undefined ? {} : { capacitanceF }) }
}
