/** Memory that the lanes of one network share: the input, every unit's logits, and a mailbox per lane. */
export interface LaneMemory {
  readonly input: Float32Array
  /** Unit u's logits, or all its outputs, at u * stride. */
  readonly logits: Float32Array
  /** Per lane: job number, jobs done, units to run as bits, state, thread id. */
  readonly mail: Int32Array
  /** Per lane: speed to run at, CPU time of the thread so far (s). */
  readonly numbers: Float64Array
}

/** What a worker thread is given to find the same memory. */
export interface LaneBuffers {
  readonly input: SharedArrayBuffer
  readonly logits: SharedArrayBuffer
  readonly mail: SharedArrayBuffer
  readonly numbers: SharedArrayBuffer
}

export const mailWords = { job: 0, done: 1, units: 2, state: 3, tid: 4, stride: 8 } as const
export const numberWords = { speed: 0, cpuTimeS: 1, stride: 2 } as const
export const laneState = { starting: 0, ready: 1, failed: 2 } as const

export function allocateLanes(lanes: number, inputSize: number, units: number, stride: number): LaneBuffers {
  return {
    input: new SharedArrayBuffer(inputSize * 4),
    logits: new SharedArrayBuffer(units * stride * 4),
    mail: new SharedArrayBuffer(lanes * mailWords.stride * 4),
    numbers: new SharedArrayBuffer(lanes * numberWords.stride * 8),
  }
}

export function viewLanes(buffers: LaneBuffers): LaneMemory {
  return {
    input: new Float32Array(buffers.input),
    logits: new Float32Array(buffers.logits),
    mail: new Int32Array(buffers.mail),
    numbers: new Float64Array(buffers.numbers),
  }
}
