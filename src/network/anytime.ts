import { FlyballError } from '../core/errors.ts'
import { addLogits, confidenceOf, indexOfLargest, unitBits } from './answer.ts'
import type { Network } from './manifest.ts'
import { makeRoundTimes } from './round-times.ts'
import type { NetworkSession } from './session.ts'

/** What ended an anytime inference: the size that was allowed, an answer that was sure enough, or no time for more. */
export type AnytimeStop = 'size' | 'confidence' | 'deadline'

/** Computes units: a session in this thread, or the inference threads of a governed board. */
export interface UnitRunner {
  /** Unit u's logits at u * classes, of the last run that included it. */
  readonly logits: Float32Array
  /** Runs the units whose bits are set. `speed` in (0, 1] is that of a virtual OPP. */
  run(bits: number, speed: number): Promise<void>
}

/** What is asked of one inference. May be reused and changed between calls. */
export interface AnytimeRequest {
  /** Largest sub-network that may run: an index into the manifest's. */
  most: number
  /** An answer at least this sure ends it, in [0, 1]; Infinity: none does. */
  confidence: number
  /** Time of the clock by which the answer should be there, s; Infinity: none. */
  deadlineS: number
  /** Sub-networks that a round goes up by: with increments side by side, looking at the answer after each would leave threads without work. Default 1. */
  stride?: number
  /** Of a virtual OPP. Default 1. */
  speed?: number
  /** Which of the `places` of makeAnytime: times learned at one do not count at another. Default 0. */
  place?: number
}

/** An answer so far: valid after every round. Reused by the next call. */
export interface AnytimeAnswer {
  readonly logits: Float32Array
  /** Index of the likeliest class; -1 of a network without class scores. */
  label: number
  /** Sub-network that answered. */
  subnet: number
  /** Softmax of the answer at that sub-network's temperature, in [0, 1]: calibrated (Guo et al., "On calibration of modern neural networks", 2017); NaN without class scores. */
  confidence: number
  stop: AnytimeStop
  /** True when the picture decided where it ended: then not the sub-network's accuracy but the confidence is what to expect of this answer. */
  selected: boolean
}

export interface Anytime {
  readonly answer: AnytimeAnswer
  /**
   * Runs increment after increment until the size, the confidence or the deadline ends it. The first round always runs. Before each further one its time is forecast,
   * and when it would not end in time the answer so far is given. Throws ERR_INFERENCE; ERR_USAGE for variants asked to stop early, because they do not add up.
   */
  infer(request: AnytimeRequest): Promise<AnytimeAnswer>
}

/**
 * Early exit over increments: stop at the first answer that is sure enough (Teerapittayanon, McDanel and Kung, "BranchyNet: fast inference via early exiting from
 * deep neural networks", 2016, with the calibrated confidence in place of the entropy), or when the deadline is at hand. The caller fills the runner's input.
 * `now` is the clock that deadlines refer to, s. Nothing is allocated per call beyond promises.
 */
export function makeAnytime(network: Network, runner: UnitRunner, now: () => number, places = 1): Anytime {
  const { subnets, output, kind } = network.manifest
  const bits = subnets.map((_, s) => unitBits(network, s))
  const times = makeRoundTimes(places, subnets.length)
  const answer: AnytimeAnswer = { logits: new Float32Array(output.classes), label: 0, subnet: 0, confidence: 0, stop: 'size', selected: false }

  const conclude = (subnet: number): void => {
    answer.subnet = subnet
    if (output.classes === 0) {
      answer.label = -1
      answer.confidence = Number.NaN
      return
    }
    addLogits(runner.logits, bits[subnet] as number, answer.logits)
    answer.label = indexOfLargest(answer.logits)
    answer.confidence = confidenceOf(answer.logits, subnets[subnet]?.temperature as number)
  }

  return {
    answer,
    async infer({ most, confidence, deadlineS, stride = 1, speed = 1, place = 0 }) {
      const early = Number.isFinite(confidence) || Number.isFinite(deadlineS)
      if (kind === 'variants' && early)
        throw new FlyballError('ERR_USAGE', `${network.manifest.name} has variants, which do not add up: anytime needs a network of increments`)
      const step = early ? stride : subnets.length
      let subnet = Math.min(most, step - 1)
      let done = 0
      let lastMacs = 0
      answer.selected = subnet < most && Number.isFinite(confidence)
      for (;;) {
        const startS = now()
        await runner.run((bits[subnet] as number) & ~done, speed)
        done = bits[subnet] as number
        conclude(subnet)
        const endS = now()
        const macs = subnets[subnet]?.macs as number
        // A size that ran whole, with nothing to end it, says nothing about rounds.
        if (early) times.took(place, subnet, endS - startS)
        if (subnet === most) {
          answer.stop = 'size'
          return answer
        }
        if (answer.confidence >= confidence) {
          answer.stop = 'confidence'
          return answer
        }
        const next = Math.min(most, subnet + step)
        // What the round just run says of the next: the same speed for so many more multiply-accumulates.
        const scaledS = ((endS - startS) * ((subnets[next]?.macs as number) - macs)) / (macs - lastMacs)
        if (endS + times.forecast(place, next, scaledS) > deadlineS) {
          times.passed(place, next, scaledS)
          answer.stop = 'deadline'
          return answer
        }
        lastMacs = macs
        subnet = next
      }
    },
  }
}

/** A session in this thread as a runner of units; fill `session.input` before each inference. */
export function sessionRunner(network: Network, session: NetworkSession): UnitRunner {
  const { units, output } = network.manifest
  const logits = new Float32Array(units.length * output.classes)
  return {
    logits,
    async run(bits) {
      for (let u = 0; u < units.length; u++) if ((bits & (1 << u)) !== 0) logits.set(await session.run(u), u * output.classes)
    },
  }
}
