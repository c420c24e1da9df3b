import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { FlyballError } from '../../core/errors.ts'
import { formatQuantity } from '../../core/units.ts'
import { traceFile } from '../../run/folder.ts'
import { interruptibly } from '../../run/stop.ts'
import { type Conversion, convertTrace } from '../../trace/convert.ts'
import { printJson, printLines } from '../print.ts'

const help = `
A trace in Parquet has a row per line and a column per field and per monitor; the header stands in the file's metadata. Both ways nothing is lost.

Example:
  flyball trace convert runs/first/trace.jsonl first.parquet
  flyball trace convert first.parquet first.jsonl
`

export function convertCommand(): Command {
  return new Command('convert')
    .description('writes a trace as Parquet, or back as JSON Lines; the end of the name decides')
    .argument('<trace>', 'a trace.jsonl, rotated or not, the folder of a run, or a .parquet')
    .argument('<out>', 'file to write: .parquet or .jsonl')
    .option('--force', 'write over a file that is there')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(async (trace: string, out: string, flags: { force?: boolean; json?: boolean }) => {
      if (existsSync(out) && flags.force !== true) throw new FlyballError('ERR_OUT_EXISTS', `${out} exists; --force writes over it`)
      const result = await interruptibly((interruption) => convertTrace(traceFile(trace), out, interruption))
      if (flags.json === true) printJson(result)
      else printLines(lines(result))
    })
}

function lines({ from, to, decisions, sizeB, sourceSizeB, torn }: Conversion): string[] {
  const perDecision = decisions === 0 ? '' : `, ${(sizeB / decisions).toFixed(0)} B a decision`
  return [
    `${to}: ${decisions} decisions, ${formatQuantity(sizeB, 'size')}${perDecision} (${from}: ${formatQuantity(sourceSizeB, 'size')})`,
    ...(torn === null ? [] : [`${torn.file}: line ${torn.line} is cut off and was dropped`]),
  ]
}
