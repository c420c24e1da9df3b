import { Command, Option } from 'commander'
import { FlyballError } from '../core/errors.ts'
import { formatQuantity, parsePositive } from '../core/units.ts'
import { latencySource, summaryLines } from '../report/summary.ts'
import { findGrounds } from '../run/grounds/open.ts'
import { defaultGroundOptions, type GroundSpec } from '../run/grounds/spec.ts'
import { type RecordResult, record } from '../run/record.ts'
import { defaultNetwork } from '../run/shipped.ts'
import { listenForStop } from '../run/stop.ts'
import { groundOptions } from './compare/grounds.ts'
import { guardOf } from './guard-options.ts'
import { addBoardFlags, addWishFlags, type BoardFlags, boardRequest, manyOption, parseCount, type WishFlags, wishOf } from './options.ts'
import { bold, makeProgress, printJson, printLines } from './print.ts'
import { tellRun } from './tell.ts'

interface RecordFlags extends BoardFlags, WishFlags {
  env: string
  explore: string
  incumbent: string
  board: string
  on?: string
  plant: 'nominal' | 'perturbed'
  noise?: string
  fix: string[]
  tables?: string
  steps: string
  seed: string
  out: string
  maxSize?: string
  force?: boolean
  json?: boolean
}

const help = `
--explore SPEC: epsilon:0.2             one decision in five is a uniformly random allowed point, the rest is the incumbent
                softmax:0.3             points in proportion to exp(-(cost - least) / (0.3 least)), by the profile
                safe:20%,epsilon=0.3    three in ten explore points that cost at most 20 % more than the cheapest, by the profile
--incumbent:    best (of the profile), static:POINT (an index, or subnet=50,cluster=big), an agent (it learns on the way), or a checkpoint

Example:
  flyball record --explore safe:30% --incumbent runs/first --deadline 1.3x --steps 20000 --max-size 500MB --out logs/week
  flyball record --env sim:odroid-xu4@corunner-bursts --explore epsilon:0.2 --steps 5000 --out logs/sim
  flyball replay logs/week --policy runs/second
`

export function recordCommand(): Command {
  const command = new Command('record')
    .description('log decisions with controlled exploration and true propensities, for replay to answer questions from')
    .option('--env <ENV>', 'where: board (this machine), sim:BOARD[@SCENARIO], table:NAME[@SCENARIO] or trace:FILE', 'board')
    .option('--explore <SPEC>', 'how to explore: epsilon:SHARE, softmax:TEMPERATURE or safe:PERCENT, see below', 'epsilon:0.2')
    .option('--incumbent <WHO>', 'whom to explore around: best, static:POINT, an agent or a checkpoint, see below', 'best')
    .option('--steps <N>', 'decisions to take', '2000')
    .option('--max-size <SIZE>', 'bound on the trace, all parts together: 500MB; the oldest decisions go (default: none)')
  addWishFlags(addBoardFlags(command), (value) => `the scenario's, else ${value}`)
  return command
    .option('--board <FILE>', 'a board file of your own that sim: names by its id', defaultGroundOptions.board)
    .option('--on <ENV>', 'sim:BOARD or table:NAME, through which the world of a trace is driven')
    .addOption(
      new Option('--plant <KIND>', 'simulated board: as its figures say, or other constants').choices(['nominal', 'perturbed']).default('nominal'),
    )
    .option('--noise <PERCENT>', 'noise laid over the latencies of a table: 3%')
    .addOption(manyOption('--fix <KNOB=VALUE>', 'freeze a knob of a table, e.g. batch=1'))
    .option('--tables <DIR>', 'folder of measured tables')
    .option('--seed <N>', 'seed of the exploration, the stream and the co-runners', '1')
    .requiredOption('--out <DIR>', 'folder for the log')
    .option('--force', 'start over in a folder that already holds a run')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(run)
}

/** Undefined: this machine. */
function groundOf(flags: RecordFlags): GroundSpec | undefined {
  if (flags.env === 'board') return undefined
  const network = flags.network === defaultNetwork ? defaultGroundOptions.network : flags.network
  const specs = findGrounds([flags.env], groundOptions({ ...flags, network }))
  const [ground] = specs
  if (specs.length !== 1)
    throw new FlyballError('ERR_USAGE', `--env ${flags.env}: a log is of one environment, expected sim:BOARD, table:NAME or trace:FILE`)
  return ground
}

async function run(flags: RecordFlags): Promise<void> {
  const progress = makeProgress(false)
  const stop = listenForStop()
  try {
    const result = await record(
      {
        ground: groundOf(flags),
        explore: flags.explore,
        incumbent: flags.incumbent,
        board: boardRequest(flags),
        network: flags.network,
        wish: wishOf(flags),
        steps: parseCount(flags.steps, '--steps', 1),
        seed: parseCount(flags.seed, '--seed', 0),
        out: flags.out,
        guard: guardOf(flags),
        existing: flags.force === true ? 'force' : 'refuse',
        maxSizeB: flags.maxSize === undefined ? undefined : parsePositive(flags.maxSize, 'size', '--max-size'),
      },
      tellRun(progress, stop),
    )
    progress.end()
    if (flags.json === true) printJson(result)
    else printLines(lines(result, flags.env))
    if (result.stopped !== null) process.exitCode = 130
  } finally {
    progress.end()
    stop.release()
  }
}

function lines(result: RecordResult, env: string): string[] {
  const { steps, explore, incumbent, decisionSizeB, removed, trace } = result
  return [
    bold(`${steps} decisions logged: ${explore} around ${incumbent}`),
    ...summaryLines(result, latencySource(env)),
    '',
    `trace     ${trace}  (${formatQuantity(decisionSizeB, 'size')} a decision${removed > 0 ? `; the oldest ${removed} decisions were removed` : ''})`,
  ]
}
