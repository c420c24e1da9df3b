import type { AgentInput, Transition } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { makeAxes } from '../bayes/axes.ts'
import { makeCosting } from '../bayes/costing.ts'
import { latencyPrior, powerPrior, priorMean } from '../bayes/prior.ts'
import { makeWaiting } from '../bayes/waiting.ts'
import { makeSurface } from '../linear/surface.ts'
import { type Axis, binOf, type Discretiser, valueOn } from '../maths/discretise.ts'
import { updateLeastSquares } from '../maths/least-squares.ts'
import { makeNoiseVariance, type NoiseVariance } from '../maths/noise-variance.ts'
import { normalBeyond } from '../maths/normal-table.ts'
import { fromPlain, type PlainNumber, toPlain } from '../maths/plain.ts'

/** What is saved of starts. */
export interface StartsData {
  readonly epoch: number
  readonly looks: number
  readonly next: number
  readonly inverse: readonly number[]
  readonly noise: readonly number[]
  /** Looks in every bin of every axis. */
  readonly binned: readonly number[]
  readonly accuracy: readonly PlainNumber[]
  /** What is known now, and as of the epoch. */
  readonly now: readonly number[]
  readonly held: readonly number[]
}

/** Costs that cells of a table start from. */
export interface Starts {
  /** Grows whenever starts have become others, which is after 1, 2, 3, 4, 6, 8, 11, … decisions. 0: nothing is known of any point. */
  readonly epoch: number
  /** Writes the start of every point in a state of the discretiser; `keepsFloor`: no point below the floor is the best where another meets it. No allocation. */
  fill(out: Float64Array, requirements: Requirements, state: number, keepsFloor: boolean): void
  /** The fastest that is not below the floor, by physics. */
  fastest(mask: Mask, requirements: Requirements): number
  /** No allocation. */
  learn(transition: Transition): void
  save(): StartsData
}

// Few enough for a step to cost next to nothing.
const mostFeatures = 28
// Standard deviations of what features leave of a point, of the noise of a look, and of both together.
const residual = 0.06
const noiseOfLook = 0.03
const spread = Math.hypot(residual, noiseOfLook)
const leastNoise = 1e-4
/** Decisions from one epoch to the next, as a factor. */
const epochs = 1.3
// Exponents of the stretch that others cause.
const stretchSlopes = [1, 0.7] as const
const mostShare = 0.95
const binsOfAxis = 4
// An epoch's worth of looks, after which older ones fade.
const mostLooks = 20

/**
 * Latency and energy of points that were not tried in a state, from those that were: regression of the logarithms on the features of linear/surface.ts, beside the prior that physics gives; each point's own
 * looks, in whatever state, count to the share that a residual leaves them; and all is stretched by what others' load was on average in that bin. The objective makes costs of them. Points that were never
 * looked at are held to be faster and cheaper by the share `optimism`.
 */
export function makeStarts(input: AgentInput, { axes: cells, binAt }: Discretiser, optimism: number, data?: StartsData): Starts {
  const { spaces, nominal } = input
  const n = spaces.points.length
  const axes = makeAxes(spaces)
  const { cluster, clusters } = axes
  const { width, rows } = makeSurface(axes, n, mostFeatures)
  const latency = priorMean(axes, latencyPrior, n, axes.logSpeed)
  const power = priorMean(axes, powerPrior, n, axes.logPower)
  const prior = [latency, latency.map((value, i) => value + (power[i] as number))] as const
  const accuracy = Float64Array.from({ length: n }, (_, i) =>
    data === undefined ? (nominal?.[i]?.accuracy ?? Number.NaN) : fromPlain(data.accuracy[i] as PlainNumber),
  )
  const costing = makeCosting(input.objective, accuracy)
  const waiting = makeWaiting(spaces)

  // Coefficients of either logarithm, looks at every point and their mean logarithms beside the prior, means of every bin, noise, whether energy was ever measured.
  const at = { looks: 2 * width, seen: 2 * width + n, means: 2 * width + 3 * n, noise: 2 * width + 3 * n + binsOfAxis * cells.length }
  const energyAt = at.noise + 1
  const now = new Float64Array(energyAt + 1)
  const held = new Float64Array(now.length)
  const inverse = new Float64Array(2 * width * width)
  const binned = new Float64Array(binsOfAxis * cells.length)
  const x = new Float64Array(width)
  const scratch = new Float64Array(width)
  const noise: NoiseVariance = makeNoiseVariance(noiseOfLook ** 2, 6, leastNoise, data?.noise)
  let looks = data?.looks ?? 0
  let next = data?.next ?? 1
  let epoch = data?.epoch ?? 0

  /** Axis on which the load of a cluster is cut into bins; of a board without such monitors that of pressure. */
  const axisOf = Int32Array.from({ length: Math.max(1, clusters.length) }, (_, c) =>
    cells.findIndex(({ monitor }) => monitor === (clusters.length === 0 ? 'pressure' : `${clusters[c]}.interference`)),
  )
  const waitedAxis = cells.findIndex(({ monitor }) => monitor === 'waitedS')

  const coefficient = (known: Float64Array, output: number, i: number): number => {
    let sum = 0
    for (let k = 0; k < width; k++) sum += (known[output * width + k] as number) * (rows[i * width + k] as number)
    return sum
  }

  /** The logarithm beside the prior, on a quiet board. */
  const predicted = (known: Float64Array, output: number, i: number): number => {
    const count = known[at.looks + i] as number
    const own = count / (count + (noiseOfLook / residual) ** 2)
    const shared = own === 1 ? 0 : coefficient(known, output, i)
    return shared + own * ((known[at.seen + output * n + i] as number) - shared)
  }

  const stretchIn = (known: Float64Array, c: number, bin: number): number =>
    (axisOf[c] as number) < 0 ? 0 : -Math.log1p(-Math.min(mostShare, known[at.means + (axisOf[c] as number) * binsOfAxis + bin] as number))

  /** One look at the logarithms beside the prior, on a quiet board; energy may be NaN. */
  const look = (i: number, logLatency: number, logEnergy: number): void => {
    const count = now[at.looks + i] as number
    // Once a point is known its looks say nothing new of the others.
    const tells = count < mostLooks
    if (tells) for (let k = 0; k < width; k++) x[k] = (rows[i * width + k] as number) / spread
    for (let output = 0; output < 2; output++) {
      const value = output === 0 ? logLatency : Number.isNaN(logEnergy) ? predicted(now, 1, i) : logEnergy
      if (tells) updateLeastSquares(inverse, now, output, x, value / spread, scratch)
      const cell = at.seen + output * n + i
      now[cell] = (now[cell] as number) + (value - (now[cell] as number)) / (Math.min(count, mostLooks) + 1)
    }
    now[at.looks + i] = count + 1
    if (!Number.isNaN(logEnergy)) now[energyAt] = 1
  }

  const hold = (): void => {
    now[at.noise] = noise.value
    held.set(now)
    epoch++
  }

  if (data === undefined) {
    for (let output = 0; output < 2; output++) for (let k = 0; k < width; k++) inverse[output * width * width + k * width + k] = 1
    cells.forEach((axis, d) => {
      for (let bin = 0; bin < binsOfAxis; bin++) now[at.means + d * binsOfAxis + bin] = middle(axis, bin)
    })
    nominal?.forEach(({ latencyS, energyJ }, i) => {
      if (!(latencyS > 0)) return
      look(i, Math.log(latencyS) - (latency[i] as number), energyJ > 0 ? Math.log(energyJ) - (prior[1][i] as number) : Number.NaN)
    })
    if (now.subarray(at.looks, at.looks + n).some((count) => count > 0)) hold()
  } else {
    inverse.set(data.inverse)
    binned.set(data.binned)
    now.set(data.now)
    held.set(data.held)
  }

  return {
    get epoch() {
      return epoch
    },
    fill(out, requirements, state, keepsFloor) {
      costing.update(requirements)
      const { perS, penalty, fixed, belowFloor } = costing
      const perJ = held[energyAt] === 1 ? costing.perJ : 0
      const { deadlineS, energyBudgetJ } = requirements
      const waited = waitedAxis < 0 ? 0 : (held[at.means + waitedAxis * binsOfAxis + binAt(state, waitedAxis)] as number)
      const logDeadline = deadlineS === undefined ? Number.POSITIVE_INFINITY : Math.log(deadlineS * Math.max(1e-3, 1 - waited))
      const logBudget = energyBudgetJ === undefined || perJ === 0 ? Number.POSITIVE_INFINITY : Math.log(energyBudgetJ)
      const deviation = Math.sqrt(held[at.noise] as number)
      let leastKept = Number.POSITIVE_INFINITY
      for (let i = 0; i < n; i++) {
        const c = cluster[i] as number
        const stretch = (axisOf[c] as number) < 0 ? 0 : stretchIn(held, c, binAt(state, axisOf[c] as number))
        const hoped = held[at.looks + i] === 0 ? optimism : 0
        const m = (latency[i] as number) + predicted(held, 0, i) + stretchSlopes[0] * stretch - hoped
        const e = (prior[1][i] as number) + predicted(held, 1, i) + stretchSlopes[1] * stretch - hoped
        const broken = Math.max(normalBeyond((logDeadline - m) / deviation), normalBeyond((logBudget - e) / deviation))
        out[i] =
          (fixed[i] as number) +
          (perS === 0 ? 0 : perS * Math.exp(m)) +
          (perJ === 0 ? 0 : perJ * Math.exp(e)) +
          (belowFloor[i] === 1 ? 0 : penalty * broken)
        if (belowFloor[i] === 0) leastKept = Math.min(leastKept, out[i] as number)
      }
      // The penalty is that of the quiet board, which on a busy one anything costs.
      const more = leastKept - penalty
      if (keepsFloor && more > 0 && more < Number.POSITIVE_INFINITY)
        for (let i = 0; i < n; i++) if (belowFloor[i] === 1) out[i] = (out[i] as number) + more
    },
    fastest(mask, requirements) {
      costing.update(requirements)
      const { belowFloor } = costing
      let best = -1
      for (let i = 0; i < n; i++) {
        if (mask[i] !== 1) continue
        const lower = best < 0 ? -1 : (belowFloor[i] as number) - (belowFloor[best] as number)
        if (lower < 0 || (lower === 0 && (latency[i] as number) < (latency[best] as number))) best = i
      }
      return best
    },
    learn({ observation, action, outcome }) {
      if (!(outcome.latencyS > 0)) return
      for (let d = 0; d < cells.length; d++) {
        const axis = cells[d] as Axis
        const value = valueOn(axis, observation)
        const cell = d * binsOfAxis + binOf(value, axis.edges)
        if (Number.isNaN(value)) continue
        const count = Math.min(mostLooks, (binned[cell] as number) + 1)
        binned[cell] = count
        now[at.means + cell] = (now[at.means + cell] as number) + (value - (now[at.means + cell] as number)) / (count + 1)
      }
      const c = cluster[action] as number
      const axis = axisOf[c] as number
      const share = axis < 0 ? 0 : valueOn(cells[axis] as Axis, observation)
      const stretch = Number.isNaN(share) ? stretchIn(now, c, (cells[axis] as Axis).edges.length + 1) : -Math.log1p(-Math.min(mostShare, share))
      const logLatency = Math.log(waiting.serviceS(observation, outcome.latencyS)) - (latency[action] as number) - stretchSlopes[0] * stretch
      const logEnergy = outcome.energyJ > 0 ? Math.log(outcome.energyJ) - (prior[1][action] as number) - stretchSlopes[1] * stretch : Number.NaN
      if ((now[at.looks + action] as number) > 0) noise.update(logLatency - predicted(now, 0, action), 0)
      look(action, logLatency, logEnergy)
      looks++
      if (looks < next) return
      next = Math.max(looks + 1, Math.ceil(looks * epochs))
      hold()
    },
    save: () => ({
      epoch,
      looks,
      next,
      inverse: Array.from(inverse),
      noise: noise.save(),
      binned: Array.from(binned),
      accuracy: Array.from(accuracy, toPlain),
      now: Array.from(now),
      held: Array.from(held),
    }),
  }
}

/** What a bin stands for before anything was seen in it: the first for nothing, an absent value for a little. */
function middle({ edges }: Axis, bin: number): number {
  if (bin > edges.length) return 0.05
  if (bin === 0) return 0
  const low = edges[bin - 1] as number
  return (low + (edges[bin] ?? low + 0.4)) / 2
}
