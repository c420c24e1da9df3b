import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { agentKinds, agentOf } from '../../../agents/index.ts'
import { agentDataSchema } from '../../../src/checkpoint/parts.ts'
import { readCheckpoint } from '../../../src/checkpoint/reader.ts'
import { canonicalJson, formatCheckpoint, parseCheckpoint, sealed } from '../../../src/checkpoint/schema.ts'
import type { AgentInput } from '../../../src/core/agent.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { parseJson } from '../../../src/core/json.ts'
import { runFolder } from '../../../src/run/folder.ts'
import { readGroundSettings, readSettings } from '../../../src/run/settings.ts'
import { type FuzzedParser, promise, verdictOf } from '../parser.ts'
import { type SampleRun, sampleRun } from '../sample-run.ts'
import { scratchFolder } from '../scratch.ts'

/** Puts the right checksum over whatever the document says now. */
function seal(input: Buffer): Buffer {
  try {
    const { sha256: _, ...body } = JSON.parse(input.toString('utf8')) as Record<string, unknown>
    return Buffer.from(sealed(canonicalJson(body)))
  } catch {
    return input
  }
}

const checkpoint: FuzzedParser = {
  name: 'checkpoint',
  covers: ['src/checkpoint/schema.ts parseCheckpoint'],
  form: 'json',
  corpus: async () => {
    const { checkpoint } = await sampleRun('linucb', { least: true })
    return [Buffer.from(formatCheckpoint(checkpoint)), Buffer.from(formatCheckpoint({ ...checkpoint, model: { file: 'policy.onnx', sha256: '0' } }))]
  },
  seal,
  parse(input) {
    const parsed = parseCheckpoint(input.toString('utf8'))
    if ('fault' in parsed) return parsed.fault
    promise(parsed.spaces.points.length > 0 && typeof parsed.agent.name === 'string', 'a checkpoint has points and an agent')
    // What was read can be written again.
    promise(!('fault' in parseCheckpoint(formatCheckpoint(parsed))), 'a checkpoint survives being written')
    return 'accepted'
  },
}

/** The folder with its two generations, the newer of which is broken. */
function checkpointFolder(): FuzzedParser {
  const dir = scratchFolder()
  const file = join(dir, 'policy.json')
  return {
    name: 'checkpoint-file',
    covers: ['src/checkpoint/reader.ts readCheckpoint'],
    form: 'json',
    corpus: async () => [Buffer.from(formatCheckpoint((await sampleRun('ladder', { least: true })).checkpoint))],
    parse(input) {
      writeFileSync(file, input)
      return verdictOf(() => readCheckpoint(dir))
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Networks and memories as small as they may be: a state of 3 KB is read by the same code as one of 150. */
const sampleOptions: Readonly<Record<string, AgentInput['options']>> = {
  dqn: { hidden: 2, width: 2, replay: 8, warmup: 8, batch: 4, classes: 2 },
  'q-learning': { classes: 2 },
}

function moduleOf(agent: string): string {
  const own = ['q-learning', 'linucb', 'thompson', 'bayes', 'dqn', 'explorer'].includes(agent)
  return `agents/${own ? '' : 'baselines/'}${agent}.ts`
}

/** An agent's own state, which only the agent knows the layout of: it refuses it, or decides with it, learns and decides again. */
function agentData(name: string): FuzzedParser {
  let sample: SampleRun | undefined
  return {
    name: `agent-${name}`,
    covers: [],
    // Not agents/index.ts, which imports every agent: each is a parser of its own.
    modules: [moduleOf(name), 'src/checkpoint/parts.ts', 'src/core/json.ts'],
    form: 'json',
    async corpus() {
      sample = await sampleRun(name, { least: true, options: sampleOptions[name] ?? {} })
      return [Buffer.from(JSON.stringify(sample.data))]
    },
    parse(input) {
      const { spaces } = (sample as SampleRun).input
      return verdictOf(() => {
        let document: unknown
        try {
          document = parseJson(input.toString('utf8'))
        } catch (error) {
          throw new FlyballError('ERR_CHECKPOINT_CORRUPT', (error as Error).message)
        }
        // What a checkpoint's reader checks before an agent sees it.
        const data = v.safeParse(agentDataSchema, document)
        if (!data.success) throw new FlyballError('ERR_CHECKPOINT_CORRUPT', data.issues[0].message)
        const agent = agentOf(name, { ...(sample as SampleRun).input, data: data.output }, 'sample')
        const { observation, mask } = (sample as SampleRun).checkpoint.next as { observation: Float64Array; mask: Uint8Array }
        const shares = new Float64Array(spaces.points.length)
        agent.distribution(observation, mask, shares)
        promise(
          shares.every((share, a) => share >= 0 && (share === 0 || mask[a] === 1)),
          'shares of allowed actions',
        )
        const decide = (): void => {
          const choice = agent.act(observation, mask)
          if (!(choice instanceof Promise)) promise(mask[choice.action] === 1, 'the action is allowed')
        }
        decide()
        agent.explain?.(observation, mask)
        // It goes on from there.
        agent.learn((sample as SampleRun).transition)
        decide()
        JSON.stringify(agent.save())
      })
    },
  }
}

/** run.json of a run on a board, and of one on a table or in a simulation. */
function runSettings(): FuzzedParser {
  const folder = runFolder(scratchFolder())
  return {
    name: 'run.json',
    covers: ['src/run/settings.ts readSettings', 'src/run/settings.ts readGroundSettings'],
    form: 'json',
    corpus: async () => [Buffer.from(await sampleSettings())],
    parse(input) {
      writeFileSync(folder.settings, input)
      return verdictOf(() => {
        readGroundSettings(folder)
        readSettings(folder)
      })
    },
    close: () => rmSync(folder.dir, { recursive: true, force: true }),
  }
}

async function sampleSettings(): Promise<string> {
  const { header } = await sampleRun('q-learning')
  const { requirements, objective, nominal, seed } = header
  const levels = [{ value: 1e9, speed: 1 }]
  const env = {
    ...{ name: 'board', root: '/', reserved: [], rate: 'poisson:30', interfere: ['cpu:1@0.5'], anytime: { confidence: 0.9 } },
    clusters: [{ id: 'big', boardCluster: 'big', cpus: [0, 1], frequency: 'pacing', levels }],
  }
  return JSON.stringify({
    ...{ schema: 'flyball-run/1', createdAt: '2026-01-01T00:00:00.000Z', versions: { node: '20' }, seed, env, network: 'shipped:cifar10-g4' },
    ...{ agent: { name: 'q-learning', options: {} }, requirements, objective, nominal, learnedOn: { table: 't', noiseRatio: 0 } },
  })
}

export const checkpointParsers = (): FuzzedParser[] => [
  checkpoint,
  checkpointFolder(),
  runSettings(),
  ...agentKinds.filter(({ needs }) => needs !== 'truth').map(({ name }) => agentData(name)),
]
