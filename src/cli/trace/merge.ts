import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { FlyballError } from '../../core/errors.ts'
import { type Merger, mergeTraces } from '../../run/offline/merge.ts'
import { interruptibly } from '../../run/stop.ts'
import { printJson, printLines } from '../print.ts'

const help = `
The traces are of one board, and have the same points and monitors; else both sides are printed and nothing is written. Runs stay told apart: replay resamples and folds whole runs, but executes no
agent again. --json prints traces, out, decisions, runs (source, createdAt, decisions, env, agent, seed, learning), torn, notes.

Example:
  flyball trace merge logs/monday logs/tuesday logs/old.parquet --out week.parquet
  flyball replay week.parquet --policy static:3
`

export function mergeCommand(): Command {
  return new Command('merge')
    .description('writes traces of one board as one, run after run')
    .argument('<traces...>', 'traces (JSON Lines, rotated or not, or Parquet), or folders of runs')
    .requiredOption('--out <FILE>', 'file to write: .jsonl or .parquet')
    .option('--force', 'write over a file that is there')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(async (traces: string[], { out, force, json }: { out: string; force?: boolean; json?: boolean }) => {
      if (existsSync(out) && force !== true) throw new FlyballError('ERR_OUT_EXISTS', `${out} exists; --force writes over it`)
      const result = await interruptibly((interruption) => mergeTraces(traces, out, interruption))
      if (json === true) printJson(result)
      else printLines(lines(result))
    })
}

const lines = ({ out, decisions, runs, torn, notes }: Merger): string[] => [
  `${out}: ${decisions} decisions of ${runs.length} runs`,
  ...runs.map(({ source, decisions: own, agent, env, seed }) => `  ${source}: ${own} decisions of ${agent} on ${env}, seed ${seed}`),
  ...torn.map(({ file, line }) => `${file}: line ${line} is cut off and was dropped`),
  ...notes,
]
