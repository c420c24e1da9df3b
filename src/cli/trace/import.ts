import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { FlyballError } from '../../core/errors.ts'
import { formatQuantity } from '../../core/units.ts'
import { type Imported, importLog } from '../../run/import/import.ts'
import { formats, type LogFormat } from '../../run/import/rows.ts'
import { importSource } from '../../run/import/source.ts'
import { interruptibly } from '../../run/stop.ts'
import { manyOption } from '../options.ts'
import { bold, formatTable, printJson, printLines } from '../print.ts'

const help = `
MAP.json says which columns are knobs, monitors, outcomes and time, in which units (docs/import.md). tegrastats and jtop need none. --json prints out, files, decisions, runs, points,
knobs (name, levels, snapped, farthest), monitors, known (decisions with latencyS, energyJ, accuracy, confidence, propensity), skipped (torn, foreign, duplicates, withoutKnobs, outside), notes.

Example:
  flyball trace import monday.csv tuesday.csv.gz --map map.json --out week.jsonl
  flyball trace import tegrastats.log --from tegrastats --latencies answers.csv --out night.parquet
  flyball replay week.jsonl --policy static:0
`

export interface ImportFlags {
  map?: string
  from?: LogFormat
  latencies: string[]
  interval: string
  timeOffset?: string
}

/** Options that say how a log is to be read. */
export const addImportFlags = (command: Command): Command =>
  command
    .option('--map <FILE>', 'JSON that says which columns are what')
    .addOption(new Option('--from <FORMAT>', 'what the log is, where neither its name nor the map says it').choices(formats))
    .addOption(manyOption('--latencies <FILE>', 'latencies that the application logged, joined by time; one for each log'))
    .option('--interval <TIME>', 'between two lines of a tegrastats that prints no time', '1s')
    .option('--time-offset <TIME>', "added to the log's times, e.g. -2h where they are local")

export function importCommand(): Command {
  const command = new Command('import')
    .description("makes a trace of anybody's log: CSV, TSV, JSON Lines, Parquet, tegrastats, jtop")
    .argument('<files...>', 'logs of one board; each is a run')
  return addImportFlags(command)
    .requiredOption('--out <FILE>', 'trace to write: .jsonl or .parquet')
    .option('--force', 'write over a file that is there')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(async (files: string[], flags: ImportFlags & { out: string; force?: boolean; json?: boolean }) => {
      if (existsSync(flags.out) && flags.force !== true) throw new FlyballError('ERR_OUT_EXISTS', `${flags.out} exists; --force writes over it`)
      const source = await importSource({ ...flags, files })
      const result = await interruptibly((interruption) => importLog(source, flags.out, interruption))
      if (flags.json === true) printJson(result)
      else printLines(lines(result))
    })
}

const whySkipped: readonly (readonly [keyof Imported['skipped'], string])[] = [
  ['torn', 'cut off at the end of a file'],
  ['foreign', 'lines of something else'],
  ['duplicates', 'the same record again'],
  ['withoutKnobs', 'without one of the knobs'],
  ['outside', 'answers that no two samples of the board enclose'],
]

function lines({ out, decisions, runs, points, knobs, monitors, known, skipped, notes }: Imported): string[] {
  const share = (count: number): string => (count === decisions ? 'all' : count === 0 ? 'none' : `${count}`)
  return [
    bold(`${out}: ${decisions} decisions of ${runs} ${runs === 1 ? 'run' : 'runs'}, ${points} operating points`),
    ...formatTable(
      [
        ['knob', 'levels', 'moved to a level'],
        ...knobs.map(({ name, levels, snapped, farthest }) => [
          name,
          `${levels}`,
          snapped === 0
            ? ''
            : `${snapped} records, at most ${name.endsWith('freqHz') ? formatQuantity(farthest, 'frequency') : Number(farthest.toPrecision(3))} away`,
        ]),
      ],
      'left',
    ),
    `monitors     ${monitors.join(', ') || 'none'}`,
    `known        ${Object.entries(known)
      .map(([name, count]) => `${name} ${share(count)}`)
      .join(', ')}`,
    ...whySkipped.filter(([name]) => skipped[name] > 0).map(([name, why]) => `left out     ${skipped[name]}: ${why}`),
    ...notes,
  ]
}
