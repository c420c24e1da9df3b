import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boardAgentKinds } from '../../agents/index.ts'
import { readCheckpoint } from '../../src/checkpoint/reader.ts'
import type { Checkpoint } from '../../src/checkpoint/schema.ts'
import { saveCheckpoint } from '../../src/checkpoint/writer.ts'
import type { Agent, AgentInput, AgentKind } from '../../src/core/agent.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import { catchUp, type Decided, reexecute } from '../../src/run/reexecute.ts'
import type { TraceHeader } from '../../src/trace/header.ts'
import { openTrace } from '../../src/trace/reader.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { appendTrace, createTrace, readTraceEnd } from '../../src/trace/writer.ts'
import { busyScript, runScripted, scriptedHeader } from '../support/scripted-run.ts'

const steps = 40
/** What the next decision sees here is not what the one before led to: half of the points are gone. */
const otherWorld = { ...busyScript, bigOffline: () => true }
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-reexecute-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Variants of the learners on top of the defaults: more state to lose. */
const variants: readonly { readonly title: string; readonly kind: AgentKind; readonly options: TraceHeader['agent']['options'] }[] = [
  ...boardAgentKinds.map((kind) => ({ title: kind.name, kind, options: {} })),
  ...boardAgentKinds
    .filter((kind) => kind.name === 'q-learning')
    .map((kind) => ({
      title: 'q-learning, exploring, two tables',
      kind,
      options: { doubleQ: true, epsilon: 0.5, epsilonFloor: 0.5, gamma: 0.5, classes: 1 },
    })),
  ...boardAgentKinds
    .filter((kind) => kind.name === 'linucb')
    .map((kind) => ({ title: 'linucb, exploring, forgetting', kind, options: { epsilon: 0.5, forgetting: 0.9 } })),
]

for (const { title, kind, options } of variants)
  describe(`re-execution: ${title}`, () => {
    const header = { ...scriptedHeader(kind.name, 7), agent: { name: kind.name, options, frozen: false, initial: null } }
    const trace = (): string => join(folder, `${title}.jsonl`)
    let unstopped: readonly Decided[]

    beforeAll(async () => {
      const writer = createTrace(trace(), header)
      const overrides = new Map([
        [5, 0],
        [6, 3],
      ])
      await runScripted({ header, make: kind.make, from: 0, to: steps, writer, overrides })
      writer.close()
      unstopped = (await runScripted({ header, make: kind.make, from: 0, to: steps })).decisions
    })

    const rerun = (entries: Iterable<TraceEntry>) => reexecute(openTrace(trace()).header, entries, kind.make)

    it('reproduces every decision of a log, overrides and changed requirements included', async () => {
      const result = await rerun(openTrace(trace()).entries())
      expect(result).toMatchObject({ decisions: steps, reproduced: steps })
      expect(result.firstMismatch).toBeUndefined()
      // Those at which the agent happened to choose what the override executed do not count.
      expect(result.overridden).toBeLessThanOrEqual(2)
    })

    it('fails at the very step whose action or propensity was altered', async () => {
      for (const step of [0, 17, steps - 1]) {
        const other = await rerun(
          altered(openTrace(trace()).entries(), step, (record) => ({
            ...record,
            action: (record.action + 1) % 16,
            executedAction: (record.action + 1) % 16,
          })),
        )
        expect(other.firstMismatch?.step).toBe(step)
        expect(other).toMatchObject({ decisions: steps, reproduced: step })
        const likelier = await rerun(
          altered(openTrace(trace()).entries(), step, (record) => ({ ...record, propensity: record.propensity * (1 - 2 ** -50) })),
        )
        expect(likelier.firstMismatch?.step).toBe(step)
      }
    })

    it('goes on exactly as if never stopped, from an orderly end at any step', async () => {
      for (let stop = 0; stop <= steps; stop++) {
        const first = await runScripted({ header, make: kind.make, from: 0, to: stop })
        const data = JSON.parse(JSON.stringify(first.agent.save()))
        const second = await runScripted({ header, make: kind.make, from: stop, to: steps, data })
        expect([...first.decisions, ...second.decisions]).toEqual(unstopped)
      }
    })

    it('goes on exactly as if never stopped after a kill: an earlier checkpoint, the tail of the trace, a torn line', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(steps), fc.nat(steps), fc.nat(400), async (a, b, tear) => {
          const [saved, killed] = [Math.min(a, b), Math.max(a, b)]
          const path = join(folder, 'killed.jsonl')
          const checkpoints = join(folder, 'checkpoint')
          const writer = createTrace(path, header)
          await runScripted({
            header,
            make: kind.make,
            from: 0,
            to: killed,
            writer,
            orderly: false,
            begin: async (agent, start) => save(checkpoints, header, agent, { index: 0, ...start }),
            afterStep: (agent, next) => {
              if (next.index === saved) save(checkpoints, header, agent, next)
            },
          })
          const tornRecord = '{"step":'.padEnd(400, '1').slice(0, tear)
          const sizeB = writer.sizeB()
          writer.close()
          writeFileSync(path, tornRecord, { flag: 'a' })

          const resumed = await resume(path, checkpoints, header, kind)
          expect(resumed.torn).toBe(tear > 0)
          expect(resumed.cutAtB).toBe(sizeB)
          expect(resumed.relived).toBe(killed - saved)
          expect(resumed.decisions).toEqual(unstopped.slice(killed))
          // The log of both segments is one log.
          expect(await reexecute(openTrace(path).header, openTrace(path).entries(), kind.make)).toMatchObject({ decisions: steps, reproduced: steps })
        }),
        { numRuns: 20 },
      )
    })
  })

describe('re-execution of learners', () => {
  it('begins from the state that the header holds: a deployment, learning or frozen', async () => {
    for (const { kind, options } of variants)
      for (const frozen of [false, true]) {
        const trained = await runScripted({
          header: { ...scriptedHeader(kind.name, 7), agent: { name: kind.name, options, frozen: false, initial: null } },
          make: kind.make,
          from: 0,
          to: 30,
        })
        const path = join(folder, 'deployed.jsonl')
        const agent = { name: kind.name, options, frozen, initial: trained.agent.save() }
        const writer = createTrace(path, { ...scriptedHeader(kind.name, 8), agent, startStep: 30 })
        await runScripted({ header: openTrace(path).header, make: kind.make, from: 30, to: 60, writer })
        writer.close()
        const result = await reexecute(openTrace(path).header, openTrace(path).entries(), kind.make)
        expect(result).toMatchObject({ decisions: 30, reproduced: 30 })
        const epsilons = [...openTrace(path).entries()].flatMap((entry) => (entry.kind === 'decision' ? [entry.epsilon] : []))
        if (frozen) expect(Math.max(...epsilons)).toBe(kind.name === 'random' ? 1 : 0)
      }
  })

  it('a log of two segments is reproduced although the second one met another world', async () => {
    for (const { kind, options } of variants)
      for (const saved of [11, 15]) {
        const header = { ...scriptedHeader(kind.name, 7), agent: { name: kind.name, options, frozen: false, initial: null } }
        const [path, checkpoints] = [join(folder, 'worlds.jsonl'), join(folder, 'worlds')]
        const writer = createTrace(path, header)
        await runScripted({
          header,
          make: kind.make,
          from: 0,
          to: 15,
          writer,
          orderly: false,
          afterStep: (agent, next) => {
            if (next.index === saved) save(checkpoints, header, agent, next)
          },
        })
        writer.close()
        const resumed = await resume(path, checkpoints, header, kind, otherWorld)
        let again: Agent | undefined
        const makeAgain = (input: AgentInput): Agent => {
          again = kind.make(input)
          return again
        }
        expect(await reexecute(openTrace(path).header, openTrace(path).entries(), makeAgain)).toMatchObject({ decisions: steps, reproduced: steps })
        // Not only the decisions: everything that was learned.
        expect(again?.save()).toEqual(resumed.agent.save())
      }
  })

  // A single odd latency says little to linear models, by design; ten say enough.
  for (const [name, count] of [
    ['q-learning', 1],
    ['linucb', 10],
    ['thompson', 10],
  ] as const)
    it(`${name}: ${count === 1 ? 'an altered outcome' : 'altered outcomes'} shows in a later decision`, async () => {
      const kind = boardAgentKinds.find((candidate) => candidate.name === name) as AgentKind
      const header = scriptedHeader(name, 3)
      const path = join(folder, `${name}-outcome.jsonl`)
      const writer = createTrace(path, header)
      await runScripted({ header, make: kind.make, from: 0, to: 60, writer })
      writer.close()
      let entries: Iterable<TraceEntry> = openTrace(path).entries()
      for (let step = 10; step < 10 + count; step++)
        entries = altered(entries, step, (record) => ({ ...record, outcome: { ...record.outcome, latencyS: 5 } }))
      const { firstMismatch } = await reexecute(header, entries, kind.make)
      expect(firstMismatch?.step).toBeGreaterThan(10)
    })

  it('a checkpoint of another agent is noticed while catching up', async () => {
    const kind = boardAgentKinds.find((candidate) => candidate.name === 'random') as AgentKind
    const header = scriptedHeader('random', 3)
    const path = join(folder, 'other.jsonl')
    const writer = createTrace(path, header)
    await runScripted({ header, make: kind.make, from: 0, to: 20, writer })
    writer.close()
    await runScripted({
      header: { ...header, seed: 4 },
      make: kind.make,
      from: 20,
      to: 20,
      async begin(agent, next, objective) {
        const { mismatch } = await catchUp({ agent, objective, requirements: header.requirements, entries: openTrace(path).entries(), next })
        expect(mismatch).toBeDefined()
      },
    })
  })
})

function* altered(
  entries: Iterable<TraceEntry>,
  step: number,
  change: (record: Extract<TraceEntry, { kind: 'decision' }>) => TraceEntry,
): Generator<TraceEntry> {
  for (const entry of entries) yield entry.kind === 'decision' && entry.step === step ? change(entry) : entry
}

function save(path: string, header: TraceHeader, agent: Agent, next: { index: number; observation: Observation; mask: Mask }): void {
  const { spaces, board, network, objective, nominal, seed } = header
  const checkpoint: Checkpoint = {
    flyball: '0.0.0-test',
    agent: { name: header.agent.name, options: header.agent.options, data: agent.save() },
    spaces,
    board,
    network,
    objective,
    requirements: header.requirements,
    nominal,
    step: next.index,
    seed,
    next: { observation: next.observation, mask: next.mask },
  }
  saveCheckpoint(path, checkpoint)
}

/** What `--resume` does: load, append, catch up, go on. */
async function resume(path: string, checkpoints: string, header: TraceHeader, kind: AgentKind, script = busyScript) {
  const checkpoint = readCheckpoint(checkpoints)
  const { writer, nextStep, ended, torn } = appendTrace(path, readTraceEnd(path, header))
  const cutAtB = writer.sizeB()
  if (!ended && nextStep === checkpoint.step && checkpoint.next !== undefined)
    writer.segmentEnd(nextStep, checkpoint.next.observation, checkpoint.next.mask)
  let relived = 0
  const { decisions, agent: resumed } = await runScripted({
    header,
    script,
    make: kind.make,
    from: nextStep,
    to: steps,
    data: checkpoint.agent.data,
    writer,
    async begin(agent, next, objective) {
      const asked = requirementsAt(path, header, checkpoint.step)
      const caught = await catchUp({ agent, objective, requirements: asked, entries: tail(path, checkpoint.step), next })
      expect(caught.mismatch).toBeUndefined()
      relived = caught.decisions
    },
  })
  writer.close()
  return { agent: resumed, decisions, relived, torn: torn !== undefined, cutAtB }
}

function* tail(path: string, from: number): Generator<TraceEntry> {
  for (const entry of openTrace(path).entries()) if (entry.step > from || (entry.step === from && entry.kind !== 'segmentEnd')) yield entry
}

function requirementsAt(path: string, header: TraceHeader, step: number): TraceHeader['requirements'] {
  let { requirements } = header
  for (const entry of openTrace(path).entries()) if (entry.kind === 'requirements' && entry.step <= step) requirements = entry.requirements
  return requirements
}
