import { makeSpaces, type Spaces } from '../../src/core/spaces.ts'
import { type Axes, makeAxes } from './axes.ts'
import { type BeliefData, makeBelief } from './belief.ts'
import { type Carried, carryField, type EarlierLook } from './carried.ts'
import { findKinship } from './kinship.ts'
import { type FieldPrior, latencyPrior, powerPrior } from './prior.ts'
import type { Quantity, QuantityData } from './quantity.ts'

/** What was learned of one quantity, by point of the earlier board. */
interface EarlierQuantity extends Pick<QuantityData, 'noise'> {
  /** By cluster: exponent of the load, and its variance. */
  readonly slopes: readonly (readonly number[])[]
  readonly looks: readonly EarlierLook[]
}

type SavedBelief = BeliefData & { readonly looks: number }

/** All that is taken over of an earlier checkpoint, as plain JSON: saved with what is learned from there on, so that a resumed agent needs no other file. */
export interface Source {
  readonly spaces: Pick<Spaces, 'knobs' | 'points' | 'featureNames' | 'monitors'> & { readonly features: readonly (readonly number[])[] }
  readonly latency: EarlierQuantity
  readonly power: EarlierQuantity
}

/** Reads what an earlier agent saw off its state; what that one had taken over itself (`own`) is not handed on. */
export function sourceOf(spaces: Spaces, settings: { rank: number; drift: number }, saved: SavedBelief, own: Source | undefined): Source {
  const belief = makeBelief({ spaces }, { ...settings, carried: own && ((axes) => carry(own, spaces, axes)) }, saved)
  const width = spaces.featureNames.length
  const { knobs, points, featureNames, monitors } = spaces
  return {
    spaces: {
      knobs,
      points,
      featureNames,
      monitors: monitors.map(({ name, low, high }) => ({ name, low, high })),
      features: points.map((_, i) => Array.from(spaces.features.subarray(i * width, (i + 1) * width))),
    },
    latency: quantityOf(belief.latency),
    power: quantityOf(belief.power),
  }
}

function quantityOf({ field, save }: Quantity): EarlierQuantity {
  const { noise, responses } = save()
  const looks = Array.from(field.precision, (precision, i): EarlierLook => [i, field.seenAt(i), precision])
  return {
    looks: looks.filter(([, , precision]) => precision > 0),
    noise,
    slopes: responses.map(([, slope = 1, , , variance = 0]) => [slope, variance]),
  }
}

// How far it is believed before anything is seen here that the earlier board is a guide, wholly or by half, and that it is none.
const trusts = [
  { share: 1, trust: 0.7 },
  { share: 0.5, trust: 0.2 },
]
const doubt = 0.1
// Looks that the noise of an earlier board counts for.
const noiseLooks = 12

/** The earlier board's say about the points here. */
export function carry(source: Source, spaces: Spaces, axes: Axes): { latency: Carried; power: Carried } {
  const earlier = makeSpaces(source.spaces)
  const oldAxes = makeAxes(earlier)
  const kinship = findKinship({ spaces: earlier, axes: oldAxes }, { spaces, axes })
  const of = (prior: FieldPrior, { looks, noise, slopes }: EarlierQuantity, told: (axes: Axes) => Float64Array | undefined): Carried => ({
    beliefs: trusts.map(({ share, trust }) => ({
      ...carryField({
        prior,
        earlier: { axes: oldAxes, points: earlier.points.length, told: told(oldAxes), looks },
        here: { axes, points: spaces.points.length, told: told(axes) },
        kinship,
        share,
      }),
      logTrust: Math.log(trust),
    })),
    logDoubt: Math.log(doubt),
    noise: noise.map(([nu = 1, sum = 0]) => [Math.min(nu, noiseLooks), (sum / nu) * Math.min(nu, noiseLooks)]),
    slopes: Array.from(kinship.clusterOf, (c, here) =>
      c < 0 ? undefined : { saved: slopes[c] as readonly number[], likeness: kinship.clusterLikeness[here] as number },
    ),
  })
  return {
    latency: of(latencyPrior, source.latency, ({ logSpeed }) => logSpeed),
    power: of(powerPrior, source.power, ({ logPower }) => logPower),
  }
}
