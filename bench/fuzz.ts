import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithItsReader } from '../src/cli/closed-pipe.ts'
import { campaign } from './fuzz/campaign-call.ts'
import { type FuzzReport, fuzz } from './fuzz/fuzz.ts'
import { sum } from './fuzz/ledger.ts'
import type { FuzzedParser } from './fuzz/parser.ts'
import { allParsers } from './fuzz/registry.ts'
import { startWatchdog } from './fuzz/watchdog.ts'
import { asJson, flag } from './support.ts'

// Every parser of files and of kernel text against mutants of valid inputs. Exit status 1 where one crashed; its inputs are kept in --out, and `--parser NAME --from INDEX --inputs 1` tries one again.
// --parser NAME (or the beginning of some) --inputs N --seed S --from INDEX --minutes M (of each parser, at most) --out DIR --json
// With --ledger FILE the inputs of all calls count together (N of each parser, M minutes in all); it ends by SIGTERM or SIGINT at any time and goes on at the next call; --show prints the sums alone.

endWithItsReader()
const inputs = Number(flag('inputs', '20000'))
const seed = Number(flag('seed', '1'))
const from = Number(flag('from', '0'))
const out = flag('out', 'fuzz-crashes')
const wanted = flag('parser', '')
const longestS = 60 * Number(flag('minutes', 'Infinity'))
const nowS = (): number => performance.now() / 1000

const every = allParsers()
const parsers = every.filter(({ name }) => name.startsWith(wanted))
if (parsers.length === 0) {
  process.stderr.write(`--parser ${wanted}: expected one of ${every.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}

const ledgerPath = flag('ledger', '')
if (ledgerPath !== '') {
  const ran = await campaign({ path: ledgerPath, parsers, seed, inputs, longestS, only: process.argv.includes('--show'), keep, asJson })
  for (const { close } of every) close?.()
  process.exit(ran)
}

/** In pieces, so that a long run says how far it is and ends in time. */
async function fuzzInPieces(parser: FuzzedParser, trying: (index: number) => void): Promise<FuzzReport> {
  const piece = Math.min(inputs, 10_000)
  const startS = nowS()
  let whole: FuzzReport | undefined
  for (let done = 0; done < inputs && nowS() - startS < longestS; done += piece) {
    const report = await fuzz(parser, { inputs: Math.min(piece, inputs - done), seed, from: from + done, trying, now: nowS })
    whole = whole === undefined ? report : together(whole, report)
    if (process.stderr.isTTY) process.stderr.write(`\r${parser.name} ${whole.inputs}\u001b[K`)
  }
  return whole as FuzzReport
}

function together(a: FuzzReport, b: FuzzReport): FuzzReport {
  const verdicts = sum(a.verdicts, b.verdicts)
  const slowest = a.slowest.timeS > b.slowest.timeS ? a.slowest : b.slowest
  const crashes = [...a.crashes, ...b.crashes].slice(0, 5)
  return { ...a, inputs: a.inputs + b.inputs, verdicts, crashes, crashed: a.crashed + b.crashed, slowest, timeS: a.timeS + b.timeS }
}

function keep({ parser, crashes }: FuzzReport): void {
  for (const { index, input, error } of crashes) {
    mkdirSync(out, { recursive: true })
    const file = join(out, `${parser}-${seed}-${index}`)
    writeFileSync(file, input)
    process.stderr.write(`CRASH of ${parser}, input ${index} (${file}): ${error}\n`)
  }
}

const reports: FuzzReport[] = []
const watchdog = startWatchdog(
  parsers.map(({ name }) => name),
  `node dist/bench/fuzz.js --seed ${seed}`,
)
for (const [i, parser] of parsers.entries()) {
  const report = await fuzzInPieces(parser, (index) => watchdog.trying(i, index))
  watchdog.trying(-1, 0)
  keep(report)
  reports.push(report)
  if (!asJson) {
    const { verdicts, slowest, timeS } = report
    const shares = Object.entries(verdicts).sort((a, b) => b[1] - a[1])
    const told = shares.map(([verdict, count]) => `${verdict} ${count}`).join(', ')
    const rate = Math.round(report.inputs / timeS)
    process.stdout.write(
      `${parser.name.padEnd(22)} ${String(report.inputs).padStart(8)} inputs ${String(rate).padStart(7)}/s  crashes ${report.crashed}  slowest ${(1e3 * slowest.timeS).toFixed(1)} ms (input ${slowest.index}, ${slowest.sizeB} B)  ${told}\n`,
    )
  }
}
for (const { close } of every) close?.()
await watchdog.stop()
const crashed = reports.reduce((sum, report) => sum + report.crashed, 0)
const peakB = process.resourceUsage().maxRSS * 1024
const document = {
  seed,
  crashed,
  peakB,
  reports: reports.map((report) => ({ ...report, crashes: report.crashes.map(({ index, error }) => ({ index, error })) })),
}
if (asJson) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
else
  process.stdout.write(
    `${reports.length} parsers, ${reports.reduce((sum, report) => sum + report.inputs, 0)} inputs, crashes ${crashed}; peak of resident memory ${(peakB / 2 ** 20).toFixed(0)} MiB\n`,
  )
process.exitCode = crashed > 0 ? 1 : 0
