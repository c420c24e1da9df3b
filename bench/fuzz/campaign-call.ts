import { buildOf } from './build.ts'
import { runCampaign } from './campaign.ts'
import type { FuzzReport } from './fuzz.ts'
import { type Ledger, type LedgerSum, readLedger, sumsOf, writeLedger } from './ledger.ts'
import type { FuzzedParser } from './parser.ts'
import { startWatchdog } from './watchdog.ts'

export interface CampaignCall {
  /** Of the ledger. */
  readonly path: string
  readonly parsers: readonly FuzzedParser[]
  readonly seed: number
  readonly inputs: number
  /** Of this call, s. */
  readonly longestS: number
  /** Print the sums, try nothing. */
  readonly only: boolean
  /** Keeps the inputs of crashes. */
  readonly keep: (report: FuzzReport) => void
  readonly asJson: boolean
}

const cpuS = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** One call of a campaign: goes on from the ledger, which is written after each piece, until all is done, the time is up or a signal ends it. Resolves to the exit status. */
export async function campaign({ path, parsers, seed, inputs, longestS, only, keep, asJson }: CampaignCall): Promise<number> {
  let ledger = readLedger(path)
  if (!only) {
    let ending = false
    const end = (): void => {
      ending = true
    }
    process.on('SIGTERM', end).on('SIGINT', end)
    const startS = performance.now() / 1000
    const watchdog = startWatchdog(
      parsers.map(({ name }) => name),
      `node dist/bench/fuzz.js --seed ${seed}`,
    )
    ledger = await runCampaign(ledger, {
      ...{ parsers, seed, inputs, cpuS, now: () => performance.now() / 1000, trying: watchdog.trying },
      async done(now, report) {
        keep(report)
        writeLedger(path, now)
        // Signals are heard between turns.
        await new Promise((resolve) => setImmediate(resolve))
        return ending || performance.now() / 1000 - startS > longestS
      },
    })
    await watchdog.stop()
  }
  const sums = sumsOf(ledger, new Map(parsers.map((parser) => [parser.name, buildOf(parser)])))
  process.stdout.write(asJson ? `${JSON.stringify({ inputs, sums }, null, 2)}\n` : tableOf(sums, ledger, inputs))
  return sums.some(({ crashed }) => crashed > 0) ? 1 : 0
}

function tableOf(sums: readonly LedgerSum[], ledger: Ledger, wanted: number): string {
  const lines = sums.map(({ parser, inputs, crashed, inputsOfBuild, crashedOfBuild, cpuS, verdicts }) => {
    const accepted = inputsOfBuild === 0 ? 0 : (100 * (verdicts['accepted'] ?? 0)) / inputsOfBuild
    const rate = cpuS > 0 ? Math.round(inputsOfBuild / cpuS) : 0
    const before = inputs > inputsOfBuild ? `  of other builds ${inputs - inputsOfBuild}, crashes ${crashed - crashedOfBuild}` : ''
    return `${parser.padEnd(22)} ${String(inputsOfBuild).padStart(9)} inputs ${String(rate).padStart(7)}/s  accepted ${accepted.toFixed(1).padStart(5)} %  crashes ${crashedOfBuild}${before}\n`
  })
  const total = (of: 'inputs' | 'crashed' | 'inputsOfBuild'): number => sums.reduce((so, one) => so + one[of], 0)
  const whole = sums.filter(({ inputsOfBuild }) => inputsOfBuild >= wanted).length
  const seeds = [...new Set(ledger.entries.map(({ seed }) => seed))].join(', ')
  return `${lines.join('')}${sums.length} parsers, ${whole} with ${wanted} inputs or more; ${total('inputs')} inputs of seed ${seeds}, ${total('inputsOfBuild')} of this build; crashes ${total('crashed')}\n`
}
