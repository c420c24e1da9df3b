import { Command } from 'commander'
import { FlyballError } from '../core/errors.ts'
import { formatQuantity } from '../core/units.ts'
import { type ProfileResult, profileBoard } from '../run/profile-table.ts'
import { listenForStop } from '../run/stop.ts'
import { addBoardFlags, type BoardFlags, boardRequest, parseCount } from './options.ts'
import { bold, formatTable, makeProgress, printJson, printLines } from './print.ts'

interface ProfileFlags extends BoardFlags {
  env: string
  out: string
  rounds: string
  seed: string
  force?: boolean
  json?: boolean
}

const help = `
Example:
  flyball profile --clusters 0,1 --out tables/mine.json      measures every operating point; writes mine.json and mine.csv
  flyball profile --out mine.json --rounds 10 --json         fields: table, csv, points, pareto[], energyQuality, …
`

/** `flyball profile`: what every operating point of this machine costs and gives, as a measured table. */
export function profileCommand(): Command {
  return addBoardFlags(
    new Command('profile')
      .description('measures every operating point of this machine and writes them as a measured table')
      .option('--env <NAME>', 'what to measure: board is this machine', 'board')
      .requiredOption('--out <FILE>', 'the table: FILE.json and FILE.csv beside it')
      .option('--rounds <N>', 'times that every point is visited, three counted requests each', '2')
      .option('--seed <N>', 'seed of the stream of requests', '1')
      .option('--force', 'write over a table that is already there'),
  )
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(run)
}

async function run(flags: ProfileFlags): Promise<void> {
  if (flags.env !== 'board') throw new FlyballError('ERR_UNKNOWN_ENV', `--env: '${flags.env}' cannot be profiled, expected board`)
  const request = {
    board: boardRequest(flags),
    network: flags.network,
    out: flags.out,
    force: flags.force === true,
    rounds: parseCount(flags.rounds, '--rounds', 1),
    seed: parseCount(flags.seed, '--seed', 0),
  }
  const progress = makeProgress(false)
  const stop = listenForStop()
  try {
    const result = await profileBoard(request, { note: progress.note, progress: progress.update, stopped: stop.requested })
    progress.end()
    if (flags.json === true) printJson(result)
    else printLines(linesOf(result))
  } finally {
    progress.end()
    stop.release()
  }
}

function linesOf(result: ProfileResult): string[] {
  const { pareto, points, samples, energyQuality, energyScope, accuracyQuality, notes } = result
  const known =
    energyQuality === 'absent'
      ? 'energy is unknown'
      : `energy is ${energyQuality}${energyQuality === 'estimated' ? ' by a model' : ''} (${energyScope})`
  return [
    bold(`${points} operating points, medians of ${samples} requests each; ${pareto.length} that no other one beats`),
    ...formatTable([
      ['point', 'latency', 'energy', 'accuracy'],
      ...pareto.map(({ point, latencyS, energyJ, accuracy }) => [
        point,
        formatQuantity(latencyS, 'time'),
        formatQuantity(energyJ, 'energy'),
        accuracy === null ? '-' : accuracy.toFixed(3),
      ]),
    ]),
    '',
    `latency is measured, ${known}, accuracy is ${accuracyQuality} (of the network's own file)`,
    ...notes.map((note) => `note: ${note}`),
    `table  ${result.table}`,
    `       ${result.csv}`,
  ]
}
