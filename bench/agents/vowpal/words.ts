import type { Knob, Observation, OperatingPoint, Spaces } from '../../../src/core/spaces.ts'

/** What Vowpal Wabbit is told apart by: knobs and features of a point, beside them a name of its own where `ids`. */
export function actionLines(spaces: Spaces, ids: boolean): string[] {
  const { knobs, points, featureNames, features } = spaces
  const columns = featureNames.map((_, i) => points.map((_, a) => features[a * featureNames.length + i] as number))
  const largest = columns.map((column) => Math.max(...column.map(Math.abs)) || 1)
  return points.map((point, a) => {
    const words = [
      ...knobs.flatMap((knob) => ofKnob(knob, point)),
      ...featureNames.map((name, i) => weighed(name, (columns[i]?.[a] as number) / (largest[i] as number))),
    ]
    return `|a ${words.join(' ')}${ids ? ` |i p${a}` : ''}`
  })
}

/** A number beside its highest value, as it is and inverted (1/f is what latency goes by); a word as itself. */
function ofKnob({ name, values }: Knob, point: OperatingPoint): string[] {
  const value = point[name] as number | string
  const numbers = values.filter((one): one is number => typeof one === 'number' && one > 0)
  if (typeof value !== 'number' || numbers.length === 0) return [plain(`${name}=${value}`)]
  const high = Math.max(...numbers)
  return value > 0 ? [weighed(name, value / high), weighed(`1/${name}`, Math.min(...numbers) / value)] : [plain(`${name}=${value}`)]
}

/** Monitors over their range; what is absent is left out. */
export function sharedLine({ monitors }: Spaces, observation: Observation): string {
  const words = monitors.flatMap(({ name, low, high }, i) => {
    const value = observation[i] as number
    return Number.isNaN(value) ? [] : [weighed(name, (value - low) / (high - low || 1))]
  })
  return `|s ${words.join(' ')}`
}

const weighed = (name: string, value: number): string => `${plain(name)}:${Number(value.toPrecision(6))}`

// Blanks, colons and bars mean something in its text format.
const plain = (name: string): string => name.replace(/[\s:|]/g, '_')
