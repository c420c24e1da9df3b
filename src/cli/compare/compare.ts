import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { agentKinds } from '../../../agents/index.ts'
import type { AgentInput } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import { askCheckpoint } from '../../run/compare/asked.ts'
import { type CompareRequest, compare } from '../../run/compare/in-threads.ts'
import { type AgentEntry, defaultAgents, lineUp, onlyWhenNamed } from '../../run/compare/lineup.ts'
import { findGrounds } from '../../run/grounds/open.ts'
import { listenForStop } from '../../run/stop.ts'
import { addWishFlags, manyOption, parseCount, parseSettings, type WishFlags, wishOf } from '../options.ts'
import { makeProgress, printJson, printLines } from '../print.ts'
import { addGroundFlags, type GroundFlags, groundOptions } from './grounds.ts'
import { compareLines } from './lines.ts'
import { claimFolder, writeComparison } from './write.ts'

interface CompareFlags extends GroundFlags, WishFlags {
  env: string[]
  agents?: string
  set: string[]
  checkpoint: string[]
  transfer: string[]
  frozen?: boolean
  steps: string
  seeds: string
  seed: string
  workers: string
  out?: string
  force?: boolean
  json?: boolean
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('compare agents with each other, with baselines and with the oracle, on simulated boards and measured tables')
    .addOption(manyOption('--env <ENV>', 'where: sim:BOARD[@SCENARIO], table:NAME[@SCENARIO], trace:FILE, suite:scenarios or suite:tables'))
    .option(
      '--agents <LIST>',
      `who: ${agentKinds.map(({ name }) => name).join(', ')}; NAME+profile begins with a profile (default: all but ${[...onlyWhenNamed].join(', ')})`,
    )
    .addOption(manyOption('--set <AGENT.NAME=VALUE>', 'a hyperparameter of an agent, see docs/agents.md'))
    .addOption(manyOption('--checkpoint <RUN>', 'a checkpoint, or the folder of a run, that takes part and goes on learning'))
    .addOption(
      manyOption('--transfer <RUN>', 'a checkpoint, or the folder of a run, of another network or board, from which its agent begins anew (bayes)'),
    )
    .option('--frozen', 'what comes from a checkpoint learns nothing more')
    .option('--steps <N>', 'decisions of a run', '1000')
    .option('--seeds <K>', 'runs of every agent, each in a world of its own', '10')
    .option('--seed <N>', 'the first seed', '1')
  addGroundFlags(addWishFlags(command, (value) => `the scenario's, else ${value}`))
  return command
    .addOption(new Option('--workers <N>', 'threads').default(String(availableParallelism()), 'cores'))
    .option('--out <DIR>', 'folder for compare.json, results.csv and report.html')
    .option('--force', 'write over an earlier comparison in --out')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
--json is one object, of several environments { comparisons: [...] }; a statistic is { mean, lo, hi } over seeds, lo and hi null with one seed:
  env, labels, objective { kind, weights, reference { point, knobs, latencyS, energyJ, accuracy } }, requirements, infeasible,
  energyQuality, energyScope, steps, seeds, firstSeed, points, blockSteps, oracle { cost, curve }, and agents, each with
  agent, class, profileSteps, cost, reward, energyJ, latencyS { p50, p95, p99 }, missRatio, dropRatio, longestMissRun, accuracy,
  gap, regret, windows [{ from, to, gap, missRatio }], decideS, behindBest, curve, notes; a gap is a fraction (docs/commands.md)

Examples:
  flyball compare --env sim:odroid-xu4@corunner-bursts --deadline 1.5x --seeds 5
  flyball compare --env suite:scenarios --agents q-learning,linucb,static,oracle --steps 1000 --seeds 20 --deadline 1.5x --out comparison`,
    )
    .action(run)
}

async function run(flags: CompareFlags): Promise<void> {
  const request = requestOf(flags)
  const unclaim = flags.out === undefined ? undefined : claimFolder(flags.out, flags.force === true)
  const progress = makeProgress(false)
  const stop = listenForStop()
  try {
    const results = await compare(request, { progress: progress.update }, stop.signal)
    progress.end()
    const document = results.length === 1 ? results[0] : { comparisons: results }
    const failed = flags.out === undefined ? undefined : await writeComparison(flags.out, document, results).catch((error: unknown) => error)
    const lines = (): string[] => results.flatMap((result, i) => (i === 0 ? compareLines(result) : ['', '', ...compareLines(result)]))
    // What took minutes to work out is shown even where it cannot be kept; standard output of --json is the error's.
    if (failed !== undefined && flags.json === true) progress.note(lines().join('\n'))
    else if (flags.json === true) printJson(document)
    else printLines(lines())
    if (failed !== undefined) throw failed
    if (flags.out !== undefined) progress.note(`written to ${flags.out}: compare.json, results.csv, report.html`)
  } catch (error) {
    unclaim?.()
    throw error
  } finally {
    progress.end()
    stop.release()
  }
}

/** Checks every value before anything runs. */
function requestOf(flags: CompareFlags): CompareRequest {
  if (flags.env.length === 0) throw new FlyballError('ERR_USAGE', 'no environment is named, expected --env ENV, e.g. --env sim:odroid-xu4@steady')
  return {
    wish: wishOf(flags),
    steps: parseCount(flags.steps, '--steps', 1),
    seeds: parseCount(flags.seeds, '--seeds', 1),
    firstSeed: parseCount(flags.seed, '--seed', 0),
    workers: parseCount(flags.workers, '--workers', 1),
    agents: agentsOf(flags),
    grounds: findGrounds(flags.env, groundOptions(flags)),
  }
}

function agentsOf({ agents, set, checkpoint, transfer, frozen }: CompareFlags): AgentEntry[] {
  if (frozen === true && checkpoint.length === 0)
    throw new FlyballError('ERR_USAGE', '--frozen: nothing comes from a checkpoint, expected --checkpoint RUN')
  const names =
    agents === undefined
      ? defaultAgents()
      : agents
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '')
  return lineUp(names, settingsOf(set), checkpoint.map(askCheckpoint), frozen === true, transfer.map(askCheckpoint))
}

/** `linucb.alpha=0.5`, by agent. Throws ERR_USAGE. */
function settingsOf(pairs: readonly string[]): Record<string, AgentInput['options']> {
  const settings: Record<string, AgentInput['options']> = {}
  for (const pair of pairs) {
    const [, agent, setting] = /^([a-z][a-z-]*)\.(.+)$/.exec(pair) ?? []
    if (agent === undefined || setting === undefined)
      throw new FlyballError('ERR_USAGE', `--set: '${pair}' names no agent, expected AGENT.NAME=VALUE, e.g. --set linucb.alpha=0.5`)
    settings[agent] = { ...settings[agent], ...parseSettings([setting]) }
  }
  return settings
}
