import { findAgent } from '../../agents/index.ts'
import { checkSpacesFit } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import { makeObjective } from '../core/objective.ts'
import type { Interval } from '../core/statistics.ts'
import { type WeightDiagnostics, weightDiagnostics } from '../ope/diagnostics.ts'
import { ips } from '../ope/ips.ts'
import { makeRoundCollector, type Support } from '../ope/rounds.ts'
import { snips } from '../ope/snips.ts'
import { openTrace, type TornLine, type TraceReader } from '../trace/reader.ts'
import { checkpointPath, traceFile } from './folder.ts'
import { agentInputOf, type Reexecution, reexecute } from './reexecute.ts'

export interface ReplayResult {
  readonly trace: string
  readonly agent: string
  readonly execution: Reexecution & { readonly exact: boolean }
  readonly torn: TornLine | null
  readonly policies: readonly PolicyValue[]
}

/** What a frozen policy would have been worth on the logged states. Rewards are -cost a decision. */
export interface PolicyValue {
  readonly policy: string
  /** Mean reward of the decisions that were logged. */
  readonly logged: number
  readonly ips: Interval
  readonly snips: Interval
  readonly diagnostics: WeightDiagnostics
  readonly support: Support
  /** Decisions without a propensity, which estimators cannot use. */
  readonly dropped: number
  /** In words: what can be believed. */
  readonly verdict: string
}

/** Runs a trace's agent again and compares every decision; then values frozen policies on the log. */
export async function replay(trace: string, policies: readonly string[]): Promise<ReplayResult> {
  const path = traceFile(trace)
  const reader = openTrace(path)
  const { header } = reader
  const kind = findAgent(header.agent.name)
  const execution = await reexecute(header, reader.entries(), kind.make)
  return {
    trace: path,
    agent: header.agent.name,
    execution: { ...execution, exact: execution.firstMismatch === undefined },
    torn: reader.torn() ?? null,
    policies: policies.map((policy) => judge(policy, reader)),
  }
}

function judge(policy: string, reader: TraceReader): PolicyValue {
  const { header } = reader
  const { spaces } = header
  const checkpoint = readCheckpoint(checkpointPath(policy))
  checkSpacesFit(checkpoint.spaces, spaces)
  const agent = findAgent(checkpoint.agent.name).make({
    ...agentInputOf(header),
    options: checkpoint.agent.options,
    seed: checkpoint.seed,
    data: checkpoint.agent.data,
    frozen: true,
  })
  const objective = makeObjective(header.objective, header.nominal)
  const collector = makeRoundCollector(spaces.points.length)
  const target = new Float64Array(spaces.points.length)
  let requirements = header.requirements
  let dropped = 0
  let logged = 0
  for (const entry of reader.entries()) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    if (entry.kind !== 'decision') continue
    if (Number.isNaN(entry.propensity)) {
      dropped++
      continue
    }
    agent.distribution(entry.observation, entry.mask, target)
    const reward = -objective.cost(entry.outcome, requirements)
    logged += reward
    collector.add({ ...entry, reward, target })
  }
  const { rounds } = collector
  const diagnostics = weightDiagnostics(rounds)
  const support = collector.support()
  const estimate = snips(rounds).value
  return {
    policy,
    logged: logged / rounds.reward.length,
    ips: ips(rounds).value,
    snips: estimate,
    diagnostics,
    support,
    dropped,
    verdict: verdictOf(estimate, logged / rounds.reward.length, diagnostics, support),
  }
}

// Below this many effectively independent rounds a mean says nothing; above this share of untried choices its answer is about another policy.
const leastEffective = 30
const mostUntried = 0.2
// With true propensities and full support the mean weight is 1; a log in which it is not holds too few of the policy's choices.
const mostWeightError = 0.25

function verdictOf(value: Interval, logged: number, { effectiveSampleSize, meanWeight }: WeightDiagnostics, { impossible }: Support): string {
  if (impossible > mostUntried)
    return `this log cannot answer: ${(100 * impossible).toFixed(0)} % of what the policy would have done could not have been logged; log with more exploration`
  if (!(effectiveSampleSize >= leastEffective))
    return `this log cannot answer: it is worth ${effectiveSampleSize.toFixed(0)} rounds to this policy, expected at least ${leastEffective}`
  if (Math.abs(meanWeight - 1) > mostWeightError)
    return `this log cannot answer: the importance weights average ${meanWeight.toFixed(2)} where a log that covers the policy gives 1; log with more exploration`
  if (value.lo > logged) return 'better than what was logged'
  if (value.hi < logged) return 'worse than what was logged'
  return 'not distinguishable from what was logged'
}
