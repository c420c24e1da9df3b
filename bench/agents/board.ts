import { createWriteStream, writeFileSync } from 'node:fs'
import type { BoardEnv } from '../../envs/board/board-env.ts'
import { systemClock } from '../../src/core/clock.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { makeObjective, type ObjectiveKind } from '../../src/core/objective.ts'
import { describePoint, type OperatingPoint } from '../../src/core/spaces.ts'
import { mean } from '../../src/core/statistics.ts'
import { parseDeadline } from '../../src/core/units.ts'
import type { RunEvents } from '../../src/run/events.ts'
import { boardEnv } from '../../src/run/open-board.ts'
import { profile } from '../../src/run/profile.ts'
import { defaultWeights, resolveWish } from '../../src/run/request.ts'
import { listenForStop } from '../../src/run/stop.ts'
import { asJson, benchEvents, flag, openGround } from '../support.ts'
import { judge } from './board/judge.ts'
import { type Match, playSeed, promisingPoints } from './board/match.ts'
import { describe, figuresOf } from './board/report.ts'
import type { Contest } from './board/rounds.ts'
import { coRunnerOf } from './board/world.ts'

// This machine beside a real co-runner that moves from core to core: an agent, after its first 200 requests, against the fixed operating point that was best on the other seeds. Each seed is a world
// of its own (bursts, pauses, duty); in every round all contenders meet the same bursts, in turned order. Real inference, real processes; energy is estimated where there is no sensor.
// --agent NAME --start nothing|profile --seeds K --learn N --rounds N --requests N --candidates N --sweeps N --rate HZ --deadline 1.3x --objective weighted|energy|latency --clusters 0,1
// --limit SECONDS (the seed at hand is then left out) --json --out FILE --log FILE (one line a decision)

const seeds = Number(flag('seeds', '5'))
const deadline = flag('deadline', '1.3x')
const objectiveKind = flag('objective', 'weighted') as ObjectiveKind
const sizes = {
  learning: Number(flag('learn', '200')),
  rounds: Number(flag('rounds', '5')),
  requests: Number(flag('requests', '150')),
  sweeps: Number(flag('sweeps', '12')),
  candidates: Number(flag('candidates', '3')),
}

const limitS = Number(flag('limit', '480'))
const beganS = systemClock.now()
const stop = listenForStop()
const events: RunEvents = {
  ...benchEvents,
  progress: (label, done, of) => void (done % Math.ceil(of / 4) === 0 && process.stderr.write(`${label} ${done}/${of}\n`)),
  stopped: () => stop.requested() ?? (systemClock.now() - beganS > limitS ? 'its time is up' : undefined),
}
const ground = await openGround({ rate: flag('rate', '50'), clusters: flag('clusters', '0,1'), virtual: 'pacing' })
const { points } = ground.open.runtime.plan.spaces
const logFile = flag('log', '')
const log = logFile === '' ? undefined : createWriteStream(logFile)
const played: Contest[][] = []
let env: BoardEnv = ground.env()
let fixed: number[] = []
let asked: Match['requirements'] = { percentile: 99 }
try {
  const nominal = await profile(env, 1, events, 9)
  const wish = { deadline: parseDeadline(deadline, '--deadline'), percentile: 99, objective: objectiveKind, weights: defaultWeights }
  const { requirements, objective } = resolveWish(wish, nominal)
  asked = requirements
  const match: Match = {
    ...{ ...sizes, requirements, nominal, events, objective: makeObjective(objective, nominal), agent: flag('agent', 'bayes') },
    fromProfile: flag('start', 'nothing') === 'profile',
    ...(log === undefined ? {} : { onDecision: (line: object) => void log.write(`${JSON.stringify(line)}\n`) }),
  }
  const enter = (seed: number): BoardEnv => {
    env = boardEnv(ground.open, { ...ground.settings, interfere: [coRunnerOf(seed)] }, { requirements, advise: false })
    return env
  }
  fixed = await promisingPoints(match, enter)
  for (let seed = 1; seed <= seeds; seed++) {
    const contest = await playSeed(match, seed, fixed, enter(seed))
    // Its co-runner ends with it, whatever comes next.
    await env.reset({ seed, quiet: true })
    played.push(contest)
  }
} catch (error) {
  if (!(error instanceof FlyballError && error.code === 'ERR_INTERRUPTED')) throw error
  benchEvents.note(`ended early (${events.stopped()}): ${played.length} of ${seeds} seeds were played to their end`)
} finally {
  await env.close()
  log?.end()
  stop.release()
}

if (played.length > 0) {
  const names = fixed.map((a) => `fixed ${a}`)
  const judgement = judge(
    played.map((contest) => Object.fromEntries(contest.map(({ name, costs }) => [name, costs]))),
    'learner',
    names,
  )
  const document = {
    ...{
      agent: flag('agent', 'bayes'),
      start: flag('start', 'nothing'),
      objective: objectiveKind,
      deadlineS: asked.deadlineS,
      seeds: played.length,
      ...sizes,
    },
    worlds: played.map((_, s) => coRunnerOf(s + 1)),
    fixedPoints: Object.fromEntries(fixed.map((a) => [`fixed ${a}`, describePoint(points[a] as OperatingPoint)])),
    ...judgement,
    figures: figuresOf(played, judgement.rivals, ground.open.runtime.meter.scope),
    costs: played.map((contest) => Object.fromEntries(contest.map(({ name, costs }) => [name, mean(costs)]))),
  }
  const out = flag('out', '')
  if (out !== '') writeFileSync(out, `${JSON.stringify(document, null, 2)}\n`)
  process.stdout.write(asJson ? `${JSON.stringify(document, null, 2)}\n` : `${describe(document).join('\n')}\n`)
}
