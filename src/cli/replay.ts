import { Command } from 'commander'
import { FlyballError } from '../core/errors.ts'
import type { Interval } from '../core/statistics.ts'
import { explainStep } from '../run/explain-step.ts'
import { type ReplayResult, replay } from '../run/replay.ts'
import { manyOption, parseCount } from './options.ts'
import { bold, formatTable, printJson, printLines } from './print.ts'
import { stepDocument, stepLines } from './replay-step.ts'

interface ReplayFlags {
  policy: string[]
  step?: string
  explain?: boolean
  json?: boolean
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('run a trace again: was every decision reproduced, and what would another policy have been worth?')
    .argument('<trace>', 'a trace.jsonl, or the folder of a run')
    .addOption(manyOption('--policy <CHECKPOINT>', 'a checkpoint, or the folder of a run, to value on this log'))
    .option('--step <N>', 'show one decision: what was seen, asked, chosen and what came of it; the run is executed again up to there')
    .option('--explain', 'with --step: what was predicted of the chosen point and of the runners-up, what bound the choice, what moved it')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExit status 1 when a decision was not reproduced.\n\nExample:\n  flyball replay runs/first/trace.jsonl --policy runs/second\n  flyball replay runs/first --step 120 --explain',
    )
    .action(async (trace: string, flags: ReplayFlags) => {
      if (flags.step !== undefined) return showStep(trace, flags)
      if (flags.explain === true)
        throw new FlyballError('ERR_USAGE', '--explain: which decision? expected --step N as well, e.g. --step 120 --explain')
      const result = await replay(trace, flags.policy)
      if (flags.json === true) printJson(result)
      else printLines(replayLines(result))
      if (!result.execution.exact) process.exitCode = 1
    })
}

async function showStep(trace: string, { step, policy, explain, json }: ReplayFlags): Promise<void> {
  if (policy.length > 0) throw new FlyballError('ERR_USAGE', '--policy values a whole trace, and --step shows one decision: expected one of the two')
  const decision = await explainStep(trace, parseCount(step ?? '', '--step', 0), explain === true)
  if (json === true) printJson(stepDocument(decision))
  else printLines(stepLines(decision))
  if (decision.mismatch !== null) process.exitCode = 1
}

const interval = ({ mean, lo, hi }: Interval): string => `${mean.toFixed(3)} [${lo.toFixed(3)}, ${hi.toFixed(3)}]`

function replayLines({ execution, torn, agent, policies }: ReplayResult): string[] {
  const { decisions, reproduced, overridden, firstMismatch } = execution
  const lines =
    firstMismatch === undefined
      ? [bold(`${agent}: all ${decisions} decisions reproduced exactly (action and propensity)`)]
      : [
          bold(`${agent}: ${reproduced} of ${decisions} decisions reproduced, then step ${firstMismatch.step} differs`),
          `logged    action ${firstMismatch.logged.action} with propensity ${firstMismatch.logged.propensity}`,
          `replayed  action ${firstMismatch.replayed.action} with propensity ${firstMismatch.replayed.propensity}`,
          'the trace was altered, or written by another version of the agent',
        ]
  if (overridden > 0) lines.push(`${overridden} decisions were overridden; only their proposed action was compared`)
  if (torn !== null) lines.push(`${torn.file}: line ${torn.line} is cut off and was dropped`)
  if (policies.length === 0) return lines
  const rows = policies.map((policy) => [
    policy.policy,
    interval(policy.ips),
    interval(policy.snips),
    policy.logged.toFixed(3),
    policy.diagnostics.effectiveSampleSize.toFixed(0),
    policy.diagnostics.largestWeight.toFixed(1),
  ])
  return [
    ...lines,
    '',
    'mean reward (-cost) a decision, with 95 % intervals',
    ...formatTable([['policy (greedy)', 'IPS', 'SNIPS', 'logged', 'eff. rounds', 'largest weight'], ...rows]),
    ...policies.map((policy) => `${policy.policy}: ${policy.verdict}`),
  ]
}
