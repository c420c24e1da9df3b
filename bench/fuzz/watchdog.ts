import { Worker } from 'node:worker_threads'

/** Processor time of one input after which it counts as a hang, s. */
export const patienceS = 20
/** Longest that one input may take where it only waits, or the machine is busy, s. */
const longestS = 300

/** Told which input is being tried; where that does not change for too long, it says so on standard error and ends the process with status 1. */
export interface Watchdog {
  /** `parser` is an index into the names. */
  trying(parser: number, index: number): void
  stop(): Promise<unknown>
}

// As text, because a worker of its own file would have to be found in the sources and in what is built of them.
const code = `
const { workerData, parentPort } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const { shared, names, patienceS, longestS, again } = workerData
const now = new Float64Array(shared)
const cpuS = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6 }
let before = ''
let sinceCpuS = 0
let ticks = 0
setInterval(() => {
  const at = now.join()
  if (at !== before || now[0] < 0) { before = at; sinceCpuS = cpuS(); ticks = 0; return }
  // Ticks, because a process that was stopped for a while did not hang.
  ticks++
  if (cpuS() - sinceCpuS < patienceS && ticks / 2 < longestS) return
  writeSync(2, 'HANG in ' + names[now[0]] + ', input ' + now[1] + ': ' + again + ' --parser ' + names[now[0]] + ' --from ' + now[1] + ' --inputs 1\\n')
  process.kill(process.pid, 'SIGKILL')
}, 500)
`

/** `again` is the command that tries an input again, but for parser and index. */
export function startWatchdog(names: readonly string[], again: string): Watchdog {
  const shared = new SharedArrayBuffer(16)
  const now = new Float64Array(shared).fill(-1)
  const worker = new Worker(code, { eval: true, workerData: { shared, names, patienceS, longestS, again } })
  return {
    trying(parser, index) {
      now[0] = parser
      now[1] = index
    },
    stop: () => worker.terminate(),
  }
}
