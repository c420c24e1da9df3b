import { FlyballError } from '../../core/errors.ts'
import { withDerived } from './jetson-columns.ts'
import type { Cell, Row, Unread } from './rows.ts'
import { textLines } from './text-lines.ts'

/**
 * Rows of what NVIDIA's `tegrastats` prints, of JetPack 3 to 7 (its fields are described in the Jetson Linux developer guide). Columns, in SI units:
 * `time` (text, where lines begin with one), `ram.usedB`, `ramRatio`, `swap.usedB`, `cpuN.load`, `cpuN.freqHz`, `gpu.load`, `gpu.freqHz`, `emc.load`, `emc.freqHz`, `temp.NAME` (degC), `power.RAIL` (W, at that moment), and what
 * `jetson-columns.ts` derives from them. Lines that are none of its are skipped and counted. Throws ERR_LOG for a file without any.
 */
export async function* tegrastatsRows(path: string, unread: Unread): AsyncGenerator<Row> {
  let number = 0
  for await (const { text, number: line, complete } of textLines(path)) {
    const cells = parseTegrastats(text)
    // A line that nothing ends may have lost a digit of its last figure.
    if (cells === undefined || !complete) unread[complete ? 'foreign' : 'torn']++
    else yield { number: ++number, line, cells }
  }
  if (number === 0)
    throw new FlyballError('ERR_LOG', `${path} holds no line of tegrastats, expected lines as 'RAM 1766/3964MB (lfb 197x4MB) CPU [24%@1224,off] …'`)
}

const mebi = 2 ** 20
const sizes: Readonly<Record<string, number>> = { k: 2 ** 10, M: mebi, G: 2 ** 30 }

/** One line; undefined for one that is none. */
export function parseTegrastats(line: string): Record<string, Cell> | undefined {
  const ram = /\bRAM (\d+)\/(\d+)([kMG])B/.exec(line)
  const cpu = /\bCPU \[([^\]]*)\](?:@(\d+))?/i.exec(line)
  if (ram === null || cpu === null) return undefined
  const cells: Record<string, Cell> = {}
  const [, time] = /^\s*(\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}|\d{4}-\d{2}-\d{2}[ T]\S+)\s/.exec(line) ?? []
  if (time !== undefined) cells['time'] = time
  const [, used = '', total = '', unit = 'M'] = ram
  cells['ram.usedB'] = Number(used) * (sizes[unit] as number)
  cells['ramRatio'] = Number(used) / Number(total)
  const [, swapped, swapUnit = 'M'] = /\bSWAP (\d+)\/\d+([kMG])B/.exec(line) ?? []
  if (swapped !== undefined) cells['swap.usedB'] = Number(swapped) * (sizes[swapUnit] as number)
  addCores(cells, cpu[1] as string, cpu[2])
  addEngine(cells, 'emc', /\bEMC(?:_FREQ)? (\d+)?%?(?:@(\d+))?/.exec(line))
  addEngine(cells, 'gpu', /\bGR3D2?(?:_FREQ)? (\d+)?%?(?:@\[?(\d+))?/.exec(line))
  // Sensors that are switched off read -256.
  for (const [, name, tempC] of line.matchAll(/(?<![\w%])([A-Za-z][\w-]*)@(-?\d+(?:\.\d+)?)C\b/g))
    cells[`temp.${name}`] = Number(tempC) <= -200 ? null : Number(tempC)
  // Current/average, and at JetPack 7 /peak; the unit came with JetPack 5.
  for (const [, name, now] of line.matchAll(/(?<!\S)([A-Z][A-Za-z]*\w*) (\d+)(?:mW)?\/\d+(?:mW)?(?:\/\d+(?:mW)?)?(?!\S)/g))
    cells[`power.${name}`] = Number(now) * 1e-3
  return withDerived(cells)
}

/** `2%@1190,off`, or before JetPack 3.2 one clock for all: `2%,off]@1190`. */
function addCores(cells: Record<string, Cell>, text: string, clock: string | undefined): void {
  for (const [i, core] of text.split(',').entries()) {
    const [, load, own = clock] = /^(\d+)%(?:@(\d+))?$/.exec(core.trim()) ?? []
    if (load === undefined) continue
    cells[`cpu${i}.load`] = Number(load) / 100
    if (own !== undefined) cells[`cpu${i}.freqHz`] = Number(own) * 1e6
  }
}

function addEngine(cells: Record<string, Cell>, name: string, found: RegExpExecArray | null): void {
  const [, load, clock] = found ?? []
  if (load !== undefined) cells[`${name}.load`] = Number(load) / 100
  if (clock !== undefined) cells[`${name}.freqHz`] = Number(clock) * 1e6
}
