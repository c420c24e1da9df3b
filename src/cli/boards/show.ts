import type { KnownBoard } from '../../board/known/schema.ts'
import { simulatable } from '../../board/known/simulatable.ts'
import { bold } from '../print.ts'
import { makeReferences, sourceLines } from './references.ts'
import { clusterLines } from './show-clusters.ts'
import { measuredLines, relativeLines } from './show-measured.ts'
import { basePowerLines, memoryLines, modeLines, sensorLines, thermalLines } from './show-platform.ts'

/** All that a board file says, in SI with fitting units, with the numbers of its sources. */
export function showBoard(board: KnownBoard): string[] {
  const refs = makeReferences(board)
  const { missing } = simulatable(board)
  const compatible = board.compatible.length === 0 ? '' : `, device tree ${board.compatible.join(', ')}`
  const sections: [title: string, lines: readonly string[]][] = [
    ['clusters', board.clusters.flatMap((cluster) => clusterLines(cluster, refs))],
    ['memory', memoryLines(board, refs)],
    ['thermal', thermalLines(board, refs)],
    ['power while nothing runs', basePowerLines(board, refs)],
    ['sensors', sensorLines(board, refs)],
    ['power modes', modeLines(board, refs)],
    ['measured', measuredLines(board, refs)],
    ['power by a published model, relative', relativeLines(board, refs)],
    ['pitfalls', board.pitfalls.map((pitfall, i) => `${pitfall}${refs(`pitfalls.${i}`)}`)],
    ['sources', sourceLines(board.sources)],
  ]
  return [
    bold(board.name),
    `${board.id}${board.soc === undefined ? '' : `, ${board.soc}`}${compatible}`,
    missing.length === 0 ? 'can be simulated' : 'cannot be simulated yet:',
    ...missing.map((gap) => `  ${gap.field}: ${gap.what}`),
    ...sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', bold(title), ...lines.map((line) => `  ${line}`)])),
  ]
}
