import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findAgent } from '../../agents/index.ts'
import type { Env, Step } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { resolvePhases } from '../../src/run/compare/phases.ts'
import { clearRun, prepareFolder } from '../../src/run/folder.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { interruptible } from '../../src/run/interruptible.ts'
import { learn, type RunResult } from '../../src/run/learn.ts'
import { agentInput, headerOf, type LearningSession } from '../../src/run/session.ts'
import type { Stop } from '../../src/run/stop.ts'
import { tracePartsOf } from '../../src/trace/parts.ts'
import { createRotatingTrace } from '../../src/trace/rotating.ts'
import type { Sample } from './judge.ts'
import { descriptors, residentB } from './process-files.ts'

export interface SimulatedSoak {
  /** As for `compare --env`: `sim:odroid-xu4@corunner-mix`. */
  readonly env: string
  readonly agent: string
  /** Simulated, s. */
  readonly durationS: number
  readonly sampleS: number
  /** Bound on the trace, B. */
  readonly maxSizeB: number
}

export interface SimulatedSoakResult {
  readonly samples: readonly Sample[]
  readonly result: RunResult
  /** Simulated, s. */
  readonly timeS: number
  readonly traceB: number
}

/** A learning agent on a simulated board as fast as it goes, with all that a run on the board has: trace in parts, checkpoints, tally, what is noticed. */
export async function soakSimulated(
  { env: name, agent: agentName, durationS, sampleS, maxSizeB }: SimulatedSoak,
  stop: Stop,
): Promise<SimulatedSoakResult> {
  const [spec] = findGrounds([name])
  if (spec === undefined) throw new Error(`--env: '${name}' names no environment`)
  const ground = openGround(spec)
  const { requirements, objective } = resolvePhases({ deadline: { times: 1.5 }, percentile: 99 }, ground)
  const clock = clockOf(ground.open(requirements))
  const session: LearningSession = {
    settings: {
      seed: 1,
      agent: { name: agentName, options: {} },
      requirements: requirements[0] as LearningSession['settings']['requirements'],
      objective,
      nominal: [...ground.nominal],
    },
    env: interruptible(clock.env),
    objective: makeObjective(objective, ground.nominal),
    open: { boardId: { id: ground.id, fingerprint: '' }, networkId: null, runtime: { meter: { scope: ground.energyScope } } },
  }
  const dir = mkdtempSync(join(tmpdir(), 'flyball-soak-'))
  try {
    const folder = prepareFolder(dir, 'force')
    clearRun(folder)
    const agent = findAgent(agentName).make(agentInput(session, false))
    const header = headerOf(session, { name: ground.id, options: { labels: ground.labels } }, { frozen: false, initial: agent.save() }, 0)
    const writer = createRotatingTrace(folder.trace, header, maxSizeB)
    const samples: Sample[] = []
    let nextS = sampleS
    const look = (): void => {
      if (clock.timeS() < nextS) return
      nextS += sampleS
      const memoryB = residentB(process.pid) as number
      samples.push({ timeS: clock.timeS(), residentB: memoryB, descriptors: (descriptors(process.pid) as Map<number, string>).size })
      process.stderr.write(`${(clock.timeS() / 3600).toFixed(2)} simulated h: ${(memoryB / 2 ** 20).toFixed(1)} MiB\n`)
    }
    const { result } = await learn({
      session,
      agent,
      folder,
      writer,
      header,
      start: await session.env.reset({ seed: 1 }),
      from: 0,
      to: Number.POSITIVE_INFINITY,
      events: {
        note: (message) => void process.stderr.write(`${message}\n`),
        progress: look,
        stopped: () => stop.requested() ?? (clock.timeS() >= durationS ? 'its time is up' : undefined),
      },
      explain: undefined,
    })
    return { samples, result, timeS: clock.timeS(), traceB: tracePartsOf(folder.trace).reduce((sum, file) => sum + statSync(file).size, 0) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The environment, and the simulated time of its last step, s. */
function clockOf(env: Env): { env: Env; timeS(): number } {
  let timeS = 0
  return {
    timeS: () => timeS,
    env: {
      spaces: env.spaces,
      reset: (options) => env.reset(options),
      step(action) {
        const step = env.step(action) as Step
        timeS = step.timeS
        return step
      },
      get dropped() {
        return env.dropped ?? 0
      },
      close: () => env.close(),
    },
  }
}
