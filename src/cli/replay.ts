import { Command, Option } from 'commander'
import { FlyballError } from '../core/errors.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import type { ValueInterval } from '../ope/bootstrap.ts'
import { checkHorizon } from '../ope/multi-step/fitted-q.ts'
import { explainStep } from '../run/explain-step.ts'
import { withImported } from '../run/import/temporary.ts'
import { type ModelChoice, modelNames } from '../run/offline/reward-models.ts'
import { type JudgeSettings, type ReplayResult, replay } from '../run/replay.ts'
import { type LogReplay, type LogReplayRequest, replayLog } from '../run/replay-log.ts'
import { interruptibly } from '../run/stop.ts'
import { addWishFlags, manyOption, parseCount, type WishFlags, wishOf } from './options.ts'
import { bold, formatTable, makeProgress, printJson, printLines } from './print.ts'
import { replayLines } from './replay-lines.ts'
import { stepDocument, stepLines } from './replay-step.ts'
import { addImportFlags, type ImportFlags } from './trace/import.ts'

interface ReplayFlags extends WishFlags, ImportFlags {
  report?: string
  policy: string[]
  log?: string
  target?: string
  draws: string
  step?: string
  explain?: boolean
  weightBound?: string
  rewardRange?: string
  judge?: 'folds' | 'rejection'
  model?: ModelChoice
  horizon?: string
  json?: boolean
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('run a trace again: was every decision reproduced, and what would another policy have been worth?')
    .argument('[traces...]', 'traces (JSON Lines, rotated or not, or Parquet), or folders of runs')
    .addOption(
      manyOption(
        '--policy <WHO>',
        'whom to value on this log: a checkpoint or the folder of a run, static:POINT, or an agent, which learns on the other folds of it',
      ),
    )
    .addOption(
      new Option(
        '--judge <HOW>',
        'how an agent is judged: trained on the other folds and frozen, or learning as it goes from what it would have done as logged (default: folds)',
      ).choices(['folds', 'rejection']),
    )
    .option('--horizon <N>', 'value N decisions from the logged states on, 1 to 10, where decisions move the state: heat, a queue (default: 1)')
    .addOption(
      new Option(
        '--model <NAME>',
        'reward model: ridge regression, or what an agent believes; auto: the one that predicts best (default: ridge)',
      ).choices([...modelNames, 'auto']),
    )
    .option('--report <FILE>', 'a page with charts: estimates with their intervals, weights, reward over time')
    .option('--step <N>', 'show one decision: what was seen, asked, chosen and what came of it; the run is executed again up to there')
    .option('--explain', 'with --step: what was predicted of the chosen point and of the runners-up, what bound the choice, what moved it')
  addWishFlags(command, () => 'as logged')
  addImportFlags(command)
  return command
    .option(
      '--log <FILE>',
      'a bare bandit log instead of a trace: CSV, plain or gzipped, or Parquet, of position,action,reward,behaviourProbability,q0,q1,…',
    )
    .option('--target <FILE>', 'with --log, the policy to value: CSV of action,position0,position1,…')
    .option('--draws <N>', 'bootstrap draws of the intervals', '999')
    .option('--weight-bound <W>', 'with --reward-range: what no importance weight exceeds (default: as recorded with --explore epsilon)')
    .option(
      '--reward-range <LOW,HIGH>',
      'what rewards lie between, e.g. 0,1, of traces -cost: --reward-range=-5,0; gives an interval that may be looked at any time',
    )
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
Exit status 1 when a decision was not reproduced. "This log cannot answer" is an answer: 0.

Example:
  flyball replay runs/first/trace.jsonl --policy runs/second
  flyball replay logs/week logs/monday.parquet --policy static:3 --policy bayes --deadline 40ms --report week.html
  flyball replay logs/week --policy runs/second --horizon 5 --model auto
  flyball replay logs/week --policy linucb --judge rejection
  flyball replay runs/first --step 120 --explain
  flyball replay answers.csv --map map.json --policy static:3
  flyball replay --log log.csv.gz --target policy.csv --json`,
    )
    .action(async (traces: string[], flags: ReplayFlags) => {
      const [trace] = traces
      if (flags.log !== undefined || flags.target !== undefined) return replayBareLog(trace, flags)
      if (trace === undefined)
        throw new FlyballError('ERR_USAGE', "missing argument 'trace': expected a trace, the folder of a run, or --log FILE --target FILE")
      if (flags.step !== undefined) return showStep(trace, flags)
      if (flags.explain === true)
        throw new FlyballError('ERR_USAGE', '--explain: which decision? expected --step N as well, e.g. --step 120 --explain')
      const settings = settingsOf(flags)
      if (flags.map !== undefined || flags.from !== undefined) return replayImported(traces, flags, settings)
      await show(await replay(traces, flags.policy, wishOf(flags), settings), flags)
    })
}

/** Somebody else's logs: a trace is made of them for the time of this. */
async function replayImported(files: readonly string[], flags: ReplayFlags, settings: JudgeSettings): Promise<void> {
  const result = await interruptibly((interruption) =>
    withImported({ ...flags, files }, interruption, (trace, { notes }) => {
      const { note: say } = makeProgress(false)
      for (const note of notes) say(note)
      return replay([trace], flags.policy, wishOf(flags), settings)
    }),
  )
  await show(result, flags)
}

async function show(result: ReplayResult, flags: ReplayFlags): Promise<void> {
  if (flags.report !== undefined) await writeReport(flags.report, result)
  if (flags.json === true) printJson(result)
  else printLines(replayLines(result))
  if (result.traces.some(({ execution }) => execution.exact === false)) process.exitCode = 1
}

/** Charts are loaded only where they are drawn. */
async function writeReport(path: string, result: ReplayResult): Promise<void> {
  if (result.policies.length === 0) throw new FlyballError('ERR_USAGE', '--report shows what policies are worth: expected --policy as well')
  const { replayReportHtml } = await import('../report/replay-report.ts')
  writeFileAtomic(path, await replayReportHtml(result))
}

async function showStep(trace: string, { step, policy, explain, json }: ReplayFlags): Promise<void> {
  if (policy.length > 0) throw new FlyballError('ERR_USAGE', '--policy values a whole trace, and --step shows one decision: expected one of the two')
  const decision = await explainStep(trace, parseCount(step ?? '', '--step', 0), explain === true)
  if (json === true) printJson(stepDocument(decision))
  else printLines(stepLines(decision))
  if (decision.mismatch !== null) process.exitCode = 1
}

async function replayBareLog(trace: string | undefined, flags: ReplayFlags): Promise<void> {
  const { log, target, draws, policy, judge, model, horizon, json } = flags
  if (log === undefined || target === undefined) throw new FlyballError('ERR_USAGE', '--log FILE and --target FILE go together: expected both')
  if (trace !== undefined || policy.length > 0)
    throw new FlyballError(
      'ERR_USAGE',
      `--log is a log of its own, with the policy in --target: expected no ${trace === undefined ? '--policy' : 'trace'} beside it`,
    )
  if (judge !== undefined || model !== undefined || horizon !== undefined)
    throw new FlyballError(
      'ERR_USAGE',
      '--judge, --model and --horizon are for traces, and --log is a log of single decisions with a model of its own',
    )
  const result = await replayLog({ log, target, draws: parseCount(draws, '--draws', 199), ...boundsOf(flags) })
  if (json === true) printJson(result)
  else printLines(logLines(result))
}

function settingsOf({ judge, model, horizon, weightBound, rewardRange, policy }: ReplayFlags): JudgeSettings {
  const settings: JudgeSettings = {
    ...(judge === undefined ? {} : { judge }),
    ...(model === undefined ? {} : { model }),
    ...(horizon === undefined ? {} : { horizon: parseHorizon(horizon) }),
    ...(rewardRange === undefined ? {} : { rewardRange: parseRange(rewardRange) }),
    ...(weightBound === undefined ? {} : { weightBound: parsePositiveNumber(weightBound) }),
  }
  if (Object.keys(settings).length > 0 && policy.length === 0)
    throw new FlyballError(
      'ERR_USAGE',
      '--judge, --model, --horizon, --weight-bound and --reward-range say how policies are valued: expected --policy as well',
    )
  return settings
}

function parseHorizon(text: string): number {
  const horizon = parseCount(text, '--horizon', 1)
  checkHorizon(horizon)
  return horizon
}

function parseRange(text: string): [low: number, high: number] {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [low, high] = parts
  if (parts.length !== 2 || !(Number(low) < Number(high)))
    throw new FlyballError('ERR_USAGE', `--reward-range ${text}: expected two rising numbers, e.g. --reward-range 0,1 or --reward-range=-5,0`)
  return [Number(low), Number(high)]
}

function parsePositiveNumber(text: string): number {
  const weight = Number(text)
  if (!(weight > 0)) throw new FlyballError('ERR_USAGE', `--weight-bound ${text}: expected a number above 0, e.g. --weight-bound 40`)
  return weight
}

function boundsOf({ weightBound, rewardRange }: ReplayFlags): Pick<LogReplayRequest, 'bounds'> {
  if (weightBound === undefined && rewardRange === undefined) return {}
  if (weightBound === undefined || rewardRange === undefined)
    throw new FlyballError('ERR_USAGE', '--weight-bound W and --reward-range LOW,HIGH go together, e.g. --weight-bound 40 --reward-range 0,1')
  return { bounds: { weight: parsePositiveNumber(weightBound), reward: parseRange(rewardRange) } }
}

const round4 = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : '-')
const interval = ({ value, lo, hi }: ValueInterval): string => `${round4(value)} [${round4(lo)}, ${round4(hi)}]`

function logLines(result: LogReplay): string[] {
  const { rounds, actions, positions, logged, estimates, ess, largestWeight, unsupported } = result
  const percent = ({ value, lo, hi }: ValueInterval): string =>
    [value, lo, hi].every(Number.isFinite) ? `${(100 * value).toFixed(1)} % [${(100 * lo).toFixed(1)}, ${(100 * hi).toFixed(1)}]` : '-'
  const count = (value: number | null, digits: number): string => (value === null ? 'unknown' : value.toFixed(digits))
  return [
    bold(`${rounds} rounds of ${actions} actions${positions > 1 ? ` at ${positions} positions` : ''}: ${result.verdict}`),
    '',
    'mean reward a round, on the logged contexts, with 95 % intervals',
    ...formatTable([
      ['estimator', 'value', 'against what was logged', 'hyperparameter'],
      ['(logged)', interval(logged), '', ''],
      ...estimates.map((each) => [each.estimator, interval(each), percent(each.relative), each.hyperparameter?.toString() ?? '']),
    ]),
    '',
    `effective rounds ${count(ess, 0)}, largest weight ${count(largestWeight, 1)}, mean weight ${count(result.meanWeight, 3)}, choices never tried ${(100 * unsupported).toFixed(1)} %`,
    `verdict from ${result.verdictFrom}`,
    ...result.confidenceSequence.map((each) => `valid at any time, ${each.estimator}: ${round4(each.lo)} to ${round4(each.hi)}`),
    ...result.warnings,
  ]
}
