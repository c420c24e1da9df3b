import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readLoggedWorld } from '../../../envs/trace/logged-world.ts'
import type { Spaces } from '../../../src/core/spaces.ts'
import { type LogUse, readBanditLog } from '../../../src/ope/log/bandit-log.ts'
import { readTargetPolicy } from '../../../src/ope/log/target-policy.ts'
import { readParquetLog } from '../../../src/run/parquet-log.ts'
import { formatEvent } from '../../../src/trace/event.ts'
import { formatHeader, parseHeader, type TraceHeader } from '../../../src/trace/header.ts'
import { parseMask } from '../../../src/trace/mask-text.ts'
import { connectDuckDb, sqlText } from '../../../src/trace/parquet/duckdb.ts'
import { openParquetTrace } from '../../../src/trace/parquet/read.ts'
import { traceToParquet } from '../../../src/trace/parquet/write.ts'
import { openTrace } from '../../../src/trace/reader.ts'
import { formatEntry, parseEntry } from '../../../src/trace/record.ts'
import { readTraceEnd } from '../../../src/trace/writer.ts'
import { type FuzzedParser, laterVerdictOf, promise, verdictOf } from '../parser.ts'
import { sampleRun } from '../sample-run.ts'
import { scratchFolder } from '../scratch.ts'

const header: FuzzedParser = {
  name: 'trace-header',
  covers: ['src/trace/header.ts parseHeader'],
  form: 'json',
  corpus: async () => [Buffer.from(formatHeader((await sampleRun('q-learning')).header))],
  parse(input) {
    const parsed = parseHeader(input.toString('utf8'))
    if ('fault' in parsed) return parsed.fault
    promise(parsed.spaces.points.length > 0, 'a header has points')
    promise(!('fault' in parseHeader(formatHeader(parsed))), 'a header survives being written')
    return 'accepted'
  },
}

const stuckSensor = formatEvent({ kind: 'sensor', step: 1, what: 'doubted', sensor: 'soc', trouble: 'stuck', why: 'rests' })

function entry(): FuzzedParser {
  let spaces: Spaces | undefined
  return {
    name: 'trace-entry',
    covers: ['src/trace/record.ts parseEntry', 'src/trace/record.ts parseDocument', 'src/trace/mask-text.ts parseMask'],
    form: 'json',
    async corpus() {
      const run = await sampleRun('q-learning')
      spaces = run.header.spaces
      const [first = ''] = run.lines.filter((line) => line.startsWith('{"step"'))
      return [...run.lines, first.replace('"action"', '"mask":"ff","action"'), stuckSensor].map((line) => Buffer.from(line))
    },
    parse(input) {
      const { points, monitors } = spaces as Spaces
      const parsed = parseEntry(input.toString('utf8'), spaces as Spaces)
      if ('fault' in parsed) return 'fault'
      if (parsed.kind === 'decision') {
        promise(parsed.mask.length === points.length && parsed.mask[parsed.action] === 1, 'an action is allowed by its mask')
        promise(parsed.executedAction < points.length && parsed.observation.length === monitors.length, 'a decision fits the spaces')
        promise(Number.isNaN(parsed.propensity) || (parsed.propensity > 0 && parsed.propensity <= 1 + 1e-9), 'a propensity is a probability')
      }
      return 'accepted'
    },
  }
}

const mask: FuzzedParser = {
  name: 'trace-mask',
  covers: ['src/trace/mask-text.ts parseMask'],
  form: 'text',
  corpus: () => [Buffer.from('ff3'), Buffer.from('001'), Buffer.from('8f0')],
  parse(input) {
    const parsed = parseMask(input.toString('utf8'), 10)
    if (parsed === undefined) return 'fault'
    promise(parsed.length === 10 && parsed.includes(1), 'a mask allows something')
    return 'accepted'
  },
}

/** A parser of files: every input becomes one. */
function ofFile(
  name: string,
  given: Omit<FuzzedParser, 'parse' | 'close' | 'name'>,
  read: (path: string) => Promise<void>,
  file: string,
): FuzzedParser {
  const dir = scratchFolder()
  const path = join(dir, file)
  return {
    ...given,
    name,
    parse(input) {
      writeFileSync(path, input)
      return laterVerdictOf(() => read(path))
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const linesText = (lines: readonly string[]): string => `${lines.join('\n')}\n`

async function traceText(): Promise<Buffer> {
  const { header, lines } = await sampleRun('q-learning', { least: true })
  return Buffer.from(linesText([formatHeader(header), ...lines]))
}

/** Lines of a trace before its seventh decision, and from there on. */
async function halves(): Promise<{ header: TraceHeader; earlier: string[]; later: string[] }> {
  const { header, lines } = await sampleRun('q-learning', { least: true })
  const at = lines.findIndex((line) => line.startsWith('{"step":6,'))
  return { header, earlier: lines.slice(0, at), later: lines.slice(at) }
}

/** Two runs in one trace, of which the second has an action that the guard overrode. */
async function mergedText(): Promise<Buffer> {
  const { header, earlier, later } = await halves()
  const origin = { decisions: 6, env: 'table', agent: 'q-learning', seed: 5, learning: true }
  const runs = ['a.jsonl', 'b.jsonl'].map((source) => ({ source, ...origin }))
  const overridden = later.map((line, i) =>
    i === 0 ? line.replace(/"action":(\d),.*?"propensity":[^,]*,/, '"action":0,"executedAction":1,"propensity":null,') : line,
  )
  return Buffer.from(linesText([formatHeader({ ...header, runs }), ...earlier, formatEntry({ kind: 'run', step: 6, run: 1 }), ...overridden]))
}

const traceFile = (): FuzzedParser =>
  ofFile(
    'trace-file',
    {
      covers: ['src/trace/lines.ts readLines', 'envs/trace/logged-world.ts readLoggedWorld', 'src/trace/writer.ts readTraceEnd'],
      form: 'lines',
      corpus: async () => [await traceText(), await mergedText()],
    },
    async (path) => {
      const reader = openTrace(path)
      let next = reader.header.startStep
      for (const read of reader.entries()) if (read.kind === 'decision') promise(read.step === next++, 'steps stand in order')
      promise(readTraceEnd(path, reader.header).records === next - reader.header.startStep, 'the end counts the same decisions')
      readLoggedWorld(reader, 'trace')
    },
    'trace.jsonl',
  )

const partDivider = '\n"=====\\n"\n'

/** A trace that was rotated once: both files in one input, divided by a line that is JSON. */
function traceParts(): FuzzedParser {
  const dir = scratchFolder()
  const path = join(dir, 'trace.jsonl')
  return {
    name: 'trace-parts',
    covers: ['src/trace/parts.ts tracePartsOf', 'src/trace/reader.ts openTrace'],
    form: 'lines',
    async corpus() {
      const { header, earlier, later } = await halves()
      return [Buffer.from([linesText([formatHeader(header), ...earlier]).trimEnd(), linesText([formatHeader(header), ...later])].join(partDivider))]
    },
    parse(input) {
      const [earlier = '', later = ''] = input.toString('latin1').split(partDivider)
      writeFileSync(`${path}.1`, `${earlier}\n`, 'latin1')
      writeFileSync(path, later, 'latin1')
      return verdictOf(() => {
        const reader = openTrace(path)
        let next = reader.header.startStep
        for (const read of reader.entries()) if (read.kind === 'decision') promise(read.step === next++, 'steps stand in order')
      })
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const parquetTrace = (): FuzzedParser =>
  ofFile(
    'trace-parquet',
    {
      covers: ['src/trace/parquet/read.ts openParquetTrace'],
      form: 'bytes',
      async corpus() {
        const dir = scratchFolder()
        try {
          writeFileSync(join(dir, 'trace.jsonl'), await traceText())
          await traceToParquet(join(dir, 'trace.jsonl'), join(dir, 'trace.parquet'))
          return [readFileSync(join(dir, 'trace.parquet'))]
        } finally {
          rmSync(dir, { recursive: true, force: true })
        }
      },
    },
    async (path) => {
      const trace = await openParquetTrace(path)
      try {
        for await (const read of trace.entries()) promise('kind' in read, 'a row is an entry')
      } finally {
        trace.close()
      }
    },
    'trace.parquet',
  )

const logText = `position,action,reward,behaviourProbability,q0,q1,q2
0,1,0.5,0.25,0.1,0.2,0.3
1,0,-1e-3,1,0.1,0.2,0.3
0,2,0,0.5,.1,2.e-1,+0.3
`
const target = { actions: 3, positions: 2, probability: Float64Array.of(0.2, 0.3, 0.5, 1, 0, 0) }

const useOfLog: LogUse = {
  header: () => {},
  record({ action, reward, propensity }) {
    promise(action >= 0 && action < 3 && Number.isFinite(reward) && propensity !== 0, 'a record can be used')
  },
}

const readLog = async (path: string): Promise<void> => {
  await readBanditLog(path, target, useOfLog)
}

const logCovers = ['src/ope/log/bandit-log.ts readBanditLog', 'src/ope/log/lines.ts readLines', 'src/ope/log/text-bytes.ts textBytes']

const banditLog = (): FuzzedParser =>
  ofFile('bandit-log', { covers: logCovers, form: 'text', corpus: () => [Buffer.from(logText)] }, readLog, 'log.csv')

const parquetLog = (): FuzzedParser =>
  ofFile(
    'bandit-log-parquet',
    {
      covers: ['src/run/parquet-log.ts readParquetLog'],
      form: 'bytes',
      async corpus() {
        const dir = scratchFolder()
        const connection = await connectDuckDb()
        try {
          writeFileSync(join(dir, 'log.csv'), logText)
          await connection.run(
            `COPY (SELECT * FROM read_csv(${sqlText(join(dir, 'log.csv'))})) TO ${sqlText(join(dir, 'log.parquet'))} (FORMAT parquet)`,
          )
          return [readFileSync(join(dir, 'log.parquet'))]
        } finally {
          connection.closeSync()
          rmSync(dir, { recursive: true, force: true })
        }
      },
    },
    async (path) => {
      await readParquetLog(path, target, useOfLog)
    },
    'log.parquet',
  )

/** Mutants of the text, gzipped; and of the gzipped bytes. */
const gzippedLog = (): FuzzedParser =>
  ofFile(
    'bandit-log-gz',
    { covers: logCovers, form: 'bytes', corpus: () => [gzipSync(logText.repeat(20).replace(/(\n)position.*\n/g, '$1'))] },
    readLog,
    'log.csv.gz',
  )

const targetPolicy = (): FuzzedParser =>
  ofFile(
    'target-policy',
    {
      covers: ['src/ope/log/target-policy.ts readTargetPolicy'],
      form: 'text',
      corpus: () => [Buffer.from('action,position0,position1\n0,0.2,1\n1,0.3,0\n2,0.5,0\n')],
    },
    async (path) => {
      const { probability, actions, positions } = await readTargetPolicy(path)
      promise(probability.length === actions * positions && probability.every((share) => share >= 0 && share <= 1), 'a policy is of probabilities')
    },
    'policy.csv',
  )

export const traceParsers = (): FuzzedParser[] => [
  header,
  entry(),
  mask,
  traceFile(),
  traceParts(),
  parquetTrace(),
  banditLog(),
  gzippedLog(),
  parquetLog(),
  targetPolicy(),
]
