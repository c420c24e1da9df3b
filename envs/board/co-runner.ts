import { gettid, setAffinity } from '../../src/linux/affinity.ts'
import type { CoRunnerTask } from './interfere.ts'

// A program of its own: a busy process with a duty cycle, in bursts. Ends when its parent is gone, however that happened.

const task = JSON.parse(globalThis.process.argv[2] ?? '') as CoRunnerTask
const parent = globalThis.process.ppid
const futex = new Int32Array(new SharedArrayBuffer(4))
const now = (): number => performance.now() / 1000
const sleep = (timeS: number): void => void Atomics.wait(futex, 0, 0, Math.max(0, timeS * 1000))

// Twenty milliseconds: long against a scheduler slice, short against a burst.
const dutyPeriodS = 0.02
const cycleS = task.onS === null ? Number.POSITIVE_INFINITY : task.onS + task.offS
let pinned = -1

const pin = (burst: number): void => {
  const slot = task.move ? task.start + burst : task.start
  const cpu = task.cpus[slot % task.cpus.length] as number
  if (cpu === pinned) return
  setAffinity(gettid(), [cpu])
  pinned = cpu
}

pin(0)
globalThis.process.send?.('ready')
const startS = now() - task.phaseS
while (globalThis.process.ppid === parent) {
  const sinceS = now() - startS
  const burst = task.onS === null ? 0 : Math.floor(sinceS / cycleS)
  const inCycleS = task.onS === null ? 0 : sinceS - burst * cycleS
  if (task.onS !== null && inCycleS >= task.onS) {
    sleep(Math.min(0.1, cycleS - inCycleS))
    continue
  }
  pin(burst)
  const busyUntilS = now() + dutyPeriodS * task.dutyRatio
  while (now() < busyUntilS);
  sleep(dutyPeriodS * (1 - task.dutyRatio))
}
