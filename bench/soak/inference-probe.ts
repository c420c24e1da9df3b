import '../../src/network/no-telemetry.ts'
import { writeSync } from 'node:fs'
import { InferenceSession } from 'onnxruntime-node'
import { systemClock } from '../../src/core/clock.ts'
import { threadCpuTimeS } from '../../src/linux/affinity.ts'

// Loaded before a program (node --import): books the CPU time of every `session.run`, from the call to its answer, and says on SIGUSR2, on descriptor 3, how much that was and how much the whole process took.

/** Since the start of the process. */
export interface ProbeAnswer {
  readonly timeS: number
  /** Of all threads, s. */
  readonly cpuS: number
  /** Of `session.run`, on the main thread, s. */
  readonly inferenceS: number
  readonly runs: number
}

const booked = { inferenceS: 0, runs: 0 }
const { prototype } = InferenceSession as unknown as { prototype: InferenceSession }
const { run } = prototype

prototype.run = async function (this: InferenceSession, ...words: unknown[]) {
  const beganS = threadCpuTimeS()
  const answer = await (run as (...all: unknown[]) => ReturnType<InferenceSession['run']>).apply(this, words)
  booked.inferenceS += threadCpuTimeS() - beganS
  booked.runs++
  return answer
}

process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage()
  const answer: ProbeAnswer = { timeS: systemClock.now(), cpuS: (user + system) / 1e6, ...booked }
  writeSync(3, `${JSON.stringify(answer)}\n`)
})
