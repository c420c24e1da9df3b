import { systemClock } from '../src/core/clock.ts'
import { getAffinity, gettid } from '../src/linux/affinity.ts'
import { makeAllowedCpus } from '../src/linux/allowed-cpus.ts'
import { makeOnlineCpus } from '../src/linux/online.ts'
import { flag, print, quantile, time } from './support.ts'

// Asking with every decision which cores there are: the system call on a thread that nobody pins, and for comparison the kernel's file of online cores.
// Warm, one after the other; and after an idle gap, as at 30 requests a second, when the caches are cold.

const warmCalls = Number(flag('calls', '20000'))
const coldCalls = Number(flag('cold', '300'))
const gapS = 1 / 30

const cpuCount = 1 + Math.max(...getAffinity(0))
const allowed = makeAllowedCpus(cpuCount, [gettid()])
const online = makeOnlineCpus('/', cpuCount)
if (allowed === undefined || online === undefined) throw new Error('this machine says nothing about its cores')

const timed = (call: () => unknown): number => {
  const beganS = systemClock.now()
  call()
  return systemClock.now() - beganS
}

const rows: string[][] = [['question', 'pace', 'p50', 'p95', 'n']]
const document: unknown[] = []
for (const [question, call] of [
  ['affinity of a free thread', () => allowed.sample()],
  ['file of online cores', () => online.sample()],
] as const) {
  const warmS = Array.from({ length: warmCalls }, () => timed(call))
  const coldS: number[] = []
  for (let i = 0; i < coldCalls; i++) {
    await systemClock.sleepUntil(systemClock.now() + gapS)
    coldS.push(timed(call))
  }
  for (const [pace, samplesS] of [
    ['warm', warmS],
    ['after 33 ms idle', coldS],
  ] as const) {
    const [p50S, p95S] = [quantile(samplesS, 0.5), quantile(samplesS, 0.95)]
    rows.push([question, pace, time(p50S), time(p95S), `${samplesS.length}`])
    document.push({ question, pace, p50S, p95S, n: samplesS.length })
  }
}
online.close()
print('which cores there are', rows, document)
