import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { makeSpaces } from '../../src/core/spaces.ts'
import { replayLog } from '../../src/run/replay-log.ts'
import { connectDuckDb, sqlText } from '../../src/trace/parquet/duckdb.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { asJson, flag } from '../support.ts'

// Large logs: a bandit log in Parquet valued, and a trace of JSON Lines read with two threads, each beside what it is to take.
// --rounds N --actions K --records N --json

const rounds = Number(flag('rounds', '10000000'))
const actions = Number(flag('actions', '10'))
const records = Number(flag('records', '200000'))

/** The log of a uniform policy whose actions earn 0.1, 0.2 … of the time, with a model that is some 0.025 too high. */
async function writeLog(path: string): Promise<void> {
  const connection = await connectDuckDb()
  const models = Array.from({ length: actions }, (_, a) => `${(a + 1) / (2 * actions) + 0.02} + 0.01 * random() AS q${a}`)
  await connection.run('SELECT setseed(0.5)')
  await connection.run(
    `COPY (SELECT 0 AS position, action, (random() < (action + 1) / ${2 * actions})::INT AS reward, ${1 / actions} AS behaviourProbability, ${models.join(', ')}
     FROM (SELECT floor(random() * ${actions})::INT AS action FROM range(${rounds}))) TO ${sqlText(path)} (FORMAT parquet)`,
  )
  connection.closeSync()
}

async function valueLog(folder: string) {
  const [log, target] = [join(folder, 'log.parquet'), join(folder, 'target.csv')]
  await writeLog(log)
  // Always the last action: worth 0.5.
  writeFileSync(target, `action,position0\n${Array.from({ length: actions }, (_, a) => `${a},${a === actions - 1 ? 1 : 0}`).join('\n')}\n`)
  const before = performance.now()
  const { estimates, ess } = await replayLog({ log, target, draws: 200 })
  const timeS = (performance.now() - before) / 1000
  const found = Object.fromEntries(
    estimates.filter(({ estimator }) => ['snips', 'dr'].includes(estimator)).map(({ estimator, value, lo, hi }) => [estimator, { value, lo, hi }]),
  )
  return { rounds, actions, timeS, residentB: process.resourceUsage().maxRSS * 1024, sizeB: statSync(log).size, ess, ...found }
}

const spaces = makeSpaces({
  knobs: [{ name: 'subnet', kind: 'subnet', values: [25, 50, 75, 100] }],
  points: [25, 50, 75, 100].map((subnet) => ({ subnet })),
  monitors: Array.from({ length: 12 }, (_, i) => ({ name: `m${i}`, low: 0, high: 1 })),
})

function writeTrace(path: string): void {
  const point = { latencyS: 0.012, energyJ: 0.1, accuracy: 0.85 }
  const writer = createTrace(path, {
    versions: {},
    seed: 1,
    env: { name: 'bench', options: {} },
    board: { id: 'bench', fingerprint: '' },
    network: null,
    spaces,
    requirements: { percentile: 99, deadlineS: 0.02 },
    objective: { kind: 'energy', weights: { latency: 1, energy: 1, accuracy: 1, confidence: 0 }, reference: { ...point, point: 0 } },
    nominal: spaces.points.map(() => point),
    agent: { name: 'random', options: {}, frozen: false, initial: null },
    energyScope: 'rail',
    startStep: 0,
  })
  const outcome = { ...point, confidence: 0.93, deadlineMet: true } as const
  const qualities = { latencyQuality: 'measured', energyQuality: 'measured', accuracyQuality: 'estimated', confidenceQuality: 'measured' } as const
  for (let step = 0; step < records; step++)
    writer.decision({
      step,
      timeS: step / 30,
      observation: Float64Array.from({ length: 12 }, (_, i) => ((step * (i + 1)) % 997) / 1000),
      mask: new Uint8Array(4).fill(1),
      action: step % 4,
      executedAction: step % 4,
      propensity: 0.25,
      greedy: 0,
      epsilon: 1,
      outcome: { ...outcome, latencyS: 0.01 + ((step * 31) % 1009) * 1e-6, ...qualities },
      durationS: 0.0333,
    })
  writer.close()
}

/** Each thread reads a trace of its own. */
async function readTraces(folder: string, threads: number) {
  const path = join(folder, 'trace.jsonl')
  writeTrace(path)
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData: path }))
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
  const before = performance.now()
  const done = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)))
  for (const worker of workers) worker.postMessage('go')
  await Promise.all(done)
  const timeS = (performance.now() - before) / 1000
  await Promise.all(workers.map((worker) => worker.terminate()))
  return { records: threads * records, threads, timeS, recordsPerS: (threads * records) / timeS, recordSizeB: statSync(path).size / records }
}

if (!isMainThread) {
  parentPort?.once('message', () => {
    let n = 0
    for (const { kind } of openTrace(workerData as string).entries()) if (kind === 'decision') n++
    parentPort?.postMessage(n)
  })
  parentPort?.postMessage('ready')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'flyball-volume-'))
  try {
    const value = await valueLog(folder)
    const read = await readTraces(folder, 2)
    if (asJson) process.stdout.write(`${JSON.stringify({ value, read }, null, 2)}\n`)
    else
      process.stdout.write(
        [
          `${rounds} rounds over ${actions} actions from Parquet (${(value.sizeB / 1e6).toFixed(0)} MB), all estimators, 200 draws: ${value.timeS.toFixed(1)} s (target 60 s for 10 million), ${(value.residentB / 1e6).toFixed(0)} MB resident, writing the log included (target 1000 MB)`,
          `JSON Lines of ${read.recordSizeB.toFixed(0)} B a record (target at most 400 B), read and checked by ${read.threads} threads: ${(read.recordsPerS / 1e3).toFixed(0)} thousand records a second (target 300)`,
          '',
        ].join('\n'),
      )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
