import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../src/core/clock.ts'
import { interval95 } from '../src/core/statistics.ts'
import { formatQuantity } from '../src/core/units.ts'
import { setAffinity } from '../src/linux/affinity.ts'
import { openNetwork } from '../src/network/manifest.ts'
import { makeNetworkSample } from '../src/network/sample-input.ts'
import { openSession } from '../src/network/session.ts'
import { networkDir } from '../src/run/shipped.ts'
import { trainRun } from './soak/board.ts'
import { cpuTimeS, writtenB } from './soak/process-files.ts'
import { flag, network, print } from './support.ts'

// CPU that `flyball deploy` takes beyond inference itself, as a share of one core (asked: under 1 %), and bytes that it writes, with and without a trace. Baseline: a process that does nothing
// but session.run over the same increments at the same pace, in turns with it. What is asked leaves one operating point, so that both run the same inference on the same core.
// --rate 30 --rounds 5 --seconds 20 (each look) --warm-up 4 --cpu 1 --agent bayes --steps 200 (training) --json. Beside other work the figures say nothing.

const rateHz = Number(flag('rate', '30'))
const rounds = Number(flag('rounds', '5'))
const seconds = Number(flag('seconds', '20'))
const warmUpS = Number(flag('warm-up', '4'))
const cpu = Number(flag('cpu', '1'))

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
  readonly writtenBPerH: number
}

/** Starts it, lets it warm up, looks at it for a while from outside, and ends it. */
async function look(args: readonly string[]): Promise<Look> {
  const child: ChildProcess = spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const pid = child.pid as number
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2000)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  try {
    await pause(warmUpS)
    const before = { timeS: systemClock.now(), cpuS: cpuTimeS(pid), bytes: writtenB(pid) }
    await pause(seconds)
    const after = { timeS: systemClock.now(), cpuS: cpuTimeS(pid), bytes: writtenB(pid) }
    if (before.cpuS === undefined || after.cpuS === undefined) throw new Error(`it ended too early: ${said}`)
    const spanS = after.timeS - before.timeS
    return {
      cpuRatio: (after.cpuS - before.cpuS) / spanS,
      writtenBPerH: (((after.bytes ?? Number.NaN) - (before.bytes ?? Number.NaN)) / spanS) * 3600,
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
  const document = Object.entries(looks).map(([name, seen]) => ({
    name,
    cpuRatio: interval95(seen.map(({ cpuRatio }) => cpuRatio)),
    beyondRatio: interval95(seen.map(({ cpuRatio }, k) => cpuRatio - (bareLooks[k] as Look).cpuRatio)),
    writtenBPerH: interval95(seen.map(({ writtenBPerH }) => writtenBPerH)).mean,
  }))
  print(
    `CPU at ${rateHz} requests/s, of one core; ${rounds} rounds of ${seconds} s`,
    [
      ['', 'CPU', 'beyond inference', '95 % interval', 'asked: under 1 %', 'written an hour'],
      ...document.map(({ name, cpuRatio, beyondRatio, writtenBPerH }) => [
        name,
        percent(cpuRatio.mean),
        name === 'bare' ? '-' : percent(beyondRatio.mean),
        name === 'bare' ? '-' : `${percent(beyondRatio.lo)} to ${percent(beyondRatio.hi)}`,
        name === 'bare' ? '-' : beyondRatio.mean < 0.01 ? 'met' : 'missed',
        formatQuantity(writtenBPerH, 'size'),
      ]),
    ],
    document,
  )
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(2)} %`
}
