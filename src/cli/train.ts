import { Command } from 'commander'
import { boardAgentKinds } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { latencySource, summaryLines } from '../report/summary.ts'
import { writeTimeline } from '../report/timeline.ts'
import { type Existing, runFolder } from '../run/folder.ts'
import { findGrounds } from '../run/grounds/open.ts'
import { defaultGroundOptions, type GroundSpec } from '../run/grounds/spec.ts'
import { defaultNetwork } from '../run/shipped.ts'
import { listenForStop } from '../run/stop.ts'
import { train } from '../run/train.ts'
import { groundRun, resumeOnGround, trainOnGround } from '../run/train-on-ground.ts'
import { tableOptions } from './compare/grounds.ts'
import { guardOf } from './guard-options.ts'
import {
  addBoardFlags,
  addWishFlags,
  anytimeOf,
  anytimeOption,
  type BoardFlags,
  boardRequest,
  explainOf,
  explainOption,
  manyOption,
  parseCount,
  parseSettings,
  type WishFlags,
  wishOf,
} from './options.ts'
import { bold, makeProgress, printJson, printLines } from './print.ts'
import { tellRun } from './tell.ts'
import { runTrainFrom } from './train-from.ts'

interface TrainFlags extends BoardFlags, WishFlags {
  anytime?: string | true
  explain?: number | true
  env: string
  noise?: string
  tables?: string
  from: string[]
  agent?: string
  set: string[]
  steps: string
  seed: string
  out: string
  transfer?: string
  resume?: boolean
  previous?: boolean
  force?: boolean
  json?: boolean
}

/** The table or simulated board that is learned on; undefined: this machine. Throws ERR_UNKNOWN_ENV for anything else. */
function groundOf({ env, network, ...flags }: TrainFlags): GroundSpec | undefined {
  if (env === 'board') return undefined
  if (!/^(table|sim):/.test(env))
    throw new FlyballError(
      'ERR_UNKNOWN_ENV',
      `no environment to learn in is called ${env}, expected one of board, table:NAME (of a table that flyball profile wrote), sim:BOARD[@SCENARIO]`,
    )
  const [ground] = findGrounds([env], { ...tableOptions(flags), network: network === defaultNetwork ? defaultGroundOptions.network : network })
  return ground
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('let an agent learn to govern this machine; leaves a checkpoint and a trace')
    .option(
      '--env <NAME>',
      'environment: board is this machine, table:NAME[@SCENARIO] a table that flyball profile wrote of it, sim:BOARD[@SCENARIO] a simulated board, of the catalogue or a file',
      'board',
    )
    .option('--noise <PERCENT>', 'noise laid over the latencies of a table: 3%')
    .option('--tables <DIR>', 'folder of measured tables')
    .addOption(manyOption('--from <TRACE>', 'learn from logged decisions instead: a trace, the folder of a run, or Parquet'))
    .option('--agent <NAME>', `agent: ${boardAgentKinds.map((kind) => kind.name).join(', ')} (default: q-learning, or the run's own with --resume)`)
    .addOption(manyOption('--set <NAME=VALUE>', 'a hyperparameter of the agent, see docs/agents.md'))
    .option('--steps <N>', 'decisions to take', '2000')
  addWishFlags(addBoardFlags(command), (value) => `the scenario's, else ${value}`)
  return command
    .addOption(anytimeOption())
    .addOption(explainOption())
    .option('--seed <N>', 'seed of the agent, the stream and the co-runners', '1')
    .requiredOption('--out <DIR>', 'folder for the run')
    .option('--transfer <RUN>', 'a checkpoint, or the folder of a run, of another network or board, from which the agent begins (bayes)')
    .option('--resume', 'go on with the run in --out, up to --steps in all')
    .option('--previous', 'with --resume: from the generation of the checkpoint before the newest, where that is broken')
    .option('--force', 'start over in a folder that already holds a run')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
Example:
  flyball train --agent q-learning --steps 2000 --deadline 1.3x --weights latency=1,energy=0.5,accuracy=1 \\
    --clusters 0,1 --interfere cpu:1@0.8,on=3s,off=3s,move --seed 7 --out runs/first
  flyball train --deadline 33ms --guard-margin 8C --power-cap 5W --max-changes 10/s --out runs/guarded
  flyball train --network networks/other --transfer runs/bayes --deadline 1.3x --out runs/other
  flyball train --env table:mine@corunner-bursts --steps 20000 --deadline 1.3x --out runs/offline     then: flyball deploy runs/offline
  flyball train --from logs/week --agent bayes --objective energy --out runs/from-log              no board needed; says what it is worth`,
    )
    .action(run)
}

async function run(flags: TrainFlags): Promise<void> {
  if (flags.from.length > 0) checkFrom(flags)
  if (flags.resume === true && flags.force === true) throw new FlyballError('ERR_USAGE', '--resume and --force exclude each other')
  if (flags.previous === true && flags.resume !== true)
    throw new FlyballError('ERR_USAGE', '--previous is of a run that is gone on with, expected --resume beside it')
  // A run that is resumed says itself where it learns.
  const ground = flags.resume === true ? undefined : groundOf(flags)
  const resumed = flags.resume === true ? groundRun(runFolder(flags.out)) : undefined
  const existing: Existing = flags.resume === true ? 'resume' : flags.force === true ? 'force' : 'refuse'
  const progress = makeProgress(false)
  const stop = listenForStop()
  try {
    const request = {
      agent: flags.agent,
      agentOptions: parseSettings(flags.set),
      transfer: flags.transfer,
      wish: wishOf(flags),
      steps: parseCount(flags.steps, '--steps', 1),
      seed: parseCount(flags.seed, '--seed', 0),
      out: flags.out,
      existing,
      previous: flags.previous,
      guard: guardOf(flags),
      explain: explainOf(flags.explain),
    }
    const events = tellRun(progress, stop)
    if (flags.from.length > 0) {
      const { wish, agentOptions, seed, out } = request
      const { objective, weights } = wish
      const agent = flags.agent ?? 'q-learning'
      await runTrainFrom(
        { traces: flags.from, agent, agentOptions, objective, weights, network: flags.network, seed, out, existing },
        events,
        flags.json === true,
      )
      return
    }
    const board = { ...boardRequest(flags), anytime: anytimeOf(flags.anytime) || undefined }
    const result =
      resumed !== undefined
        ? await resumeOnGround(request, events)
        : ground === undefined
          ? await train({ ...request, board, network: flags.network }, events)
          : await trainOnGround({ ...request, ground }, events)
    progress.end()
    const { timeline } = runFolder(flags.out)
    await writeTimeline(result.trace, timeline)
    if (flags.json === true) printJson({ ...result, timeline })
    else
      printLines([
        bold(`${result.agent}: ${result.steps} decisions`),
        ...summaryLines(result, latencySource(resumed?.learnedOn.ground?.kind ?? flags.env)),
        '',
        `checkpoint  ${result.checkpoint}`,
        `trace       ${result.trace}`,
        `picture     ${timeline}`,
      ])
    if (result.stopped !== null) {
      progress.note(`ended by ${result.stopped}; go on with --resume`)
      process.exitCode = 130
    }
  } finally {
    progress.end()
    stop.release()
  }
}

/** What a log has decided already cannot be asked again. Throws ERR_USAGE. */
function checkFrom({ env, deadline, energyBudget, accuracyFloor, minConfidence, percentile, interfere, transfer }: TrainFlags): void {
  if (transfer !== undefined)
    throw new FlyballError('ERR_USAGE', '--transfer begins from a checkpoint, --from learns from a log: expected one of the two')
  const asked = { deadline, 'energy-budget': energyBudget, 'accuracy-floor': accuracyFloor, 'min-confidence': minConfidence, percentile }
  const [name] = Object.entries(asked).find(([, value]) => value !== undefined) ?? []
  if (name !== undefined)
    throw new FlyballError('ERR_USAGE', `--${name}: what was asked stands in the log of --from; expected --objective or --weights at most`)
  if (env !== 'board' || interfere.length > 0)
    throw new FlyballError(
      'ERR_USAGE',
      `--from is where it learns, instead of ${env === 'board' ? '--interfere' : `--env ${env}`}: expected one of them`,
    )
}
