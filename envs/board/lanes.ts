import { Worker } from 'node:worker_threads'
import { systemClock } from '../../src/core/clock.ts'
import { compiledUrl } from '../../src/core/compiled-url.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { gettid, threadCpuTimeS } from '../../src/linux/affinity.ts'
import { endsOf, largestEnds } from '../../src/network/ends.ts'
import type { Network } from '../../src/network/manifest.ts'
import { type NetworkSession, openSession } from '../../src/network/session.ts'
import { allocateLanes, laneState, mailWords, numberWords, viewLanes } from './lane-memory.ts'
import type { LaneTask } from './lane-worker.ts'
import { makePacer } from './pace.ts'
import { runUnits } from './run-units.ts'

/**
 * Inference threads. Each unit of the network lives in exactly one lane, so that no weight is in memory twice; units in different lanes
 * run side by side. Lane 0 is the calling thread (a wake-up of another thread costs about as much as a small increment), unless
 * every lane must be a thread of its own (a bandwidth group must never hold the governor).
 */
export interface Lanes {
  readonly count: number
  /** Linux thread id of each lane. */
  readonly tids: readonly number[]
  /** Fill before `run`. As long as the largest unit's input: a unit reads as many numbers as it takes from the start. */
  readonly input: Float32Array
  /** Unit u's logits, or all its outputs where they are no class scores, at u * stride, of the last run that included it. */
  readonly logits: Float32Array
  /** Of class scores their number. */
  readonly stride: number
  /** CPU time of a lane's thread so far, s. Of the calling thread when lane 0 is inline: the governor's own work is in it. */
  cpuTimeS(lane: number): number
  /** Runs the units whose bits are set, at relative speed (0, 1]. */
  run(bits: number, speed: number): Promise<void>
  close(): Promise<void>
}

export interface LanesOptions {
  readonly count: number
  readonly inline: boolean
}

export async function makeLanes(network: Network, options: LanesOptions): Promise<Lanes> {
  const unitCount = network.manifest.units.length
  const unitEnds = endsOf(network.manifest)
  const { input: inputSize, output: stride } = largestEnds(unitEnds)
  const count = network.manifest.kind === 'increments' ? Math.min(options.count, unitCount) : 1
  const buffers = allocateLanes(count, inputSize, unitCount, stride)
  const { input, logits, mail, numbers } = viewLanes(buffers)
  // What is copied for the highest unit of a run: increments all take the same, of variants one runs.
  const given = unitEnds.map((each) => input.subarray(0, each.inputSize))
  const unitsOfLane = Array.from({ length: count }, (_, lane) => Array.from({ length: unitCount }, (_, u) => u).filter((u) => u % count === lane))
  const laneBits = unitsOfLane.map((units) => units.reduce((bits, u) => bits | (1 << u), 0))
  const firstWorker = options.inline ? 1 : 0
  const at = (lane: number, word: keyof typeof mailWords): number => lane * mailWords.stride + mailWords[word]

  let failure: unknown
  const ends: Promise<void>[] = []
  for (let lane = firstWorker; lane < count; lane++) {
    // Job 1 is to get ready.
    mail[at(lane, 'job')] = 1
    const task: LaneTask = { lane, networkDir: network.dir, units: unitsOfLane[lane] as number[], buffers }
    const worker = new Worker(compiledUrl('envs/board/lane-worker.js'), { workerData: task, execArgv: [] })
    worker.once('message', (error) => {
      failure ??= error
    })
    worker.once('error', (error) => {
      failure ??= error
      Atomics.store(mail, at(lane, 'state'), laneState.failed)
      Atomics.add(mail, at(lane, 'done'), 1)
      Atomics.notify(mail, at(lane, 'done'))
    })
    ends.push(new Promise((resolve) => worker.once('exit', () => resolve())))
  }

  const settle = async (lane: number): Promise<void> => {
    for (;;) {
      const done = Atomics.load(mail, at(lane, 'done'))
      if (Atomics.load(mail, at(lane, 'state')) === laneState.failed) break
      if (done === mail[at(lane, 'job')]) return
      const waiting = Atomics.waitAsync(mail, at(lane, 'done'), done)
      if (waiting.async) await waiting.value
    }
    // The thread's own words travel by message and come a turn of the event loop later.
    await new Promise((resolve) => setImmediate(resolve))
    throw new FlyballError('ERR_INFERENCE', `inference thread ${lane} failed: ${failure instanceof Error ? failure.message : failure}`, {
      cause: failure,
    })
  }

  let session: NetworkSession | undefined
  const pacer = makePacer(systemClock)
  const close = async (): Promise<void> => {
    for (let lane = firstWorker; lane < count; lane++) {
      mail[at(lane, 'units')] = -1
      Atomics.add(mail, at(lane, 'job'), 1)
      Atomics.notify(mail, at(lane, 'job'))
    }
    await session?.close()
    // They end by themselves: terminating a thread that loads or frees a session takes the whole process down.
    await Promise.all(ends)
  }
  try {
    if (options.inline) session = await openSession(network, { units: unitsOfLane[0] as number[] })
    for (let lane = firstWorker; lane < count; lane++) await settle(lane)
  } catch (error) {
    // The threads that did get ready would keep the process alive.
    await close()
    throw error
  }

  return {
    count,
    tids: Array.from({ length: count }, (_, lane) => (lane < firstWorker ? gettid() : (mail[at(lane, 'tid')] as number))),
    input,
    logits,
    stride,
    cpuTimeS: (lane) => (lane < firstWorker ? threadCpuTimeS() : (numbers[lane * numberWords.stride + numberWords.cpuTimeS] as number)),
    async run(bits, speed) {
      for (let lane = firstWorker; lane < count; lane++) {
        if ((bits & (laneBits[lane] as number)) === 0) continue
        mail[at(lane, 'units')] = bits
        numbers[lane * numberWords.stride + numberWords.speed] = speed
        Atomics.add(mail, at(lane, 'job'), 1)
        Atomics.notify(mail, at(lane, 'job'))
      }
      if (session !== undefined && (bits & (laneBits[0] as number)) !== 0) {
        session.input.set(given[31 - Math.clz32(bits)] as Float32Array)
        await runUnits(session, unitsOfLane[0] as number[], bits, speed, pacer, logits, stride)
      }
      for (let lane = firstWorker; lane < count; lane++) if ((bits & (laneBits[lane] as number)) !== 0) await settle(lane)
    },
    close,
  }
}
