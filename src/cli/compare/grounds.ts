import { type Command, Option } from 'commander'
import { FlyballError } from '../../core/errors.ts'
import { defaultGroundOptions as defaults, type GroundOptions } from '../../run/grounds/spec.ts'
import { tableFolders } from '../../table/find.ts'
import { manyOption } from '../options.ts'

/** Options that say what happens on a simulated board or a measured table. */
export interface GroundFlags {
  board: string
  scenario?: string
  on?: string
  network: string
  plant: 'nominal' | 'perturbed'
  noise?: string
  fix: string[]
  tables?: string
}

export function addGroundFlags(command: Command): Command {
  return command
    .option('--board <ID|FILE>', 'board of suite:scenarios; a file of your own may be named by its id in sim: as well', defaults.board)
    .option('--scenario <NAME|FILE>', 'what happens, where --env names no scenario (default: nothing)')
    .option('--on <ENV>', 'sim:BOARD or table:NAME, through which the world of a trace is driven')
    .option(
      '--network <NAME>',
      'network of simulated boards: date2020 (four sizes of a published one), shipped:cifar10-g4 or a folder',
      defaults.network,
    )
    .addOption(
      new Option('--plant <KIND>', 'simulated board: as its figures say, or with other constants for every seed')
        .choices(['nominal', 'perturbed'])
        .default(defaults.plant),
    )
    .option('--noise <PERCENT>', 'noise laid over the latencies of a table: 3%')
    .addOption(manyOption('--fix <KNOB=VALUE>', 'freeze a knob of a table, e.g. batch=1'))
    .option('--tables <DIR>', 'folder of measured tables (default: $FLYBALL_TABLES, then ., tables, data/tables, ../shared/data/tables)')
}

export function groundOptions({ board, scenario, on, network, plant, fix, ...table }: GroundFlags): GroundOptions {
  return { board, scenario, on, network, plant, fix, ...tableOptions(table) }
}

/** Where tables lie, and what is laid over them. */
export const tableOptions = ({
  noise,
  tables,
}: Pick<GroundFlags, 'noise' | 'tables'>): Pick<GroundOptions, 'noiseRatio' | 'tables' | 'suiteFolder'> => ({
  noiseRatio: noise === undefined ? 0 : parsePercent(noise, '--noise'),
  tables: tableFolders(tables, process.env['FLYBALL_TABLES']),
  suiteFolder: tables,
})

/** `3%` as a ratio in [0, 1). Throws ERR_UNIT or ERR_RANGE. */
function parsePercent(text: string, where: string): number {
  const [, digits] = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*%$/.exec(text.trim()) ?? []
  if (digits === undefined) throw new FlyballError('ERR_UNIT', `${where}: '${text}' is no percentage, expected a number with %, e.g. 3%`)
  const ratio = Number(digits) / 100
  if (!(ratio >= 0 && ratio < 1)) throw new FlyballError('ERR_RANGE', `${where}: '${text}' lies outside 0% to 100%`)
  return ratio
}
