import { describePoint, type Knob, type OperatingPoint, type Spaces } from '../core/spaces.ts'
import { formatQuantity } from '../core/units.ts'

/** Names operating points for people: `big at 1.4 GHz, 2 cores, 50 % net`. What all points have in common is left out; where that leaves two alike, every knob is named. */
export function pointNames({ knobs, points }: Pick<Spaces, 'knobs' | 'points'>): (action: number) => string {
  const differing = knobs.filter((knob) => new Set(points.map((point) => point[knob.name])).size > 1)
  const brief = points.map((point) => briefName(point, differing))
  const names = new Set(brief).size === points.length ? brief : points.map(describePoint)
  return (action) => names[action] ?? `point ${action}`
}

function briefName(point: OperatingPoint, knobs: readonly Knob[]): string {
  const cluster = knobs.find(({ kind }) => kind === 'cluster')
  const home = cluster === undefined ? undefined : `${point[cluster.name]}`
  const ofKind = (kind: Knob['kind']): Knob[] => knobs.filter((knob) => knob.kind === kind)
  const clocks = ofKind('frequency').filter((knob) => typeof point[knob.name] === 'number')
  const own = clocks.filter(({ domain }) => domain === home).map((knob) => `at ${clockText(point, knob)}`)
  const others = clocks.filter(({ domain }) => domain !== home).map((knob) => `${domainOf(knob)} ${clockText(point, knob)}`)
  return [
    ...(home === undefined ? [] : [[home, ...own].join(' ')]),
    ...others,
    ...ofKind('cores').map((knob) => (point[knob.name] === 1 ? '1 core' : `${point[knob.name]} cores`)),
    ...ofKind('other').map((knob) => `${knob.name} ${point[knob.name]}`),
    ...ofKind('subnet').map((knob) => subnetText(point[knob.name], knob)),
  ].join(', ')
}

function clockText(point: OperatingPoint, { name, unit }: Knob): string {
  const value = point[name] as number
  return unit === 'Hz' || /freqHz$/i.test(name) ? formatQuantity(value, 'frequency', 4) : `${Number((100 * value).toPrecision(3))} % speed`
}

const domainOf = ({ name, domain }: Knob): string => domain ?? name.replace(/\.?freqHz$/i, '')

/** Sizes that are shares of a whole are said so. */
function subnetText(value: number | string | undefined, { values }: Knob): string {
  const sizes = values.map(Number)
  return sizes.every((size) => size > 0 && size <= 100) && Math.max(...sizes) === 100 ? `${value} % net` : `net ${value}`
}
