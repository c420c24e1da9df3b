import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { Agent, Choice } from '../../src/core/agent.ts'
import type { GuardSettings } from '../../src/core/guard.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'
import { Governor } from '../../src/run/governor.ts'
import { visitRewards } from '../../src/run/logged-rewards.ts'
import { runLoop } from '../../src/run/loop.ts'
import { makeObserver } from '../../src/run/observer.ts'
import { learnFromLog } from '../../src/run/offline/learn.ts'
import { agentInputOf, reexecute } from '../../src/run/reexecute.ts'
import type { LearningSession } from '../../src/run/session.ts'
import { makeTally } from '../../src/run/tally.ts'
import { type TrainRequest, train } from '../../src/run/train.ts'
import { openLog } from '../../src/trace/log.ts'
import { makeTraceSummary } from '../../src/trace/summary.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { behindGuard, makeHotBoard } from '../support/guarded.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { busyScript, scriptedHeader } from '../support/scripted-run.ts'
import { writeSmallNetwork } from '../support/small-network.ts'

const folder = mkdtempSync(join(tmpdir(), 'flyball-guarded-'))
const network = writeSmallNetwork()
afterAll(() => {
  for (const dir of [folder, network]) rmSync(dir, { recursive: true, force: true })
})

const stillClock = { now: () => 0, wall: () => '', sleepUntil: async () => {} }
const quiet = { note() {}, progress() {}, stopped: () => undefined }

/** Runs an agent behind a guard that allows one change a second, and logs it. */
async function run(name: string, agent: Agent, steps: number): Promise<string> {
  const header = scriptedHeader(name, 5)
  const path = join(folder, `${name}.jsonl`)
  const writer = createTrace(path, header)
  const env = behindGuard(makeScriptedEnv(busyScript), { marginC: null, maxChanges: 1 })
  const objective = makeObjective(header.objective, header.nominal)
  const session = { env, settings: { requirements: header.requirements, objective: header.objective } } as unknown as LearningSession
  const observer = makeObserver({ session, agent, writer, explain: undefined, events: quiet })
  const end = await runLoop({
    ...{ env, agent, objective, clock: stillClock, tally: makeTally(steps), start: await env.reset({ seed: 5 }), from: 0, to: steps },
    onChoice: observer.chosen,
    onDecision: observer.take,
    afterStep({ index }) {
      observer.learned(index)
      observer.write()
      return false
    },
  })
  writer.segmentEnd(end.next, end.observation, end.mask)
  writer.close()
  return path
}

describe('an agent that does not keep to the mask', () => {
  /** Takes the points in turn, whatever is masked, and remembers what it was told. */
  function makeRogue() {
    const learned: { action: number; propensity: number }[] = []
    let k = 0
    const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
    const agent: Agent = {
      act() {
        choice.action = choice.greedy = (k++ * 5) % 16
        return choice
      },
      distribution: (_observation, _mask, out) => void out.fill(0),
      learn: ({ action, propensity }) => void learned.push({ action, propensity }),
      save: () => ({ version: 1, rng: [0, 0, 0, 1] }),
    }
    return { agent, learned }
  }

  it('gets another point executed, is told which, and its record has both and no propensity', async () => {
    const { agent, learned } = makeRogue()
    const path = await run('rogue', agent, 80)
    const log = await openLog(path)
    const decisions = []
    const summary = makeTraceSummary(log.header)
    for await (const entry of log.entries()) {
      summary.add(entry)
      if (entry.kind === 'decision') decisions.push(entry)
    }
    const overridden = decisions.filter(({ action, executedAction }) => action !== executedAction)
    expect(overridden.length).toBeGreaterThan(10)
    expect(overridden.length).toBeLessThan(80)
    for (const { action, executedAction, propensity, mask } of decisions) {
      expect(mask[executedAction]).toBe(1)
      expect(Number.isNaN(propensity)).toBe(action !== executedAction)
    }
    expect(learned).toEqual(decisions.map(({ executedAction, propensity }) => ({ action: executedAction, propensity })))
    // Whoever reads the log leaves them out, and says how many.
    expect(summary.summary().overridden).toBe(overridden.length)
    const objective = makeObjective(log.header.objective, log.header.nominal)
    const visited = await visitRewards(log, objective, { decision() {} })
    expect(visited).toEqual({ rounds: 80 - overridden.length, dropped: overridden.length })
    const again = makeRogue()
    const offline = await learnFromLog(again.agent, objective, log.entries(), { from: 0, to: 1000 })
    expect(offline).toMatchObject({ decisions: 80 - overridden.length, dropped: overridden.length })
    expect(again.learned.every(({ propensity }) => propensity === 1)).toBe(true)
    expect(await reexecute(log.header, log.entries(), () => makeRogue().agent)).toEqual({
      decisions: 80,
      reproduced: 80,
      overridden: overridden.length,
    })
  })
})

describe('a learner behind a guard', () => {
  it.each(['q-learning', 'linucb', 'thompson', 'bayes', 'ladder', 'alert'])(
    '%s never chooses what is masked, and is re-executed to the last bit',
    async (name) => {
      const kind = findAgent(name)
      const path = await run(name, kind.make(agentInputOf(scriptedHeader(name, 5))), 120)
      const log = await openLog(path)
      let masked = 0
      for await (const entry of log.entries())
        if (entry.kind === 'decision') {
          expect(entry.executedAction).toBe(entry.action)
          masked += entry.mask.includes(0) ? 1 : 0
        }
      expect(masked).toBeGreaterThan(0)
      expect(await reexecute(log.header, log.entries(), kind.make)).toMatchObject({ decisions: 120, reproduced: 120, overridden: 0 })
    },
  )
})

const cpus = getAffinity(0)
describe.runIf(cpus.length > 1)('a run on a board that gets hot', () => {
  const opened: Governor[] = []
  afterEach(async () => {
    for (const governor of opened.splice(0)) await governor.close()
  })

  async function trained(name: string) {
    const board = makeHotBoard(cpus[0] as number, cpus[1] as number)
    onTestFinished(() => board.remove())
    const request: TrainRequest = {
      board: { root: board.root, rate: '200', virtual: 'auto', interfere: [] },
      ...{ network, agentOptions: {}, wish: {}, steps: 20, seed: 1, out: join(folder, name), existing: 'refuse' },
    }
    await train(request, quiet)
    return { board, request }
  }

  it("guards an application's own inference", async () => {
    const { board, request } = await trained('governor')
    const events: unknown[] = []
    const governor = await Governor.open(request.out, { onEvent: (event) => events.push(event) })
    opened.push(governor)
    const input = makeSampleInput(openNetwork(network).manifest.input.shape, 1)
    await governor.infer(input)
    board.setTemp(84.9)
    // Sensors are read ten times a second, and a jump has to be seen again before it is believed.
    let point = {}
    for (let k = 0; k < 20; k++) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      ;({ point } = await governor.infer(input))
    }
    expect(point).toMatchObject({ subnet: '25', cluster: 'little', 'little.freqHz': 4e8 })
    await governor.close()
    expect(events).toContainEqual(expect.objectContaining({ kind: 'guard', cause: 'heat', sensor: 'cpu-thermal', points: 1 }))
  })

  it('takes what is asked for an application over what training asked', async () => {
    const { board, request } = await trained('governor-off')
    board.setTemp(84.9)
    const input = makeSampleInput(openNetwork(network).manifest.input.shape, 1)
    const guarded = async (guard: Partial<GuardSettings>): Promise<number> => {
      const kinds: string[] = []
      const governor = await Governor.open(request.out, { guard, onEvent: ({ kind }) => kinds.push(kind) })
      opened.push(governor)
      for (let k = 0; k < 8; k++) {
        await new Promise((resolve) => setTimeout(resolve, 60))
        await governor.infer(input)
      }
      await governor.close()
      return kinds.filter((kind) => kind === 'guard').length
    }
    expect(await guarded({ marginC: null })).toBe(0)
    expect(await guarded({})).toBeGreaterThan(0)
  })

  it('goes on under the limits that are asked now', async () => {
    const { request } = await trained('resumed')
    await train({ ...request, existing: 'resume', steps: 40, board: { ...request.board, guard: { minFrequencyHz: { '*': 1e9 } } } }, quiet)
    const log = await openLog(join(request.out, 'trace.jsonl'))
    const { points } = log.header.spaces
    let slow = 0
    for await (const entry of log.entries())
      if (entry.kind === 'decision' && entry.step >= 20)
        entry.mask.forEach((bit, a) => {
          if (bit === 1 && [points[a]?.['little.freqHz'], points[a]?.['big.freqHz']].some((freqHz) => typeof freqHz === 'number' && freqHz < 1e9))
            slow++
        })
    expect(slow).toBe(0)
  })
})
