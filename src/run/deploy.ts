import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { agentOf, findAgent } from '../../agents/index.ts'
import type { AnytimeSettings } from '../../envs/board/early-stop.ts'
import { checkFits } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import { saveCheckpoint } from '../checkpoint/writer.ts'
import { systemClock } from '../core/clock.ts'
import { costText } from '../core/cost-text.ts'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { RestorePolicy } from '../linux/journal-file.ts'
import type { ServiceNotifier } from '../linux/sd-notify.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { beginTrace, checkTraceBound } from '../trace/rotating.ts'
import { noTrace } from '../trace/writer.ts'
import { type Advice, makeAdviser } from './advice.ts'
import type { RunEvents } from './events.ts'
import { checkExplains } from './explained.ts'
import { runFolder } from './folder.ts'
import { lostText, readGeneration } from './generation.ts'
import { checkpointOf, type RunResult } from './learn.ts'
import { runLoop } from './loop.ts'
import { makeObserver } from './observer.ts'
import { defaultGuard } from './open-board.ts'
import { resolveWish, type Wish } from './request.ts'
import { agentInput, openSession, traceHeader } from './session.ts'
import { type RunSettings, readSettings } from './settings.ts'
import { makeTally } from './tally.ts'
import { tellManager } from './tell-manager.ts'
import type { ExplainWhen } from './watch.ts'

export interface DeployRequest {
  /** Folder of the run whose checkpoint governs. */
  readonly run: string
  /** The generation of its checkpoint before the newest. Default false. */
  readonly previous?: boolean | undefined
  /** Undefined: until stopped. */
  readonly steps: number | undefined
  readonly learn: boolean
  readonly advise: boolean
  /** Over what run.json says. */
  readonly rate?: string | undefined
  readonly network?: string | undefined
  /** Co-runners are never taken from run.json: training wants disturbance, a deployment has its own. */
  readonly interfere: readonly string[]
  readonly wish?: Partial<Wish> | undefined
  /** Over what run.json says; a field that is there and undefined is switched off. */
  readonly guard?: Partial<GuardSettings> | undefined
  readonly seed?: number | undefined
  /** Write knobs again that others change; false: leave them to them. Default: as in training. */
  readonly forceKnobs?: boolean | undefined
  /** False: every inference runs the governor's size. Default: as in training. */
  readonly anytime?: AnytimeSettings | false | undefined
  /** False: nothing is logged. With a bound the oldest decisions go. Default: everything is kept. */
  readonly trace?: false | { readonly maxSizeB: number } | undefined
  /** Decisions that are explained; default none. */
  readonly explain?: ExplainWhen | undefined
  /** When kernel knobs are put back. Default: as in training. */
  readonly restore?: RestorePolicy | undefined
  /** s; 0: no watchdog. Default: as in training. */
  readonly watchdogS?: number | undefined
  /** The service manager that waits to hear of it. */
  readonly notifier?: ServiceNotifier | undefined
}

export interface DeployResult extends Omit<RunResult, 'trace'> {
  /** Null where nothing was to be logged. */
  readonly trace: string | null
  /** From the start of this process to the first governed answer, s. */
  readonly firstAnswerS: number
  /** Advice only: share of decisions in which the policy would have chosen another point than the one that ran. */
  readonly wouldChangeRatio: number | null
  /** Advice only: what would have run, and what that is expected to be worth. */
  readonly advice: Advice | null
}

/** Puts a trained governor in charge; greedy, unless it goes on learning. Everything is restored at the end. */
export async function deploy(request: DeployRequest, events: RunEvents): Promise<DeployResult> {
  const bound = request.trace === false ? undefined : request.trace?.maxSizeB
  if (bound !== undefined) checkTraceBound(bound)
  const folder = runFolder(request.run)
  const settings = overridden(readSettings(folder), request)
  const checkpoint = readGeneration(folder, request.previous) ?? readCheckpoint(folder.checkpoint)
  if (request.previous === true) events.note(lostText(folder, checkpoint))
  const kind = findAgent(checkpoint.agent.name)
  const session = await openSession(settings, { advise: request.advise, onProblem: events.note })
  const { env, open, objective } = session
  const manager = tellManager(request.notifier, open.runtime.busyS)
  try {
    checkFits(checkpoint, { spaces: env.spaces, board: open.boardId, network: open.networkId })
    const agent = agentOf(kind.name, { ...agentInput(session, !request.learn), data: checkpoint.agent.data }, folder.checkpoint)
    if (request.explain !== undefined) checkExplains(kind.name, agent)
    const out = nextFolder(folder.dir)
    const trace = request.trace === false ? null : join(out, 'trace.jsonl')
    const start = await env.reset({ seed: settings.seed })
    const header = traceHeader(session, { frozen: !request.learn, initial: checkpoint.agent.data }, checkpoint.step)
    const writer = trace === null ? noTrace() : beginTrace(trace, header, bound)
    manager.ready()
    const to = request.steps === undefined ? Number.POSITIVE_INFINITY : checkpoint.step + request.steps
    const tally = makeTally(request.steps ?? 1024)
    const observer = makeObserver({ session, agent, writer, explain: request.explain, events })
    let firstAnswerS = Number.NaN
    let differing = 0
    const adviser = makeAdviser({
      spaces: env.spaces,
      nominal: settings.nominal,
      objective: settings.objective,
      requirements: settings.requirements as Requirements,
    })
    env.whenIdle?.(() => {
      if (Number.isNaN(firstAnswerS)) firstAnswerS = performance.now() / 1000
      observer.write()
      agent.idle?.()
    })
    let saved = folder.checkpoint
    try {
      const end = await runLoop({
        env,
        agent,
        objective,
        clock: systemClock,
        tally,
        start,
        from: checkpoint.step,
        to,
        onChoice: observer.chosen,
        onDecision(decision) {
          if (decision.step.executedAction !== decision.choice.action) differing++
          adviser.take(decision.choice.action, decision.step.executedAction)
          observer.take(decision)
        },
        afterStep({ index }) {
          observer.learned(index)
          observer.rotate(header, index)
          const done = index - checkpoint.step
          if (done % 10 === 0)
            events.progress(
              request.advise ? 'advising' : 'governing',
              done,
              request.steps ?? done,
              `mean cost ${costText(tally.meanCost, settings.objective)}`,
            )
          return events.stopped() !== undefined
        },
      })
      observer.write()
      writer.segmentEnd(end.next, end.observation, end.mask)
      if (request.learn) saved = saveCheckpoint(folder.checkpoint, checkpointOf(session, agent, end.next), agent.onnx?.())
    } finally {
      observer.write()
      writer.close()
    }
    const result: DeployResult = {
      agent: checkpoint.agent.name,
      ...tally.summary(open.runtime.meter.scope),
      checkpoint: saved,
      trace,
      stopped: events.stopped() ?? null,
      dropped: env.dropped,
      requirements: settings.requirements as Requirements,
      objective: settings.objective as ObjectiveSpec,
      ...observer.noticed(),
      firstAnswerS,
      wouldChangeRatio: request.advise ? differing / tally.steps : null,
      advice: request.advise ? adviser.advice() : null,
    }
    writeFileAtomic(join(out, 'summary.json'), `${JSON.stringify(result, null, 2)}\n`)
    return result
  } finally {
    manager.stopping()
    await env.close()
  }
}

/** Settings of the run with what was said on the command line on top. Multiples of a deadline refer to the run's own profile. */
function overridden(settings: RunSettings, request: DeployRequest): RunSettings {
  const { wish } = request
  const asked = settings.requirements
  const { requirements } = resolveWish(
    {
      deadline: wish?.deadline ?? (asked.deadlineS === undefined ? undefined : { seconds: asked.deadlineS }),
      percentile: wish?.percentile ?? asked.percentile,
      energyBudgetJ: wish?.energyBudgetJ ?? asked.energyBudgetJ,
      accuracyFloor: wish?.accuracyFloor ?? asked.accuracyFloor,
      leastConfidence: wish?.leastConfidence ?? asked.leastConfidence,
    },
    settings.nominal,
  )
  const { anytime: trained, ...board } = settings.env
  const anytime = request.anytime ?? trained
  return {
    ...settings,
    seed: request.seed ?? settings.seed,
    network: request.network ?? settings.network,
    requirements: requirements as RunSettings['requirements'],
    objective: judgedBy(settings, wish),
    env: {
      ...board,
      rate: request.rate ?? board.rate,
      interfere: [...request.interfere],
      guard: { ...(board.guard ?? defaultGuard), ...request.guard },
      forceKnobs: request.forceKnobs ?? board.forceKnobs ?? false,
      ...(anytime === undefined || anytime === false ? {} : { anytime }),
      ...(request.restore === undefined ? {} : { restore: request.restore }),
      ...(request.watchdogS === undefined ? {} : { watchdogS: request.watchdogS }),
    },
  }
}

/** The run's objective, or what was said on the command line, in the run's own units. Throws ERR_USAGE for an agent whose knowledge are costs under the run's. */
function judgedBy({ objective, agent }: RunSettings, wish: Partial<Wish> | undefined): RunSettings['objective'] {
  const weights = wish?.weights ?? objective.weights
  const kind = wish?.objective ?? (wish?.weights === undefined ? objective.kind : 'weighted')
  const same = kind === objective.kind && (kind !== 'weighted' || JSON.stringify(weights) === JSON.stringify(objective.weights))
  if (!same && findAgent(agent.name).learnsCosts === true)
    throw new FlyballError(
      'ERR_USAGE',
      `${agent.name} learned costs under the objective ${objective.kind} and cannot judge by another: leave out --objective and --weights, train anew, or train an agent that predicts outcomes, such as bayes`,
    )
  return { ...objective, kind, weights }
}

/** `deploy-1`, `deploy-2`, … in the run's folder: a deployment never writes over an earlier one. Throws ERR_OUT_NOT_WRITABLE. */
function nextFolder(dir: string): string {
  for (let n = 1; ; n++) {
    const path = join(dir, `deploy-${n}`)
    if (existsSync(path)) continue
    try {
      mkdirSync(path)
      return path
    } catch (error) {
      throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be made: ${(error as Error).message}`, { cause: error })
    }
  }
}
