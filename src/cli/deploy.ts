import { realpathSync } from 'node:fs'
import { Command, Option } from 'commander'
import { FlyballError } from '../core/errors.ts'
import { parsePositive } from '../core/units.ts'
import type { RestorePolicy } from '../linux/journal-file.ts'
import { openNotifier } from '../linux/sd-notify.ts'
import { percent, summaryLines } from '../report/summary.ts'
import { adviceLines } from '../run/advice.ts'
import { type DeployRequest, deploy } from '../run/deploy.ts'
import { serviceUnit } from '../run/service-unit.ts'
import { listenForStop } from '../run/stop.ts'
import { addGuardFlags, type GuardFlags, guardOf } from './guard-options.ts'
import {
  addWishFlags,
  anytimeOf,
  anytimeOption,
  explainOf,
  explainOption,
  forceKnobsOption,
  manyOption,
  parseCount,
  restoreOption,
  type WishFlags,
  watchdogOf,
  watchdogOption,
  wishOf,
} from './options.ts'
import { bold, makeProgress, printJson, printLines } from './print.ts'
import { tellRun } from './tell.ts'

interface DeployFlags extends WishFlags, GuardFlags {
  anytime?: string | boolean
  explain?: number | true
  steps?: string
  previous?: boolean
  learn?: boolean
  advise?: boolean
  rate?: string
  network?: string
  interfere: string[]
  seed?: string
  forceKnobs?: boolean
  /** On a deployment there is nothing else to force. */
  force?: boolean
  restore?: RestorePolicy
  watchdog?: string
  service?: boolean
  trace: boolean
  maxSize?: string
  json?: boolean
}

export function deployCommand(): Command {
  const command = new Command('deploy')
    .description('put a trained governor in charge of this machine; everything is restored at the end')
    .argument('<run>', 'folder of a run that flyball train made')
    .option('--steps <N>', 'decisions to take (default: until stopped)')
    .option('--previous', 'from the generation of the checkpoint before the newest, where that is broken; says what is lost')
    .option('--learn', 'go on learning, and save what was learned')
    .option('--advise', 'decide and log, touch nothing')
    .option('--rate <RATE>', 'requests per second: 30, poisson:30, or back-to-back (default: as in training)')
    .addOption(manyOption('--interfere <SPEC>', 'start co-runners, as in train'))
    .option('--network <DIR>', 'dynamic network (default: as in training)')
  addGuardFlags(command, () => 'as in training')
  return addWishFlags(command, () => 'as in training')
    .addOption(anytimeOption())
    .option('--no-anytime', 'run every inference to the chosen size (default: as in training)')
    .addOption(explainOption())
    .addOption(forceKnobsOption())
    .option('--no-force-knobs', 'leave them to it (default: as in training)')
    .addOption(new Option('--force', 'the same as --force-knobs').hideHelp())
    .addOption(restoreOption('as in training'))
    .addOption(watchdogOption('as in training'))
    .option('--seed <N>', 'seed of the stream and the co-runners (default: as in training)')
    .option('--max-size <SIZE>', 'bound on the trace, all parts together: 500MB; the oldest decisions go (default: none)')
    .option('--no-trace', 'log no decisions')
    .option('--service', 'print a systemd unit that does this from boot on, with no more rights than it needs, and do nothing')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
What is asked (deadline, budgets, floors) is as in training unless said otherwise.

Example:
  flyball deploy runs/first --steps 500
  flyball deploy runs/first --advise --steps 500                       touches nothing, and says what it would have done
  flyball deploy runs/first --guard-margin 8C --power-cap 5W --max-changes 10/s
  flyball deploy runs/first --rate 30 --max-size 500MB --service       a systemd unit, to be read and installed`,
    )
    .action(run)
}

function traceOf({ trace, maxSize }: DeployFlags): DeployRequest['trace'] {
  if (maxSize === undefined) return trace ? undefined : false
  if (!trace) throw new FlyballError('ERR_USAGE', '--max-size bounds the trace, and --no-trace leaves it out: expected one of the two')
  return { maxSizeB: parsePositive(maxSize, 'size', '--max-size') }
}

/** What stands on the command line, without what asks for the unit. */
function printService(folder: string, json: boolean): void {
  const args = process.argv.slice(2).filter((word) => word !== '--service' && word !== '--json')
  const flyball = [process.execPath, realpathSync(process.argv[1] as string)]
  const service = serviceUnit({ run: folder, flyball, args, workingDir: process.cwd() })
  if (json) printJson(service)
  else process.stdout.write(service.unit)
}

/** Checks every value before anything is started. */
function requestOf(folder: string, flags: DeployFlags): DeployRequest {
  return {
    run: folder,
    steps: flags.steps === undefined ? undefined : parseCount(flags.steps, '--steps', 1),
    previous: flags.previous === true,
    learn: flags.learn === true,
    advise: flags.advise === true,
    rate: flags.rate,
    network: flags.network,
    interfere: flags.interfere,
    seed: flags.seed === undefined ? undefined : parseCount(flags.seed, '--seed', 0),
    anytime: anytimeOf(flags.anytime),
    forceKnobs: flags.force === true ? true : flags.forceKnobs,
    wish: wishOf(flags),
    guard: guardOf(flags),
    explain: explainOf(flags.explain),
    restore: flags.restore,
    watchdogS: watchdogOf(flags.watchdog),
    trace: traceOf(flags),
  }
}

async function run(folder: string, flags: DeployFlags): Promise<void> {
  const request = requestOf(folder, flags)
  if (flags.service === true) {
    printService(folder, flags.json === true)
    return
  }
  const progress = makeProgress(false)
  const stop = listenForStop()
  try {
    const result = await deploy({ ...request, notifier: openNotifier() }, tellRun(progress, stop))
    progress.end()
    if (flags.json === true) printJson(result)
    else {
      const advice =
        result.advice === null || result.wouldChangeRatio === null
          ? []
          : [
              `advice    another point than the one that ran in ${percent(result.wouldChangeRatio)} of decisions; nothing was touched`,
              ...adviceLines(result.advice),
            ]
      const trace = result.trace === null ? [] : ['', `trace     ${result.trace}`]
      printLines([bold(`${result.steps} decisions`), ...summaryLines(result), ...advice, ...trace])
    }
    if (result.stopped !== null && flags.steps !== undefined) process.exitCode = 130
  } finally {
    progress.end()
    stop.release()
  }
}
