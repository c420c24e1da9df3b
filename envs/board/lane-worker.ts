import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../src/core/clock.ts'
import { gettid, threadCpuTimeS } from '../../src/linux/affinity.ts'
import { endsOf } from '../../src/network/ends.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { openSession } from '../../src/network/session.ts'
import { type LaneBuffers, laneState, mailWords, numberWords, viewLanes } from './lane-memory.ts'
import { makePacer } from './pace.ts'
import { runUnits } from './run-units.ts'

// The program of a worker lane: waits on its mailbox, runs its units, says so.

export interface LaneTask {
  readonly lane: number
  readonly networkDir: string
  readonly units: readonly number[]
  readonly buffers: LaneBuffers
}

const { lane, networkDir, units, buffers } = workerData as LaneTask
const { input, logits, mail, numbers } = viewLanes(buffers)
const word = (name: keyof typeof mailWords): number => lane * mailWords.stride + mailWords[name]
const speedAt = lane * numberWords.stride + numberWords.speed
const cpuTimeAt = lane * numberWords.stride + numberWords.cpuTimeS

const finish = (state: number, job: number): void => {
  Atomics.store(mail, word('state'), state)
  Atomics.store(mail, word('done'), job)
  Atomics.notify(mail, word('done'))
}

try {
  const network = openNetwork(networkDir)
  const session = await openSession(network, { units })
  const stride = logits.length / network.manifest.units.length
  const given = endsOf(network.manifest).map((each) => input.subarray(0, each.inputSize))
  const pacer = makePacer(systemClock)
  mail[word('tid')] = gettid()
  numbers[cpuTimeAt] = threadCpuTimeS()
  finish(laneState.ready, 1)
  for (let job = 1; ; job++) {
    Atomics.wait(mail, word('job'), job)
    const bits = Atomics.load(mail, word('units'))
    if (bits < 0) break
    session.input.set(given[31 - Math.clz32(bits)] as Float32Array)
    await runUnits(session, units, bits, numbers[speedAt] as number, pacer, logits, stride)
    numbers[cpuTimeAt] = threadCpuTimeS()
    finish(laneState.ready, job + 1)
  }
  await session.close()
} catch (error) {
  parentPort?.postMessage(error)
  finish(laneState.failed, Atomics.load(mail, word('job')))
}
