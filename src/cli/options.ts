import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { VirtualMethod } from '../../envs/board/clusters.ts'
import type { AnytimeSettings } from '../../envs/board/early-stop.ts'
import { FlyballError } from '../core/errors.ts'
import type { ObjectiveKind } from '../core/objective.ts'
import { parseDeadline, parsePositive } from '../core/units.ts'
import type { RestorePolicy } from '../linux/journal-file.ts'
import { type BoardRequest, defaultWatchdogS, leastWatchdogS } from '../run/open-board.ts'
import { parseWeights, type Wish } from '../run/request.ts'
import { defaultNetwork } from '../run/shipped.ts'
import type { ExplainWhen } from '../run/watch.ts'
import { addGuardFlags, type GuardFlags, guardOf } from './guard-options.ts'

/** Options of every command that governs the board. */
export interface BoardFlags extends GuardFlags {
  root: string
  rate: string
  clusters?: string
  virtual: VirtualMethod
  reserve?: string
  interfere: string[]
  network: string
  forceKnobs?: boolean
  restore?: RestorePolicy
  watchdog?: string
}

/** Options that say what is asked. */
export interface WishFlags {
  deadline?: string
  percentile?: string
  energyBudget?: string
  accuracyFloor?: string
  /** The flag's name before. */
  minAccuracy?: string
  minConfidence?: string
  objective?: ObjectiveKind
  weights?: string
}

/** An option that may be given again and collects its values. */
export const manyOption = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be given again`).argParser((value: string, before: string[]) => [...before, value]).default([], 'none')

export const restoreOption = (otherwise = 'exit'): Option =>
  new Option(
    '--restore <WHEN>',
    `when kernel knobs are put back: exit (at the end, however it ends), on-switch (when the next run begins) or never (by flyball restore alone) (default: ${otherwise})`,
  ).choices(['exit', 'on-switch', 'never'])

export const watchdogOption = (otherwise = `${defaultWatchdogS}s`): Option =>
  new Option(
    '--watchdog <TIME>',
    `a run that does not move for so long is ended with status 14 and its knobs are put back: 10s, or off (default: ${otherwise})`,
  )

/** What `--watchdog` says, s; 0: off. Throws ERR_RANGE. */
export function watchdogOf(flag: string | undefined): number | undefined {
  if (flag === undefined || flag === 'off') return flag === undefined ? undefined : 0
  const limitS = parsePositive(flag, 'time', '--watchdog')
  if (limitS < leastWatchdogS) throw new FlyballError('ERR_RANGE', `--watchdog: '${flag}' is below ${leastWatchdogS}s, expected more, or off`)
  return limitS
}

export function addBoardFlags(command: Command): Command {
  command
    .option('--rate <RATE>', 'requests per second: 30, poisson:30, or back-to-back', '30')
    .option('--clusters <LIST>', 'split the cores into virtual clusters: 0,1 or 0-1,2-3 or 0@0.4-0.8,1 (cores, and speeds of its virtual OPPs)')
    .addOption(
      new Option(
        '--virtual <METHOD>',
        'virtual OPPs: auto (pacing where the board has no cpufreq), pacing, bandwidth (with --rate back-to-back) or none',
      )
        .choices(['auto', 'pacing', 'bandwidth', 'none'])
        .default('auto'),
    )
    .option('--reserve <LIST>', 'cores to leave to others, e.g. 0 or 0+2-3')
    .addOption(manyOption('--interfere <SPEC>', 'start co-runners: cpu:COUNT@DUTY[,cpus=0+1][,on=3s,off=3s][,move]'))
    .option('--network <DIR>', 'dynamic network to govern', defaultNetwork)
    .addOption(forceKnobsOption())
    .addOption(restoreOption())
    .addOption(watchdogOption())
    .addOption(new Option('--root <DIR>', 'folder with /proc and /sys of the board').default('/').hideHelp())
  return addGuardFlags(command)
}

/** `otherwise`: what holds where nothing is said, in words; it is handed the last resort. */
export function addWishFlags(command: Command, otherwise = (value: string): string => value): Command {
  return command
    .option('--deadline <TIME>', 'deadline of a request: 33ms, or 1.3x the unloaded latency of the fastest point that meets the floor')
    .option('--percentile <P>', `share of requests that must meet it, % (default: ${otherwise('99')})`)
    .option('--energy-budget <ENERGY>', 'energy budget of a decision: 100mJ')
    .option('--accuracy-floor <RATIO>', 'least expected top-1 of the sub-network, 0 to 1')
    .addOption(new Option('--min-accuracy <RATIO>', 'the same').hideHelp())
    .option('--min-confidence <RATIO>', 'least confidence of an answer, 0 to 1')
    .addOption(
      new Option('--objective <KIND>', `what is minimised (default: ${otherwise('weighted')})`).choices([
        'weighted',
        'energy',
        'accuracy',
        'latency',
      ]),
    )
    .option('--weights <LIST>', 'weights of the terms (default: latency=1,energy=0.5,accuracy=1)')
}

export const forceKnobsOption = (): Option =>
  new Option(
    '--force-knobs',
    'write clocks again that another program or an administrator changes (default: leave them to it, and go on with the rest)',
  )

export const anytimeOption = (): Option =>
  new Option(
    '--anytime [CONFIDENCE]',
    'the chosen size is the most that runs: stop at an answer this sure, 0 to 1 (default: --min-confidence), or when the deadline is at hand',
  )

/** Parsed at once: of `deploy --explain RUN` the run would be taken for the number. */
export const explainOption = (): Option =>
  new Option('--explain [N]', 'say why, on standard error: whenever another point is taken, or for every N-th decision').argParser((text: string) => {
    if (!/^\d+$/.test(text))
      throw new FlyballError('ERR_USAGE', `--explain: '${text}' is not a number of decisions; without one, --explain stands last`)
    return parseCount(text, '--explain', 1)
  })

/** What `--explain [N]` says. */
export const explainOf = (flag: number | true | undefined): ExplainWhen | undefined => (flag === true ? 'change' : flag)

/** What `--anytime [CONFIDENCE]` and `--no-anytime` say; undefined when neither was given. */
export function anytimeOf(flag: string | boolean | undefined): AnytimeSettings | false | undefined {
  if (typeof flag === 'string') return { confidence: parseNumber(flag, '--anytime', 0, 1) }
  return flag === true ? {} : flag
}

export function boardRequest(flags: BoardFlags): BoardRequest {
  const { root, rate, clusters, virtual, reserve, interfere, forceKnobs, restore } = flags
  // The watchdog and flyball restore look for the same files from other folders.
  return {
    root: resolve(root),
    rate,
    clusters,
    virtual,
    reserve,
    interfere,
    forceKnobs,
    restore,
    watchdogS: watchdogOf(flags.watchdog),
    guard: guardOf(flags),
  }
}

/** Checks every value before anything is started. */
export function wishOf(flags: WishFlags): Wish {
  const floor = flags.accuracyFloor ?? flags.minAccuracy
  if (flags.weights !== undefined && flags.objective !== undefined && flags.objective !== 'weighted')
    throw new FlyballError(
      'ERR_USAGE',
      `--weights are those of the weighted objective, and --objective is ${flags.objective}: expected one of the two`,
    )
  return {
    deadline: flags.deadline === undefined ? undefined : parseDeadline(flags.deadline, '--deadline'),
    percentile: flags.percentile === undefined ? undefined : parsePercentile(flags.percentile),
    energyBudgetJ: flags.energyBudget === undefined ? undefined : parsePositive(flags.energyBudget, 'energy', '--energy-budget'),
    accuracyFloor: floor === undefined ? undefined : parseNumber(floor, '--accuracy-floor', 0, 1),
    leastConfidence: flags.minConfidence === undefined ? undefined : parseNumber(flags.minConfidence, '--min-confidence', 0, 1),
    objective: flags.objective,
    weights: flags.weights === undefined ? undefined : parseWeights(flags.weights),
  }
}

/** In %. Throws ERR_RANGE. */
function parsePercentile(text: string): number {
  const value = parseNumber(text, '--percentile', 0, 100, 'open')
  if (value < 1)
    throw new FlyballError(
      'ERR_RANGE',
      `--percentile: '${text}' is below 1 %; this looks like a share: ${Number((100 * value).toPrecision(6))} for ${value}`,
    )
  return value
}

/** A plain number in a range; `open` leaves the ends out. Throws ERR_RANGE. */
export function parseNumber(text: string, where: string, low: number, high: number, ends: 'closed' | 'open' = 'closed'): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  const inside = ends === 'closed' ? value >= low && value <= high : value > low && value < high
  if (!inside)
    throw new FlyballError(
      'ERR_RANGE',
      `${where}: '${text}' is not a number ${ends === 'closed' ? 'from' : 'between'} ${low} ${ends === 'closed' ? 'to' : 'and'} ${high}`,
    )
  return value
}

/** A whole number of at least `least`. Throws ERR_RANGE. */
export function parseCount(text: string, where: string, least: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= least && Number.isSafeInteger(value)))
    throw new FlyballError('ERR_RANGE', `${where}: '${text}' is not a whole number of at least ${least}`)
  return value
}

/** `--set epsilon=0.1`: hyperparameters of the agent. Throws ERR_USAGE. */
export function parseSettings(pairs: readonly string[]): Record<string, number | boolean> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Za-z]\w*)=(\S+)$/.exec(pair) ?? []
      const parsed = value === 'true' ? true : value === 'false' ? false : Number(value)
      if (name === undefined || value === undefined || Number.isNaN(parsed))
        throw new FlyballError('ERR_USAGE', `--set: '${pair}' is no hyperparameter, expected NAME=NUMBER or NAME=true, e.g. --set epsilon=0.1`)
      return [name, parsed]
    }),
  )
}
