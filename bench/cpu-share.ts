import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../src/core/clock.ts'
import { type Interval, interval95 } from '../src/core/statistics.ts'
import { formatQuantity } from '../src/core/units.ts'
import { setAffinity } from '../src/linux/affinity.ts'
import { openNetwork } from '../src/network/manifest.ts'
import { makeNetworkSample } from '../src/network/sample-input.ts'
import { openSession } from '../src/network/session.ts'
import { networkDir } from '../src/run/shipped.ts'
import { trainRun } from './soak/board.ts'
import type { ProbeAnswer } from './soak/inference-probe.ts'
import { writtenB } from './soak/process-files.ts'
import { flag, network, print } from './support.ts'

// CPU that `flyball deploy` takes beyond inference itself, as a share of one core (asked: under 1 %), and bytes that it writes, with and without a trace. Baseline: a process that does nothing
// but session.run over the same increments at the same pace, in turns with it. What is asked leaves one operating point, so that both run the same inference on the same core.
// Counted are all threads of the process (process.cpuUsage), less the main thread's CPU time within session.run: what an inference takes differs by a fifth from one start to the next, by what else is in the caches,
// and would drown the rest. What is left of the bare process (its waits, Node's event loop) is taken off what is left of deploy. The difference of the whole is printed, too.
// --rate 30 --rounds 5 --seconds 20 (each look) --warm-up 20 (until V8 has compiled what is hot) --cpu 1 --agent bayes --steps 200 (training) --json. Beside other work the figures say little.

const rateHz = Number(flag('rate', '30'))
const rounds = Number(flag('rounds', '5'))
const seconds = Number(flag('seconds', '20'))
const warmUpS = Number(flag('warm-up', '20'))
const cpu = Number(flag('cpu', '1'))
const probe = new URL('./soak/inference-probe.js', import.meta.url).href

if (process.argv.includes('--bare')) await bare()
else await compare()

/** Until it is ended. */
async function bare(): Promise<void> {
  const opened = openNetwork(networkDir(network))
  const session = await openSession(opened)
  const units = opened.unitsOf(opened.manifest.subnets.length - 1)
  session.input.set(makeNetworkSample(opened.manifest, 0))
  setAffinity(0, [cpu])
  const startS = systemClock.now()
  for (let k = 1; ; k++) {
    await systemClock.sleepUntil(startS + k / rateHz)
    for (const unit of units) await session.run(unit)
  }
}

interface Look {
  /** Of one core. */
  readonly cpuRatio: number
  readonly inferenceRatio: number
  readonly writtenBPerH: number
}

/** Starts it, lets it warm up, looks at it for a while, and ends it. */
async function look(args: readonly string[]): Promise<Look> {
  const child: ChildProcess = spawn(process.execPath, ['--import', probe, ...args], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const pid = child.pid as number
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2000)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const answers = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]()
  const ask = async (): Promise<ProbeAnswer & { readonly bytes: number }> => {
    const bytes = writtenB(pid) ?? Number.NaN
    child.kill('SIGUSR2')
    const { value, done } = await answers.next()
    if (done === true) throw new Error(`it ended too early: ${said}`)
    return { ...(JSON.parse(value) as ProbeAnswer), bytes }
  }
  try {
    await pause(warmUpS)
    const before = await ask()
    await pause(seconds)
    const after = await ask()
    if (after.runs === before.runs) throw new Error(`it answered nothing: ${said}`)
    const spanS = after.timeS - before.timeS
    return {
      cpuRatio: (after.cpuS - before.cpuS) / spanS,
      inferenceRatio: (after.inferenceS - before.inferenceS) / spanS,
      writtenBPerH: ((after.bytes - before.bytes) / spanS) * 3600,
    }
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

function pause(s: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, s * 1000))
}

async function compare(): Promise<void> {
  const self = fileURLToPath(import.meta.url)
  const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url))
  const { subnets } = openNetwork(networkDir(network)).manifest
  const accuracies = subnets.map(({ accuracy }) => accuracy.top1)
  const [best = 0, next = 0] = [...accuracies].sort((a, b) => b - a)
  if (accuracies.at(-1) !== best || best === next) throw new Error(`--network ${network}: its largest size is not its most accurate one`)
  const { run, remove } = trainRun([
    ...['--agent', flag('agent', 'bayes'), '--steps', flag('steps', '200'), '--rate', `${rateHz}`, '--network', network],
    ...['--clusters', `${cpu}`, '--virtual', 'none', '--accuracy-floor', `${(best + next) / 2}`],
  ])
  const kinds = {
    bare: [self, '--bare', '--rate', `${rateHz}`, '--cpu', `${cpu}`, '--network', network],
    'deploy --no-trace': [main, 'deploy', run, '--no-trace'],
    deploy: [main, 'deploy', run],
  }
  const looks: Record<string, Look[]> = {}
  try {
    for (let round = 0; round < rounds; round++)
      for (const [name, args] of Object.entries(kinds)) {
        looks[name] = [...(looks[name] ?? []), await look(args)]
        process.stderr.write(`round ${round + 1}/${rounds}: ${name} ${percent(looks[name]?.at(-1)?.cpuRatio as number)}\n`)
      }
  } finally {
    remove()
  }
  const bareLooks = looks['bare'] as Look[]
  const beyond = ({ cpuRatio, inferenceRatio }: Look): number => cpuRatio - inferenceRatio
  const over = (seen: readonly Look[], value: (look: Look) => number): Interval =>
    interval95(seen.map((one, k) => value(one) - value(bareLooks[k] as Look)))
  const document = Object.entries(looks).map(([name, seen]) => ({
    name,
    cpuRatio: interval95(seen.map(({ cpuRatio }) => cpuRatio)),
    inferenceRatio: interval95(seen.map(({ inferenceRatio }) => inferenceRatio)),
    restRatio: interval95(seen.map(beyond)),
    beyondRatio: over(seen, beyond),
    differenceRatio: over(seen, ({ cpuRatio }) => cpuRatio),
    writtenBPerH: interval95(seen.map(({ writtenBPerH }) => writtenBPerH)).mean,
  }))
  print(
    `CPU at ${rateHz} requests/s, of one core; ${rounds} rounds of ${seconds} s`,
    [
      ['', 'CPU', 'in session.run', 'rest', 'rest beyond bare', 'asked: under 1 %', 'CPU beyond bare', 'written an hour'],
      ...document.map(({ name, cpuRatio, inferenceRatio, restRatio, beyondRatio, differenceRatio, writtenBPerH }) => [
        name,
        percent(cpuRatio.mean),
        percent(inferenceRatio.mean),
        percent(restRatio.mean),
        name === 'bare' ? '-' : within(beyondRatio),
        name === 'bare' ? '-' : beyondRatio.mean < 0.01 ? 'met' : 'missed',
        name === 'bare' ? '-' : within(differenceRatio),
        formatQuantity(writtenBPerH, 'size'),
      ]),
    ],
    document,
  )
}

function within({ mean, lo, hi }: Interval): string {
  return `${percent(mean)} [${(100 * lo).toFixed(2)}, ${(100 * hi).toFixed(2)}]`
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(2)} %`
}
