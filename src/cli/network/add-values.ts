import { readFileSync } from 'node:fs'
import { FlyballError } from '../../core/errors.ts'
import { parseNumber } from '../options.ts'

/** `0.71` for each name in order, or `NAME=0.71`. Throws ERR_USAGE naming what is missing, ERR_RANGE. */
export function accuraciesOf(values: readonly string[], names: readonly string[]): number[] {
  const ratio = (text: string): number => parseNumber(text, '--accuracy', 0, 1)
  const expected = `expected --accuracy NAME=RATIO for each of ${names.join(', ')}, or ${names.length} ratios in order`
  if (values.every((value) => !value.includes('='))) {
    if (values.length !== names.length) throw new FlyballError('ERR_USAGE', `--accuracy is given ${values.length} times, ${expected}`)
    return values.map(ratio)
  }
  const named = new Map(values.map((value) => splitNamed(value, '--accuracy', names, expected)))
  return names.map((name) => {
    const value = named.get(name)
    if (value === undefined) throw new FlyballError('ERR_USAGE', `--accuracy of ${name} is missing, ${expected}`)
    return ratio(value)
  })
}

/** `224`, `480x640` or `NAME=320`: what holds for a file. Throws ERR_USAGE. */
export function sizesOf(values: readonly string[], names: readonly string[]): (name: string) => readonly [number, number] | undefined {
  const named = new Map<string, readonly [number, number]>()
  let all: readonly [number, number] | undefined
  for (const value of values) {
    if (!value.includes('=')) {
      all = parseSize(value)
      continue
    }
    const [name, size] = splitNamed(value, '--size', names, `expected NAME=PX with one of ${names.join(', ')}`)
    named.set(name, parseSize(size))
  }
  return (name) => named.get(name) ?? all
}

/** The last `=` parts, because file names may hold one. */
function splitNamed(value: string, option: string, names: readonly string[], expected: string): [name: string, value: string] {
  const at = value.lastIndexOf('=')
  const name = value.slice(0, Math.max(0, at))
  if (!names.includes(name)) throw new FlyballError('ERR_USAGE', `${option}: '${value}' names none of the files, ${expected}`)
  return [name, value.slice(at + 1)]
}

function parseSize(text: string): [number, number] {
  const [, high, wide] = /^(\d+)(?:x(\d+))?$/.exec(text.trim()) ?? []
  const size: [number, number] = [Number(high), Number(wide ?? high)]
  if (!size.every((px) => px > 0 && px <= 1e5))
    throw new FlyballError('ERR_USAGE', `--size: '${text}' is no size in px, expected 224 or 480x640 (height x width)`)
  return size
}

/** `0.485,0.456,0.406`. Throws ERR_USAGE. */
export function numbersOf(text: string | undefined, option: string, kind: 'any' | 'positive' = 'any'): number[] | undefined {
  if (text === undefined) return undefined
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (!numbers.every((x) => Number.isFinite(x) && (kind === 'any' || x > 0)))
    throw new FlyballError(
      'ERR_USAGE',
      `${option}: '${text}' is no list of numbers${kind === 'any' ? '' : ' above 0'}, expected one, or one a channel: 0.5,0.5,0.5`,
    )
  return numbers
}

/** A number or a fraction, as `1/255`. Throws ERR_USAGE. */
export function scaleOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [over = '', under = '1', ...more] = text.split('/')
  const scale = more.length > 0 || over.trim() === '' || under.trim() === '' ? Number.NaN : Number(over) / Number(under)
  if (!(scale > 0 && Number.isFinite(scale))) throw new FlyballError('ERR_USAGE', `--scale: '${text}' is no number above 0, expected e.g. 1/255 or 1`)
  return scale
}

/** Names, one a line; the last line may be empty. Throws ERR_DATASET. */
export function readLabels(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_DATASET', `--labels: ${path} cannot be read, expected one class name a line: ${(error as Error).message}`, {
      cause: error,
    })
  }
  const names = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim())
  const wrong = names.findIndex((name, i) => name === '' || names.indexOf(name) !== i)
  if (wrong >= 0)
    throw new FlyballError(
      'ERR_DATASET',
      `--labels: line ${wrong + 1} of ${path} is ${names[wrong] === '' ? 'empty' : `'${names[wrong]}' again`}, expected a name of its own a line`,
    )
  return names
}
