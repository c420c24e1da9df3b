import { Command, Option } from 'commander'
import { FlyballError } from '../core/errors.ts'
import { formatQuantity } from '../core/units.ts'
import type { RunEvents } from '../run/events.ts'
import type { Ground } from '../run/grounds/ground.ts'
import { findBoard } from '../run/grounds/open.ts'
import { openSimNetwork, simGround } from '../run/grounds/sim-ground.ts'
import { defaultGroundOptions } from '../run/grounds/spec.ts'
import { type ProfileResult, profileBoard, profileGround } from '../run/profile-table.ts'
import { listenForStop } from '../run/stop.ts'
import { guardOf } from './guard-options.ts'
import { addBoardFlags, type BoardFlags, boardRequest, parseCount } from './options.ts'
import { bold, formatTable, makeProgress, printJson, printLines } from './print.ts'

interface ProfileFlags extends BoardFlags {
  env: string
  board: string
  plant: 'nominal' | 'perturbed'
  out: string
  rounds: string
  seed: string
  force?: boolean
  json?: boolean
}

const help = `
Example:
  flyball profile --clusters 0,1 --out tables/mine.json      measures every operating point; writes mine.json and mine.csv
  flyball profile --env sim:rk3588 --out tables/rk.json      the same of a simulated board
  flyball profile --env sim:mine --board mine.json --out tables/mine.json      of a board file of yours
  flyball profile --out mine.json --rounds 10 --json         fields: table, csv, points, samples, pareto[], energyQuality, …
`

/** `flyball profile`: what every operating point of this machine costs and gives, as a measured table. */
export function profileCommand(): Command {
  return addBoardFlags(
    new Command('profile')
      .description('measures every operating point of this machine and writes them as a measured table')
      .option('--env <NAME>', 'what to measure: board is this machine, sim:BOARD a simulated one (id or file)', 'board')
      .option('--board <FILE>', 'a board file of your own that sim: names by its id', defaultGroundOptions.board)
      .requiredOption('--out <FILE>', 'the table: FILE.json and FILE.csv beside it')
      .option('--rounds <N>', 'times that every point is visited, three counted requests each', '2')
      .option('--seed <N>', 'seed of the stream of requests, or of a simulated board', '1')
      .option('--force', 'write over a table that is already there'),
  )
    .addOption(
      new Option('--plant <KIND>', 'simulated board: as its figures say, or with other constants')
        .choices(['nominal', 'perturbed'])
        .default('nominal'),
    )
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(run)
}

async function run(flags: ProfileFlags): Promise<void> {
  const target = {
    out: flags.out,
    force: flags.force === true,
    rounds: parseCount(flags.rounds, '--rounds', 1),
    seed: parseCount(flags.seed, '--seed', 0),
  }
  const progress = makeProgress(false)
  const stop = listenForStop()
  const events: RunEvents = { note: progress.note, progress: progress.update, stopped: stop.requested }
  try {
    const result =
      flags.env === 'board'
        ? await profileBoard(boardRequest(flags), flags.network, target, events)
        : await profileGround(simulated(flags), target, events, guardOf(flags))
    progress.end()
    if (flags.json === true) printJson(result)
    else printLines(linesOf(result))
  } finally {
    progress.end()
    stop.release()
  }
}

/** Throws ERR_UNKNOWN_ENV for what is neither this machine nor simulated, and what opening a simulated board throws. */
function simulated({ env, network, plant, board: own }: ProfileFlags): Ground {
  const [, board] = /^sim:([^@]+)$/.exec(env) ?? []
  if (board === undefined) throw new FlyballError('ERR_UNKNOWN_ENV', `--env: '${env}' cannot be profiled, expected board or sim:BOARD`)
  return simGround({ ...findBoard(board, own), network: openSimNetwork(network), plant })
}

function linesOf(result: ProfileResult): string[] {
  const { pareto, points, samples, latencyQuality, energyQuality, energyScope, accuracyQuality, notes } = result
  const energy = energyQuality === 'absent' ? 'energy is unknown' : `energy is ${energyQuality} (${energyScope})`
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
    `latency is ${latencyQuality}, ${energy}, accuracy is ${accuracyQuality} (as the network's own file says)`,
    ...notes.map((note) => `note: ${note}`),
    `table  ${result.table}`,
    `       ${result.csv}`,
  ]
}
